using Leftover.Tensors.Kernels;
using Leftover.Tensors.Memory;

namespace Leftover.Tensors;

/// <summary>Attention in generation: appends the keys and values of its tokens to the cache and attends to all that it holds of their sequences.</summary>
/// <remarks>
/// A sequence of one new token reads its keys and values once, in runs that all cores share; longer ones widen them aside and go in chunks.
/// Either way a token sees what the cache holds, rounded where it is narrow.
/// </remarks>
internal sealed unsafe class CachedAttention(AttentionOperands x, KeyValueCache cache, int layer) : AttentionOp(x)
{
    private readonly AttentionOperands _x = x;
    private nint[] _keys = [];                          // of each longer segment, widened: [tokens, width], then the values

    protected override void Forward(Span<float> y)
    {
        for (int s = 0; s < _x.Layout.Segments.Length; s++) cache.Reserve(_x.Layout.Slots[s], _x.Layout.Segments[s].Length);
        AttendLongSegments();
        Decode();
    }

    protected override void Backward(ReadOnlySpan<float> dy) =>
        throw new InvalidOperationException("CausalAttention: no gradient flows through a key/value cache; generate under Arena.Begin(record: false).");

    protected override VisibleKeys KeysOf(int segment, int head, out int before)
    {
        int column = head * _x.Shape.HeadDimension;
        before = cache.LengthOf(_x.Layout.Slots[segment]);
        float* keys = (float*)_keys[segment];
        return new VisibleKeys
        {
            Keys = keys + column,
            Values = keys + (long)(before + _x.Layout.Segments[segment].Length) * cache.Width + column,
            KeyStride = cache.Width,
            ValueStride = cache.Width,
        };
    }

    private void AttendLongSegments()
    {
        int segments = _x.Layout.Segments.Length, width = cache.Width;
        long floats = 0;
        for (int s = 0; s < segments; s++) floats += 2 * WidenedTokens(s) * width;
        if (floats == 0) return;
        Block wide = Block.Rent(checked((int)floats));
        _keys = new nint[segments];
        float* next = wide.Pointer;
        for (int s = 0; s < segments; next += 2 * WidenedTokens(s++) * width) _keys[s] = (nint)next;
        ThreadTeam.Shared.For(segments, 1, (_, s, _) =>
        {
            long tokens = WidenedTokens((int)s);
            if (tokens == 0) return;
            for (int i = 0; i < _x.Layout.Segments[(int)s].Length; i++) Store((int)s, i);
            cache.Load(layer, _x.Layout.Slots[s], (int)tokens, (float*)_keys[s], (float*)_keys[s] + tokens * width);
        });
        ForwardChunks(static segment => segment.Length > 1, null);
        wide.Return();
    }

    // All tokens of a sequence with more than one new one; 0 for others.
    private long WidenedTokens(int s) => _x.Layout.Segments[s].Length > 1 ? cache.LengthOf(_x.Layout.Slots[s]) + _x.Layout.Segments[s].Length : 0;

    private void Store(int s, int token)
    {
        int slot = _x.Layout.Slots[s];
        long row = _x.Layout.Segments[s].Start + token;
        cache.Store(layer, slot, cache.LengthOf(slot) + token, _x.K.Pointer + row * _x.K.Columns + _x.KColumn, _x.V.Pointer + row * _x.V.Columns + _x.VColumn);
    }

