using Leftover.Models;
using Leftover.Reference;
using Leftover.Runs;
using Leftover.Tests.Models;

namespace Leftover.Tests.Reference;

public sealed class PromptStateStoreTests : IDisposable
{
    private static readonly int[][] s_prompts = [[1, 2, 3], [4], [5, 6, 7, 8, 9]];

    private readonly string _folder = Directory.CreateTempSubdirectory("leftover-states").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_second_opening_computes_nothing_and_reads_the_same_bits()
    {
        float[][] fresh, stored;
        var first = new Work();
        using (PromptStateStore store = Open()) fresh = StatesOf(store, first);
        var second = new Work();
        using (PromptStateStore store = Open()) stored = StatesOf(store, second);

        Assert.Equal((1, 0), (first.Begun, second.Begun));
        Assert.Equal(fresh, stored);
        Assert.Equal([3 * 24, 24, 5 * 24], fresh.Select(states => states.Length));
        Assert.DoesNotContain(fresh, states => states.All(value => value == 0));
    }

    [Fact]
    public void Another_models_states_are_not_taken()
    {
        using (PromptStateStore store = Open()) StatesOf(store, new Work());
        using PromptStateStore other = Open("another model");
        Assert.True(other.Misses(s_prompts));
    }

    [Fact]
    public void A_torn_end_costs_the_last_prompt_alone()
    {
        using (PromptStateStore store = Open()) StatesOf(store, new Work());
        using (FileStream file = File.OpenWrite(File_)) file.SetLength(file.Length - 3);
        using PromptStateStore again = Open();
        Assert.Equal([true, true, false], s_prompts.Select(again.Contains));
        StatesOf(again, new Work());
        Assert.False(again.Misses(s_prompts));
    }

    [Fact]
    public void Damaged_states_are_not_used()
    {
        using (PromptStateStore store = Open()) StatesOf(store, new Work());
        byte[] bytes = File.ReadAllBytes(File_);
        bytes[100] ^= 1;                                 // in the first prompt's numbers
        File.WriteAllBytes(File_, bytes);
        using PromptStateStore again = Open();
        Assert.Contains("were damaged", Assert.Throws<IOException>(() => again.Read(s_prompts[0], new float[3 * 24])).Message);
        again.Read(s_prompts[1], new float[24]);
    }

    [Fact]
    public void Another_file_is_left_as_it_is()
    {
        File.WriteAllText(File_, "my own notes");
        Assert.Contains("is no cache of prompt states", Assert.Throws<IOException>(() => Open()).Message);
        Assert.Equal("my own notes", File.ReadAllText(File_));
    }

    private string File_ => Path.Combine(_folder, "model.states");

    private PromptStateStore Open(string model = "a model") => new(File_, model, width: 24);

    private static float[][] StatesOf(PromptStateStore store, Work work)
    {
        using LanguageModel model = TinyModels.Llama();
        store.Compute(model, s_prompts, maxTokens: 4, work, CancellationToken.None);
        return Array.ConvertAll(s_prompts, prompt =>
        {
            var states = new float[prompt.Length * store.Width];
            store.Read(prompt, states);
            return states;
        });
    }

    private sealed class Work : IRunObserver
    {
        public int Begun { get; private set; }

        public IWorkProgress Begin(string title, long total, string unit)
        {
            Begun++;
            return SilentObserver.Instance;
        }

        public void Say(string line) { }

        public void Warn(string line) { }
    }
}
