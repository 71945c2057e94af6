using Leftover.Generation;
using Leftover.Models;
using Leftover.Tensors;
using Leftover.Tensors.Kernels;
using Leftover.Tests.Models;

namespace Leftover.Tests.Generation;

/// <summary>What generation promises must hold whatever the weights are read as; prompts here are longer than a block of the cache.</summary>
[Collection("Threads")]
public sealed class WeightStorageTests : IDisposable
{
    private static readonly LlamaConfig s_config = TinyModels.LlamaConfig with { ContextLength = 400 };
    private static readonly GenerationOptions s_drawn = new() { MaxNewTokens = 70, DoSample = true, Temperature = 1.3f, TopP = 0.97f, EosTokenId = [5, 6], NumReturnSequences = 3, Seed = 4 };

    private readonly int _threads = ThreadTeam.Shared.Size;
    private readonly int[][] _prompts = [.. new[] { 1, 63, 64, 65, 130, 3, 200, 17 }.Select((length, i) => Enumerable.Range(0, length).Select(k => (7 * k + 11 * i) % 50 + 8).ToArray())];

    public static TheoryData<WeightStorage> Storages => [.. Enum.GetValues<WeightStorage>()];

    public void Dispose() => ThreadTeam.Resize(_threads);

    [Theory, MemberData(nameof(Storages))]
    public void A_completion_is_the_same_alone_in_any_batch_in_any_order_on_any_number_of_threads(WeightStorage storage)
    {
        foreach (LanguageModel model in new[] { LanguageModel.Create(s_config, 1), LanguageModel.Create(TinyModels.Gpt2Config with { ContextLength = 400 }, 2) })
            using (model)
            {
                using var generator = new Generator(model);
                GenerationOptions options = s_drawn with { WeightDtype = storage };
                IReadOnlyList<Completion> together = generator.Generate(_prompts, options with { BatchSize = 64 });
                Assert.True(together.Select(completion => completion.Tokens.Length).Distinct().Count() > 3);          // sequences end at different times
                foreach (int threads in new[] { 1, 2, 3 })
                {
                    ThreadTeam.Resize(threads);
                    AssertSame(together, generator.Generate(_prompts, options with { BatchSize = 64 }));
                }
                foreach (int batch in new[] { 1, 2, 5, 7 }) AssertSame(together, generator.Generate(_prompts, options with { BatchSize = batch }));
                int[] order = [6, 2, 0, 7, 4, 1, 5, 3];
                IReadOnlyList<Completion> reordered = generator.Generate([.. order.Select(i => _prompts[i])], options with { BatchSize = 4 }, promptNumbers: order);
                AssertSame([.. order.SelectMany(i => together.Skip(3 * i).Take(3))], reordered);
            }
    }

    [Theory, MemberData(nameof(Storages))]
    public void Samples_that_share_a_prompts_blocks_are_those_of_prompts_computed_for_each(WeightStorage storage)
    {
        using LanguageModel model = LanguageModel.Create(s_config, 1);
        GenerationOptions options = s_drawn with { WeightDtype = storage, BatchSize = 8 };
        using var generator = new Generator(model);
        IReadOnlyList<Completion> shared = generator.Generate(_prompts, options);
        for (int i = 0; i < _prompts.Length; i++)
        {
            // One place: the first sample's cache is cut back to the prompt for the next.
            using var alone = new Generator(model);
            AssertSame([.. shared.Skip(3 * i).Take(3)], alone.Generate([_prompts[i]], options with { BatchSize = 1 }, promptNumbers: [i]));
        }
    }

    [Theory, MemberData(nameof(Storages))]
    public void Beams_that_share_blocks_are_the_same_alone_and_beside_others(WeightStorage storage)
    {
        using LanguageModel model = LanguageModel.Create(s_config, 1);
        using var generator = new Generator(model);
        GenerationOptions options = new() { NumBeams = 4, NumReturnSequences = 2, MaxNewTokens = 70, EosTokenId = [5], WeightDtype = storage, BatchSize = 16 };
        IReadOnlyList<Completion> together = generator.Generate(_prompts, options);
        for (int i = 0; i < _prompts.Length; i++) AssertSame([.. together.Skip(2 * i).Take(2)], generator.Generate([_prompts[i]], options with { BatchSize = 4 }));
    }

    [Fact]
    public void Rounded_weights_stay_near_the_weights_and_trained_weights_are_rounded_anew()
    {
        using LanguageModel model = LanguageModel.Create(s_config, 1);
        using var generator = new Generator(model);
        GenerationOptions greedy = new() { MaxNewTokens = 1 };
        Completion LogProbOfFirst(WeightStorage storage) => generator.Generate([_prompts[3]], greedy with { WeightDtype = storage }).Single();
        Completion exact = LogProbOfFirst(WeightStorage.Float32), half = LogProbOfFirst(WeightStorage.BFloat16), eighth = LogProbOfFirst(WeightStorage.Int8);
        Assert.NotEqual(exact.LogProbs, half.LogProbs);
        Assert.NotEqual(half.LogProbs, eighth.LogProbs);
        Assert.Equal(exact.LogProbs[0], half.LogProbs[0], 0.1);
        Assert.Equal(exact.LogProbs[0], eighth.LogProbs[0], 0.5);

        foreach (Weight weight in model.Weights.Weights)
            if (!weight.IsVector) foreach (ref float value in weight.Tensor.Data) value *= 0.5f;
        Assert.NotEqual(half.LogProbs, LogProbOfFirst(WeightStorage.BFloat16).LogProbs);
    }

    private static void AssertSame(IReadOnlyList<Completion> expected, IReadOnlyList<Completion> actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        foreach ((Completion one, Completion other) in expected.Zip(actual))
        {
            Assert.Equal(one.Tokens, other.Tokens);
            Assert.Equal(one.LogProbs, other.LogProbs);
            Assert.Equal(one.Reason, other.Reason);
        }
    }
}
