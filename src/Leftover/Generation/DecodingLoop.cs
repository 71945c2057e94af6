using System.Buffers;
using Leftover.Models;
using Leftover.Tensors;
using Leftover.Tensors.Kernels;
using Leftover.Tensors.Memory;

namespace Leftover.Generation;

/// <summary>Runs decodings together: each pass moves all running ones by a token, and a place that becomes free goes to the next that waits.</summary>
/// <remarks>What a decoding writes depends on nothing but itself; the others in a pass change the speed alone. <paramref name="packed"/> are copies to read instead of the model's weights, or null.</remarks>
internal sealed unsafe class DecodingLoop(LanguageModel model, Arena arena, KeyValueCache cache, PackedWeights? packed, IEnumerable<Decoding> decodings)
{
    private const int PromptTokensOfPass = 2048;

    private readonly Queue<Decoding> _waiting = new(decodings);
    private readonly List<Decoding> _running = [];
    private readonly List<int> _free = [.. Enumerable.Range(0, cache.Slots)];
    private readonly int[] _promptIn = [.. Enumerable.Repeat(-1, cache.Slots)];         // whose tokens each place begins with
    private readonly Dictionary<int, float[]> _logitsAfter = [];                        // of prompts that more decodings wait for
    private readonly int _vocabulary = model.Config.VocabularySize;

    /// <summary>True once all decodings are finished.</summary>
    public bool Done => _waiting.Count == 0 && _running.Count == 0;

    /// <summary>Starts what there is room for, then moves all that run by a token.</summary>
    /// <returns>What finished.</returns>
    public List<Decoding> Step()
    {
        List<Decoding> finished = [];
        while (TakeRound() is { Count: > 0 } round)
        {
            Start(round);
            Collect(finished);
        }
        if (_running.Count > 0) Advance();
        Collect(finished);
        return finished;
    }

    /// <summary>The decodings that start next, with their places: as many as fit, up to so many prompt tokens.</summary>
    private List<Decoding> TakeRound()
    {
        List<Decoding> round = [];
        int tokens = 0;
        while (_waiting.TryPeek(out Decoding? next) && next.SlotsNeeded <= _free.Count)
        {
            bool computed = _logitsAfter.ContainsKey(next.Prompt) || round.Exists(other => other.Prompt == next.Prompt);
            if (!computed && round.Count > 0 && tokens + next.PromptTokens.Length > PromptTokensOfPass) break;
            if (!computed) tokens += next.PromptTokens.Length;
            _waiting.Dequeue();
            int first = Math.Max(0, _free.FindIndex(slot => _promptIn[slot] == next.Prompt));       // the prompt may still lie there
            (_free[0], _free[first]) = (_free[first], _free[0]);
            next.Slots = [.. _free.Take(next.SlotsNeeded)];
            _free.RemoveRange(0, next.SlotsNeeded);
            round.Add(next);
        }
        return round;
    }

    private void Start(List<Decoding> round)
    {
        ComputePrompts([.. round.Where(decoding => !_logitsAfter.ContainsKey(decoding.Prompt)).DistinctBy(decoding => decoding.Prompt)]);
        foreach (Decoding decoding in round)
        {
            int place = decoding.Slots[0];
            if (_promptIn[place] == decoding.Prompt) cache.Truncate(place, decoding.PromptTokens.Length);
            else cache.Share(Array.IndexOf(_promptIn, decoding.Prompt), place, decoding.PromptTokens.Length);
            foreach (int slot in decoding.Slots) _promptIn[slot] = -1;
            _promptIn[place] = decoding.Prompt;
        }
        ThreadTeam.Shared.For(round.Count, 1, (_, i, _) =>
        {
            Decoding decoding = round[(int)i];
            float[] logits = ArrayPool<float>.Shared.Rent(_vocabulary);
            _logitsAfter[decoding.Prompt].CopyTo(logits, 0);
            decoding.Advance(logits.AsSpan(0, _vocabulary), _vocabulary, cache);
            ArrayPool<float>.Shared.Return(logits);
        });
        _running.AddRange(round);
        int? needed = _waiting.TryPeek(out Decoding? next) ? next.Prompt : null;
        foreach (int prompt in _logitsAfter.Keys.Where(prompt => prompt != needed).ToArray()) _logitsAfter.Remove(prompt);
    }

    /// <summary>Prompts are packed end to end; each goes to its decoding's first place.</summary>
    private void ComputePrompts(Decoding[] first)
    {
        if (first.Length == 0) return;
        var segments = new Segment[first.Length];
        int[] rows = new int[first.Length], slots = new int[first.Length];
        int at = 0;
        for (int i = 0; i < first.Length; i++)
        {
            segments[i] = new Segment(at, first[i].PromptTokens.Length);
            at += first[i].PromptTokens.Length;
            rows[i] = at - 1;
            slots[i] = first[i].Slots[0];
            cache.Truncate(slots[i]);
            _promptIn[slots[i]] = first[i].Prompt;
        }
        using Tape tape = Begin();
        int[] tokens = [.. first.SelectMany(decoding => decoding.PromptTokens)];
        Tensor logits = model.Logits(tokens, new PackedLayout(segments, cache, slots), rows);
        for (int i = 0; i < first.Length; i++) _logitsAfter[first[i].Prompt] = logits.Data.Slice(i * _vocabulary, _vocabulary).ToArray();
    }

    private void Advance()
    {
        (int Slot, int Token)[] next = [.. _running.SelectMany(decoding => decoding.Next)];
        int[] offsets = new int[_running.Count];
        for (int i = 1; i < offsets.Length; i++) offsets[i] = offsets[i - 1] + _running[i - 1].Next.Count;
        using Tape tape = Begin();
        var layout = new PackedLayout([.. next.Select((_, row) => new Segment(row, 1))], cache, [.. next.Select(entry => entry.Slot)]);
        Tensor logits = model.Logits([.. next.Select(entry => entry.Token)], layout, [.. Enumerable.Range(0, next.Length)]);
        float* data = logits.Pointer;
        ThreadTeam.Shared.For(_running.Count, 1, (_, i, _) =>
        {
            Decoding decoding = _running[(int)i];
            decoding.Advance(new Span<float>(data + (long)offsets[i] * _vocabulary, decoding.Next.Count * _vocabulary), _vocabulary, cache);
        });
    }

    private Tape Begin()
    {
        Tape tape = arena.Begin(record: false);
        tape.Packed = packed;
        return tape;
    }

    private void Collect(List<Decoding> finished)
    {
        foreach (Decoding decoding in _running)
        {
            if (!decoding.Finished) continue;
            finished.Add(decoding);
            _free.AddRange(decoding.Slots);
        }
        _running.RemoveAll(decoding => decoding.Finished);
    }
}