    private void Decode()
    {
        int units = 0, runs = 0;
        for (int s = 0; s < _x.Layout.Segments.Length; s++)
        {
            units += RunsOf(s);
            runs = Math.Max(runs, RunsOf(s));
        }
        if (units == 0) return;
        Block table = Block.Rent(2 * units);
        int* entries = (int*)table.Pointer, entry = entries;
        for (int s = 0; s < _x.Layout.Segments.Length; s++)
            for (int run = 0; run < RunsOf(s); run++)
            {
                *entry++ = s;
                *entry++ = run;
            }

        ThreadTeam team = ThreadTeam.Shared;
        int d = _x.Shape.HeadDimension, partialFloats = DecodeKernel.PartialFloats(_x.Shape.Heads, d), scratchFloats = DecodeKernel.ScratchFloats(_x.Shape.Heads);
        Block partial = Block.Rent(units * partialFloats), scratch = Block.Rent(team.Size * scratchFloats);
        float* partials = partial.Pointer, scratches = scratch.Pointer;
        team.For(units, 1, (worker, unit, _) =>
        {
            int s = entries[2 * unit];
            RunPartial(s, entries[2 * unit + 1], partials + unit * partialFloats, scratches + worker * (long)scratchFloats);
            if (RunsOf(s) == 1) Combine(s, partials + unit * partialFloats);
        });
        if (runs > 1)
            team.For(units, 1, (_, unit, _) =>
            {
                int s = entries[2 * unit];
                if (entries[2 * unit + 1] == 0 && RunsOf(s) > 1) Combine(s, partials + unit * partialFloats);
            });
        scratch.Return();
        partial.Return();
        table.Return();
    }

    // The partial softmax over a run of keys, block by block of the cache; the run with the new token stores it first.
    private void RunPartial(int s, int run, float* partial, float* scores)
    {
        int slot = _x.Layout.Slots[s], end = cache.LengthOf(slot) + 1, from = FirstKey(s) + run * DecodeKernel.RunKeys, to = Math.Min(end, from + DecodeKernel.RunKeys);
        if (to == end) Store(s, 0);
        float* q = _x.Q.Pointer + (long)_x.Layout.Segments[s].Start * _x.Q.Columns + _x.QColumn;
        var heads = new DecodeHeads(_x.Shape.KeyValueHeads, _x.Group, _x.Shape.HeadDimension);
        for (int key = from, count; key < to; key += count)
        {
            count = CountInBlock(key, to);
            byte* keys = cache.Keys(layer, slot, key / KeyValueCache.BlockTokens);
            if (cache.IsNarrow) DecodeKernel.Scores<NarrowNumbers>(heads, q, _x.Shape.Scale, keys, key % KeyValueCache.BlockTokens, count, scores + (key - from));
            else DecodeKernel.Scores<WideNumbers>(heads, q, _x.Shape.Scale, keys, key % KeyValueCache.BlockTokens, count, scores + (key - from));
        }
        DecodeKernel.Exponentials(heads, scores, to - from, partial);
        for (int key = from, count; key < to; key += count)
        {
            count = CountInBlock(key, to);
            byte* values = cache.Values(layer, slot, key / KeyValueCache.BlockTokens);
            if (cache.IsNarrow) DecodeKernel.AddValues<NarrowNumbers>(heads, scores + (key - from), values, key % KeyValueCache.BlockTokens, count, partial);
            else DecodeKernel.AddValues<WideNumbers>(heads, scores + (key - from), values, key % KeyValueCache.BlockTokens, count, partial);
        }
    }

    private static int CountInBlock(int key, int end) => Math.Min(end, (key / KeyValueCache.BlockTokens + 1) * KeyValueCache.BlockTokens) - key;

    private void Combine(int s, float* partials) =>
        DecodeKernel.Combine(partials, RunsOf(s), _x.Shape.Heads, _x.Shape.HeadDimension, Output.Pointer + (long)_x.Layout.Segments[s].Start * Output.Columns);

    private int FirstKey(int s) => _x.Shape.Window > 0 ? Math.Max(0, cache.LengthOf(_x.Layout.Slots[s]) + 1 - _x.Shape.Window) : 0;

    // Runs of keys that a sequence of one new token reads; 0 for others.
    private int RunsOf(int s) =>
        _x.Layout.Segments[s].Length == 1 ? (cache.LengthOf(_x.Layout.Slots[s]) + 1 - FirstKey(s) + DecodeKernel.RunKeys - 1) / DecodeKernel.RunKeys : 0;
}
