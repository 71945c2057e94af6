using Leftover.Tensors;

namespace Leftover.Generation;

/// <summary>A piece of generation that goes forward token by token with its own places in the cache: one sampled sequence, or a prompt's beams.</summary>
internal abstract class Decoding(int prompt, int sample, int[] promptTokens, int limit)
{
    /// <summary>The prompt's number.</summary>
    public int Prompt { get; } = prompt;

    /// <summary>Which of the prompt's decodings it is.</summary>
    public int Sample { get; } = sample;

    /// <summary>The prompt's ids.</summary>
    public int[] PromptTokens { get; } = promptTokens;

    /// <summary>The most new tokens there is room for.</summary>
    public int Limit { get; } = limit;

    /// <summary>Sequences of the cache it takes.</summary>
    public abstract int SlotsNeeded { get; }

    /// <summary>Its sequences of the cache; the first holds the prompt when it begins.</summary>
    public int[] Slots { get; set; } = [];

    /// <summary>What the next pass must compute: a token, and the sequence that it continues; none at the end.</summary>
    public List<(int Slot, int Token)> Next { get; } = [];

    /// <summary>True once nothing is left to do.</summary>
    public bool Finished => Next.Count == 0;

    /// <summary>Takes a step.</summary>
    /// <param name="logits">One row for each entry of <see cref="Next"/>, or, at the beginning, one after the prompt; [rows, V]. It may be written over.</param>
    /// <param name="vocabulary">V.</param>
    /// <param name="cache">Where sequences can share what they begin with.</param>
    public abstract void Advance(Span<float> logits, int vocabulary, KeyValueCache cache);

    /// <summary>What was written, once finished.</summary>
    public abstract IEnumerable<Completion> Completions();
}
