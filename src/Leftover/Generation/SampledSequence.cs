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
    private readonly List<int> _kept = [];              // by the filters, for the token at hand
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
        Span<float> shares = rented.AsSpan(0, logits.Length);
        LogitsProcessor.Exponentials(logits, shares);
        double normalizer = TensorPrimitives.Max<float>(logits) + Math.Log(TensorPrimitives.Sum<float>(shares));
        if (!double.IsFinite(normalizer)) throw new ArithmeticException($"Prompt {Prompt}: the logits of new token {_logProbs.Count} are not finite. The model's weights may be damaged.");

        int token = LogitsProcessor.Penalizes(_options) ? ChoosePenalized(logits, shares, out float raw) : Choose(logits, shares, sharesAreKnown: true, out raw);
        logProb = (float)(raw - normalizer);
        ArrayPool<float>.Shared.Return(rented);
        return token;
    }

    private int ChoosePenalized(Span<float> logits, Span<float> shares, out float raw)
    {
        float[] before = ArrayPool<float>.Shared.Rent(logits.Length);
        logits.CopyTo(before);
        LogitsProcessor.Penalize(logits, CollectionsMarshal.AsSpan(_ids), _options);
        int token = Choose(logits, shares, sharesAreKnown: false, out _);
        raw = before[token];
        ArrayPool<float>.Shared.Return(before);
        return token;
    }

    private int Choose(ReadOnlySpan<float> scores, Span<float> shares, bool sharesAreKnown, out float score)
    {
        int token = _options.Samples ? Draw(scores, shares, sharesAreKnown) : TensorPrimitives.IndexOfMax(scores);
        score = scores[token];
        return token;
    }

    private int Draw(ReadOnlySpan<float> scores, Span<float> shares, bool sharesAreKnown)
    {
        if (_options.Temperature != 1)
        {
            TensorPrimitives.Divide(scores, _options.Temperature, shares);
            LogitsProcessor.Exponentials(shares, shares);
        }
        else if (!sharesAreKnown) LogitsProcessor.Exponentials(scores, shares);
        double point = _random.NextDouble();
        if (!TokenFilter.Filters(_options, scores.Length)) return TokenDraw.FromAll(shares, point);
        TokenFilter.Keep(scores, shares, _options, _kept);
        return TokenDraw.FromSome(shares, CollectionsMarshal.AsSpan(_kept), point);
    }
}
