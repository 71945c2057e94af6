using Leftover.Tensors.Kernels;
using Leftover.Tensors.Memory;

namespace Leftover.Tensors;

/// <summary>Attention in generation: appends the keys and values of its tokens to the cache and attends to all that it holds of their sequences.</summary>
/// <remarks>A sequence of one new token reads its keys and values once, in blocks that all cores share; longer ones go in chunks.</remarks>
internal sealed unsafe class CachedAttention(AttentionOperands x, KeyValueCache cache, int layer) : AttentionOp(x)
{
    private readonly AttentionOperands _x = x;

    protected override void Forward(Span<float> y)
    {
        Append();
        ForwardChunks(static segment => segment.Length > 1, null);
        Decode();
    }

    protected override void Backward(ReadOnlySpan<float> dy) =>
        throw new InvalidOperationException("CausalAttention: no gradient flows through a key/value cache; generate under Arena.Begin(record: false).");

    protected override VisibleKeys KeysOf(int segment, int head, out int before)
    {
        int slot = _x.Layout.Slots[segment], column = head * _x.Shape.HeadDimension;
        before = cache.LengthOf(slot);
        return new VisibleKeys
        {
            Keys = cache.Keys(layer, slot) + column,
            Values = cache.Values(layer, slot) + column,
            KeyStride = cache.Width,
            ValueStride = cache.Width,
        };
    }

    private void Append() => ThreadTeam.Shared.For(_x.Layout.Segments.Length, 1, (_, s, _) =>
    {
        Segment segment = _x.Layout.Segments[(int)s];
        int slot = _x.Layout.Slots[s], width = cache.Width;
        float* keys = cache.Keys(layer, slot) + (long)cache.LengthOf(slot) * width, values = cache.Values(layer, slot) + (long)cache.LengthOf(slot) * width;
        for (long row = segment.Start; row < segment.Start + segment.Length; row++, keys += width, values += width)
        {
            new ReadOnlySpan<float>(_x.K.Pointer + row * _x.K.Columns + _x.KColumn, width).CopyTo(new Span<float>(keys, width));
            new ReadOnlySpan<float>(_x.V.Pointer + row * _x.V.Columns + _x.VColumn, width).CopyTo(new Span<float>(values, width));
        }
    });

    private void Decode()
    {
        int units = 0;
        for (int s = 0; s < _x.Layout.Segments.Length; s++) units += BlocksOf(s);
        if (units == 0) return;
        Block table = Block.Rent(2 * units);
        int* entries = (int*)table.Pointer, entry = entries;
        for (int s = 0; s < _x.Layout.Segments.Length; s++)
            for (int block = 0; block < BlocksOf(s); block++)
            {
                *entry++ = s;
                *entry++ = block;
            }

        ThreadTeam team = ThreadTeam.Shared;
        int d = _x.Shape.HeadDimension, partialFloats = DecodeKernel.PartialFloats(_x.Shape.Heads, d), scratchFloats = DecodeKernel.ScratchFloats(_x.Shape.Heads);
        Block partial = Block.Rent(units * partialFloats), scratch = Block.Rent(team.Size * scratchFloats);
        float* partials = partial.Pointer, scratches = scratch.Pointer;
        team.For(units, 1, (worker, unit, _) =>
        {
            int s = entries[2 * unit], slot = _x.Layout.Slots[s], end = cache.LengthOf(slot) + 1;
            int from = FirstKey(s) + entries[2 * unit + 1] * DecodeKernel.BlockKeys;
            long keyAt = (long)from * cache.Width;
            DecodeKernel.Partial(_x.Q.Pointer + (long)_x.Layout.Segments[s].Start * _x.Q.Columns + _x.QColumn, _x.Shape.KeyValueHeads, _x.Group, d, _x.Shape.Scale,
                cache.Keys(layer, slot) + keyAt, cache.Values(layer, slot) + keyAt, Math.Min(DecodeKernel.BlockKeys, end - from), partials + unit * partialFloats, scratches + worker * (long)scratchFloats);
        });
        for (int unit = 0, blocks; unit < units; unit += blocks)
        {
            blocks = BlocksOf(entries[2 * unit]);
            long row = _x.Layout.Segments[entries[2 * unit]].Start;
            DecodeKernel.Combine(partials + (long)unit * partialFloats, blocks, _x.Shape.Heads, d, Output.Pointer + row * Output.Columns);
        }
        scratch.Return();
        partial.Return();
        table.Return();
    }

    private int FirstKey(int s) => _x.Shape.Window > 0 ? Math.Max(0, cache.LengthOf(_x.Layout.Slots[s]) + 1 - _x.Shape.Window) : 0;

    // Blocks of keys that a sequence of one new token reads; 0 for others.
    private int BlocksOf(int s) =>
        _x.Layout.Segments[s].Length == 1 ? (cache.LengthOf(_x.Layout.Slots[s]) + 1 - FirstKey(s) + DecodeKernel.BlockKeys - 1) / DecodeKernel.BlockKeys : 0;
}
