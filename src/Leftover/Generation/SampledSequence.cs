using System.Buffers;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Leftover.Tensors;

namespace Leftover.Generation;

/// <summary>One sequence, each token the likeliest or drawn at random from its own stream.</summary>
internal sealed class SampledSequence : Decoding
{
    private readonly GenerationOptions _options;
    private readonly RandomStream _random;
    private readonly CompletionText? _text;
    private readonly List<int> _ids;                    // prompt and completion
    private readonly List<float> _logProbs = [];
    private StopReason _reason;

    /// <summary>A sequence that has not begun; where <paramref name="contextLimit"/>, the context and not the options sets its limit.</summary>
    public SampledSequence(int prompt, int stream, int sample, int[] promptTokens, int limit, bool contextLimit, GenerationOptions options, CompletionText? text)
        : base(prompt, sample, promptTokens, limit)
    {
        _options = options;
        _text = text;
        _random = new RandomStream(options.Seed, "sample", stream, sample);
        _ids = [.. promptTokens];
        _reason = contextLimit ? StopReason.Context : StopReason.MaxNewTokens;
    }

    /// <inheritdoc/>
    public override int SlotsNeeded => 1;

    /// <summary>The text so far; null without a tokenizer.</summary>
    public CompletionText? Text => _text;

    /// <inheritdoc/>
    public override void Advance(Span<float> logits, int vocabulary, KeyValueCache cache)
    {
        Next.Clear();
        int token = Choose(logits, out float logProb);
        _ids.Add(token);
        _logProbs.Add(logProb);
        if (_options.EosTokenId.Contains(token)) _reason = StopReason.EndToken;
        else if (_text?.Add(token) == true) _reason = StopReason.StopString;
        else if (_logProbs.Count < Limit) Next.Add((Slots[0], token));
        if (Finished) _text?.Complete();
    }

    /// <inheritdoc/>
    public override IEnumerable<Completion> Completions() =>
        [new Completion([.. _ids.Skip(PromptTokens.Length)], _text?.Text ?? "", _reason, [.. _logProbs]) { Prompt = Prompt, Sample = Sample }];

    /// <param name="logits">[V]; written over.</param>
    /// <param name="logProb">ln π of the chosen token, as the model gives it.</param>
    private int Choose(Span<float> logits, out float logProb)
    {
        float[] rented = ArrayPool<float>.Shared.Rent(logits.Length);
        Span<float> scratch = rented.AsSpan(0, logits.Length);
        LogitsProcessor.Exponentials(logits, scratch);
        double normalizer = TensorPrimitives.Max<float>(logits) + Math.Log(TensorPrimitives.Sum<float>(scratch));
        if (!double.IsFinite(normalizer)) throw new ArithmeticException($"Prompt {Prompt}: the logits of new token {_logProbs.Count} are not finite. The model's weights may be damaged.");

        float[] raw = ArrayPool<float>.Shared.Rent(logits.Length);
        logits.CopyTo(raw);
        LogitsProcessor.Penalize(logits, CollectionsMarshal.AsSpan(_ids), _options);
        int token = _options.Samples ? Draw(logits, scratch) : TensorPrimitives.IndexOfMax<float>(logits);
        logProb = (float)(raw[token] - normalizer);
        ArrayPool<float>.Shared.Return(raw);
        ArrayPool<float>.Shared.Return(rented);
        return token;
    }

    private int Draw(Span<float> scores, Span<float> shares)
    {
        LogitsProcessor.Filter(scores, _options);
        LogitsProcessor.Exponentials(scores, shares);
        double total = 0;
        foreach (float share in shares) total += share;
        double point = _random.NextDouble() * total, sum = 0;
        int last = 0;
        for (int token = 0; token < shares.Length; token++)
        {
            if (shares[token] == 0) continue;
            sum += shares[token];
            last = token;
            if (sum > point) break;
        }
        return last;
    }
}
