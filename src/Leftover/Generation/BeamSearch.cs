using System.Buffers;
using System.Numerics.Tensors;
using Leftover.Tensors;
using Leftover.Tokenization;

namespace Leftover.Generation;

/// <summary>Beam search over one prompt, as Transformers defines it.</summary>
/// <remarks>
/// Each step ranks all continuations of all running beams by summed ln π. Of the best max(2, 1 + stop ids) · beams of them, the first that do
/// not end run on, as many as there are beams; of the first "beams" of them, those that end are finished, with sum/(new tokens)^length_penalty, and the best finished ones are kept.
/// Penalty and n-gram block act on log-probabilities. Beam i of the search costs one row of each pass and one place in the cache.
/// </remarks>
internal sealed class BeamSearch : Decoding
{
    private readonly GenerationOptions _options;
    private readonly bool _contextLimit;
    private readonly Tokenizer? _tokenizer;
    private readonly List<Finish> _finished = [];
    private List<Beam> _running = [];
    private int _newTokens;
    private bool _closed;                               // nothing can finish better any more

    public BeamSearch(int prompt, int[] promptTokens, int limit, bool contextLimit, GenerationOptions options, Tokenizer? tokenizer)
        : base(prompt, sample: 0, promptTokens, limit)
    {
        (_options, _contextLimit, _tokenizer) = (options, contextLimit, tokenizer);
    }

    /// <param name="Ids">Prompt and completion.</param>
    /// <param name="LogProbs">ln π of each new token, as the model gives it.</param>
    /// <param name="Score">The sum of what the ranking goes by.</param>
    /// <param name="Slot">Its sequence of the cache.</param>
    private sealed record Beam(int[] Ids, float[] LogProbs, double Score, int Slot);

    private readonly record struct Candidate(int Beam, int Token, float LogProb, double Score);

    private sealed record Finish(int[] Ids, float[] LogProbs, double Score);

    /// <inheritdoc/>
    public override int SlotsNeeded => _options.NumBeams;

    /// <inheritdoc/>
    public override void Advance(Span<float> logits, int vocabulary, KeyValueCache cache)
    {
        if (_newTokens == 0) _running.Add(new Beam(PromptTokens, [], 0, Slots[0]));
        _newTokens++;
        Candidate[] best = Rank(logits, vocabulary);
        List<Candidate> going = [.. best.Where(candidate => !Ends(candidate)).Take(_options.NumBeams)];
        AddFinished(best.Take(_options.NumBeams).Where(Ends));
        _running = Continue(going, cache);
        Next.Clear();
        if (!IsOver()) Next.AddRange(_running.Select(beam => (beam.Slot, beam.Ids[^1])));
    }

    /// <inheritdoc/>
    public override IEnumerable<Completion> Completions()
    {
        int sample = 0;
        foreach (Finish finish in _finished.Take(_options.NumReturnSequences))
        {
            int[] tokens = finish.Ids[PromptTokens.Length..];
            StopReason reason = _options.EosTokenId.Contains(tokens[^1]) ? StopReason.EndToken : _contextLimit ? StopReason.Context : StopReason.MaxNewTokens;
            yield return new Completion(tokens, _tokenizer?.Decode(tokens) ?? "", reason, finish.LogProbs) { Prompt = Prompt, Sample = sample++, BeamScore = finish.Score };
        }
    }

    private bool Ends(Candidate candidate) => _newTokens == Limit || _options.EosTokenId.Contains(candidate.Token);

    /// <summary>The best continuations of all running beams, the best first; of equals the earlier beam and the lower id.</summary>
    private Candidate[] Rank(Span<float> logits, int vocabulary)
    {
        int keep = Math.Max(2, 1 + _options.EosTokenId.Count) * _options.NumBeams;
        var best = new PriorityQueue<Candidate, double>(keep);          // the least of the best on top
        float[] raw = ArrayPool<float>.Shared.Rent(vocabulary);
        for (int b = 0; b < _running.Count; b++)
        {
            Span<float> row = logits.Slice(b * vocabulary, vocabulary);
            ToLogProbs(row, raw);
            row.CopyTo(raw);
            LogitsProcessor.Penalize(row, _running[b].Ids, _options);
            double sum = _running[b].Score;
            for (int token = 0; token < vocabulary; token++)
            {
                double score = sum + row[token];
                if (score == double.NegativeInfinity || (best.Count == keep && score <= best.Peek().Score)) continue;
                if (best.Count == keep) best.Dequeue();
                best.Enqueue(new Candidate(b, token, raw[token], score), score);
            }
        }
        ArrayPool<float>.Shared.Return(raw);
        return [.. best.UnorderedItems.Select(item => item.Element).OrderByDescending(item => item.Score).ThenBy(item => item.Beam).ThenBy(item => item.Token)];
    }

    private void ToLogProbs(Span<float> row, Span<float> scratch)
    {
        scratch = scratch[..row.Length];
        LogitsProcessor.Exponentials(row, scratch);
        double normalizer = TensorPrimitives.Max<float>(row) + Math.Log(TensorPrimitives.Sum<float>(scratch));
        if (!double.IsFinite(normalizer)) throw new ArithmeticException($"Prompt {Prompt}: the logits of new token {_newTokens - 1} are not finite. The model's weights may be damaged.");
        foreach (ref float score in row) score = (float)(score - normalizer);
    }

    private void AddFinished(IEnumerable<Candidate> ending)
    {
        if (_closed || (_options.EarlyStopping == BeamStop.Full && _finished.Count == _options.NumBeams)) return;
        double length = Math.Pow(_newTokens, _options.LengthPenalty);
        foreach (Candidate candidate in ending)
        {
            Beam from = _running[candidate.Beam];
            _finished.Add(new Finish([.. from.Ids, candidate.Token], [.. from.LogProbs, candidate.LogProb], candidate.Score / length));
        }
        List<Finish> ranked = [.. _finished.OrderByDescending(finish => finish.Score).Take(_options.NumBeams)];     // a stable order
        _finished.Clear();
        _finished.AddRange(ranked);
    }

    /// <summary>The beams that run on: the first child of a beam takes its place in the cache over, further ones share its blocks in the place of a beam that ended.</summary>
    private List<Beam> Continue(List<Candidate> going, KeyValueCache cache)
    {
        var kept = going.Select(candidate => _running[candidate.Beam].Slot).ToHashSet();
        var free = new Queue<int>(Slots.Where(slot => !kept.Contains(slot)));
        List<Beam> next = [];
        foreach (Candidate candidate in going)
        {
            Beam from = _running[candidate.Beam];
            int slot = from.Slot;
            if (!kept.Remove(slot)) cache.Share(slot, slot = free.Dequeue());
            next.Add(new Beam([.. from.Ids, candidate.Token], [.. from.LogProbs, candidate.LogProb], candidate.Score, slot));
        }
        return next;
    }

    private bool IsOver()
    {
        if (_running.Count == 0) return true;
        if (_finished.Count < _options.NumBeams) return false;
        int length = _options.EarlyStopping == BeamStop.Never && _options.LengthPenalty > 0 ? Limit : _newTokens;
        _closed = _running[0].Score / Math.Pow(length, _options.LengthPenalty) <= _finished[^1].Score;
        return _closed || _options.EarlyStopping == BeamStop.Full;
    }
}
