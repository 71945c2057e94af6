using System.Buffers;
using Leftover.Tensors;

namespace Leftover.Advantages;

/// <summary>Reads the hidden states of a prompt.</summary>
/// <param name="prompt">Its number.</param>
/// <param name="destination">Room for its tokens times the width.</param>
public delegate void ReadPromptStates(int prompt, Span<float> destination);

/// <summary>The reference policy's last hidden states (after the final norm) of each distinct prompt, wherever they are kept.</summary>
public sealed class PromptStates
{
    private readonly int[] _lengths;
    private readonly ReadPromptStates _read;

    /// <summary>States that a delegate reads, for example from a cache on disk.</summary>
    /// <param name="width">Numbers a token.</param>
    /// <param name="lengths">Tokens of each prompt; at least 1 each.</param>
    /// <param name="read">Reads one prompt's states.</param>
    /// <exception cref="ArgumentException">A prompt has no token.</exception>
    public PromptStates(int width, ReadOnlySpan<int> lengths, ReadPromptStates read)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        for (int i = 0; i < lengths.Length; i++)
            if (lengths[i] < 1) throw new ArgumentException($"Prompt {i} has {lengths[i]} tokens; a value head needs at least one to attend to. Let prompts begin with the model's start token.", nameof(lengths));
        (Width, _lengths, _read) = (width, lengths.ToArray(), read);
    }

    /// <summary>States in memory, end to end.</summary>
    /// <param name="width">Numbers a token.</param>
    /// <param name="offsets">Prompt i is tokens <c>offsets[i] .. offsets[i+1]-1</c>.</param>
    /// <param name="states">All tokens' numbers, [tokens, width].</param>
    public static PromptStates InMemory(int width, ReadOnlySpan<int> offsets, ReadOnlyMemory<float> states)
    {
        int[] starts = offsets.ToArray();
        if (starts.Length == 0 || starts[0] != 0 || (long)starts[^1] * width != states.Length)
            throw new ArgumentException($"{states.Length} numbers are not {(starts.Length == 0 ? 0 : starts[^1])} tokens of {width}.", nameof(states));
        return new PromptStates(width, [.. starts.Skip(1).Zip(starts, (end, start) => end - start)],
            (prompt, destination) => states.Span.Slice(starts[prompt] * width, destination.Length).CopyTo(destination));
    }

    /// <summary>Distinct prompts.</summary>
    public int Count => _lengths.Length;

    /// <summary>Numbers a token.</summary>
    public int Width { get; }

    /// <summary>Tokens of a prompt.</summary>
    public int LengthOf(int prompt) => _lengths[prompt];

    /// <summary>Some prompts' states end to end, as a constant of the open tape.</summary>
    /// <param name="prompts">The prompts' numbers.</param>
    /// <param name="offsets">Prompt i of them is rows <c>offsets[i] .. offsets[i+1]-1</c>.</param>
    /// <returns>[N, width].</returns>
    public Tensor Pack(ReadOnlySpan<int> prompts, out int[] offsets)
    {
        offsets = new int[prompts.Length + 1];
        for (int i = 0; i < prompts.Length; i++) offsets[i + 1] = offsets[i] + _lengths[prompts[i]];
        float[] states = ArrayPool<float>.Shared.Rent(offsets[^1] * Width);
        try
        {
            for (int i = 0; i < prompts.Length; i++) _read(prompts[i], states.AsSpan((offsets[i] * Width)..(offsets[i + 1] * Width)));
            return Tensor.Matrix(offsets[^1], Width, states.AsSpan(0, offsets[^1] * Width));
        }
        finally
        {
            ArrayPool<float>.Shared.Return(states);
        }
    }

    /// <summary>Cuts prompts into runs of at most that many tokens each (a longer prompt stands alone), keeping their order.</summary>
    internal IEnumerable<int[]> Runs(IEnumerable<int> prompts, int maxTokens)
    {
        List<int> run = [];
        int tokens = 0;
        foreach (int prompt in prompts)
        {
            if (run.Count > 0 && tokens + _lengths[prompt] > maxTokens)
            {
                yield return [.. run];
                run.Clear();
                tokens = 0;
            }
            run.Add(prompt);
            tokens += _lengths[prompt];
        }
        if (run.Count > 0) yield return [.. run];
    }
}
