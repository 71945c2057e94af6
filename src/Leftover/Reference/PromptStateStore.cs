using Leftover.Batches;
using Leftover.Models;
using Leftover.Runs;
using Leftover.Tensors;
using Leftover.Tensors.Memory;

namespace Leftover.Reference;

/// <summary>The reference policy's last hidden states (after its final norm) over each prompt's tokens: what the value head reads.</summary>
/// <remarks>METHOD: Baheti et al. 2024, arXiv:2305.14718, the value estimate of §2. Kept in memory, 4 bytes × width a token.</remarks>
public sealed class PromptStateStore(int width)
{
    private readonly Dictionary<PromptKey, float[]> _states = [];

    /// <summary>C, the model's width.</summary>
    public int Width { get; } = width;

    /// <summary>True where the prompt's states are here.</summary>
    public bool Contains(int[] prompt) => _states.ContainsKey(new PromptKey(prompt));

    /// <summary>A prompt's states, [P, C], row by row.</summary>
    /// <exception cref="KeyNotFoundException">They were not computed.</exception>
    public float[] this[int[] prompt] => _states[new PromptKey(prompt)];

    /// <summary>Keeps a prompt's states.</summary>
    public void Add(int[] prompt, ReadOnlySpan<float> states)
    {
        if (states.Length != prompt.Length * Width) throw new ShapeException($"Prompt states: {states.Length} numbers for a prompt of {prompt.Length} tokens; there must be {Width} a token.");
        _states[new PromptKey(prompt)] = states.ToArray();
    }

    /// <summary>Computes what is missing of these prompts.</summary>
    /// <param name="model">The reference policy.</param>
    /// <param name="prompts">The prompts' token ids.</param>
    /// <param name="maxTokens">Tokens of one packed batch, at most; a longer prompt stands alone.</param>
    /// <param name="observer">Who is told how far it is.</param>
    /// <param name="cancellation">Stops between batches.</param>
    public void Compute(LanguageModel model, IEnumerable<int[]> prompts, int maxTokens, IRunObserver observer, CancellationToken cancellation)
    {
        int[][] missing = [.. prompts.DistinctBy(prompt => new PromptKey(prompt)).Where(prompt => !Contains(prompt))];
        if (missing.Length == 0) return;

        using IWorkProgress progress = observer.Begin("Prompt states", missing.Length, "prompts");
        using var arena = new Arena();
        for (int begin = 0, end; begin < missing.Length; begin = end)
        {
            cancellation.ThrowIfCancellationRequested();
            int tokens = missing[begin].Length;
            for (end = begin + 1; end < missing.Length && tokens + missing[end].Length <= maxTokens; end++) tokens += missing[end].Length;

            var segments = new Segment[end - begin];
            int[] ids = new int[tokens];
            int at = 0;
            for (int i = begin; i < end; i++)
            {
                segments[i - begin] = new Segment(at, missing[i].Length);
                missing[i].CopyTo(ids, at);
                at += missing[i].Length;
            }
            using Tape tape = arena.Begin(record: false, model.ComputeType);
            Tensor states = model.FinalHidden(ids, new PackedLayout(segments), [.. Enumerable.Range(0, tokens)]);
            for (int i = begin; i < end; i++)
                Add(missing[i], states.Data.Slice(segments[i - begin].Start * Width, missing[i].Length * Width));
            progress.Count(new ModelWork(model.Config).Forward(segments, 0));
            progress.Advance(end - begin, tokens);
        }
    }
}
