using System.Diagnostics;
using Leftover.Tensors.Kernels;
using Leftover.Tensors.Memory;

namespace Leftover.Tensors;

/// <summary>The heads of an attention layer.</summary>
/// <param name="Heads">Query heads.</param>
/// <param name="KeyValueHeads">Heads of keys and values; it divides <paramref name="Heads"/>, and consecutive query heads share one.</param>
/// <param name="HeadDimension">d, the numbers of a head.</param>
/// <param name="Scale">The factor of the scores, mostly 1/√d.</param>
/// <param name="Window">Each token sees at most that many tokens, itself included; 0 is no bound.</param>
public readonly record struct AttentionShape(int Heads, int KeyValueHeads, int HeadDimension, float Scale, int Window = 0)
{
    /// <summary>Columns of the queries.</summary>
    public int QueryColumns => Heads * HeadDimension;

    /// <summary>Columns of the keys, and of the values.</summary>
    public int KeyColumns => KeyValueHeads * HeadDimension;
}

public sealed partial class Tensor
{
    /// <summary>Causal attention of each token to its own sequence: softmax(scale · q·kᵀ)·v over the keys that the layout lets it see; [N, Heads · d].</summary>
    /// <remarks>
    /// The three operands may be column ranges of one tensor. With <see cref="PackedLayout.Cache"/>, this layer's keys and values are appended to
    /// it, tokens attend to what it holds as well, and no gradient flows; the caller advances the cache once all layers have run.
    /// </remarks>
    /// <param name="q">Queries, [N, ·].</param>
    /// <param name="qColumn">Where they begin in a row.</param>
    /// <param name="k">Keys, [N, ·].</param>
    /// <param name="kColumn">Where they begin in a row.</param>
    /// <param name="v">Values, [N, ·].</param>
    /// <param name="vColumn">Where they begin in a row.</param>
    /// <param name="shape">The heads.</param>
    /// <param name="layout">The sequences.</param>
    /// <param name="layer">The layer's number in the cache.</param>
    /// <exception cref="ShapeException">The shapes do not fit.</exception>
    /// <exception cref="ArgumentException">The cache is full, or belongs to another model.</exception>
    public static Tensor CausalAttention(Tensor q, int qColumn, Tensor k, int kColumn, Tensor v, int vColumn, AttentionShape shape, PackedLayout layout, int layer)
    {
        if (shape.Heads < 1 || shape.KeyValueHeads < 1 || shape.HeadDimension < 1 || shape.Heads % shape.KeyValueHeads != 0)
            throw new ShapeException($"CausalAttention: {shape.Heads} query heads and {shape.KeyValueHeads} key/value heads of {shape.HeadDimension} numbers: the second must divide the first, and all be at least 1.");
        CheckRange("queries", q, qColumn, shape.QueryColumns, layout.Tokens);
        CheckRange("keys", k, kColumn, shape.KeyColumns, layout.Tokens);
        CheckRange("values", v, vColumn, shape.KeyColumns, layout.Tokens);
        if (Overlap(q, qColumn, shape.QueryColumns, k, kColumn, shape.KeyColumns) || Overlap(q, qColumn, shape.QueryColumns, v, vColumn, shape.KeyColumns) || Overlap(k, kColumn, shape.KeyColumns, v, vColumn, shape.KeyColumns))
            throw new ShapeException("CausalAttention: queries, keys and values overlap in one tensor; each needs columns of its own.");
        if (layout.Cache is { } cache) CheckCache(cache, shape, layout, layer);
        return Tape.Current.Run(new CausalAttention(q, qColumn, k, kColumn, v, vColumn, shape, layout, layer));
    }

    private static void CheckRange(string what, Tensor x, int column, int columns, int tokens)
    {
        if (x.Rows != tokens || column < 0 || column + columns > x.Columns)
            throw new ShapeException($"CausalAttention: the {what} are columns {column} to {column + columns - 1} of {x.ShapeText}; the tensor needs {tokens} rows, as the layout has tokens, and that many columns.");
    }

    private static bool Overlap(Tensor a, int aColumn, int aColumns, Tensor b, int bColumn, int bColumns) =>
        ReferenceEquals(a, b) && aColumn < bColumn + bColumns && bColumn < aColumn + aColumns;

    private static void CheckCache(KeyValueCache cache, AttentionShape shape, PackedLayout layout, int layer)
    {
        if (cache.Width != shape.KeyColumns || (uint)layer >= (uint)cache.Layers)
            throw new ArgumentException($"CausalAttention: layer {layer} of {shape.KeyValueHeads} heads of {shape.HeadDimension} numbers does not fit a cache of {cache.Layers} layers with {cache.Width} numbers a token.");
        for (int s = 0; s < layout.Segments.Length; s++)
            if (cache.LengthOf(layout.Slots[s]) + layout.Segments[s].Length > cache.Capacity)
                throw new ArgumentException($"CausalAttention: the cache holds {cache.Capacity} tokens a sequence; sequence {layout.Slots[s]} has {cache.LengthOf(layout.Slots[s])} and {layout.Segments[s].Length} more do not fit.");
    }
}

/// <summary>y = softmax(scale · q·kᵀ)·v, causal within each sequence. Keeps ln Σ e^score of each row and head; no matrix of scores is held.</summary>
/// <remarks>
/// Forward work is cut into tiles of queries, backward work into (prefix with all its completions, head of keys): a gradient is then written by one
/// unit alone, in a fixed order, whatever the number of threads.
/// </remarks>
internal sealed unsafe class CausalAttention(Tensor q, int qColumn, Tensor k, int kColumn, Tensor v, int vColumn, AttentionShape shape, PackedLayout layout, int layer)
    : Op(q, k, v)
{
    private readonly int _group = shape.Heads / shape.KeyValueHeads;
    private readonly int _queriesOfTile = Math.Max(1, AttentionKernel.TileRows * shape.KeyValueHeads / shape.Heads);
    private Block _logSumExp;                                             // [N, Heads]

    public override (int Rows, int Columns) Shape => (q.Rows, shape.QueryColumns);

    private int RowsOfTile => _queriesOfTile * _group;

    protected override void Forward(Span<float> y)
    {
        if (Output.NeedsGradient) _logSumExp = Block.Rent(q.Rows * shape.Heads);
        if (layout.Cache is { } cache)
        {
            Debug.Assert(!Output.NeedsGradient);
            Append(cache);
            ForwardDecoded(cache);
        }
        ForwardTiles();
    }

    private static bool IsDecoded(PackedLayout layout, in Segment segment) => layout.Cache is not null && segment.Length == 1;

    // The tiles of all segments, the longest ranges of keys first within each.
    private void ForwardTiles()
    {
        int tiles = 0;
        foreach (Segment segment in layout.Segments)
            if (!IsDecoded(layout, segment)) tiles += (segment.Length + _queriesOfTile - 1) / _queriesOfTile;
        Block table = Block.Rent(2 * tiles);
        int* entries = (int*)table.Pointer, entry = entries;
        for (int s = 0; s < layout.Segments.Length; s++)
        {
            if (IsDecoded(layout, layout.Segments[s])) continue;
            for (int first = (layout.Segments[s].Length - 1) / _queriesOfTile * _queriesOfTile; first >= 0 && layout.Segments[s].Length > 0; first -= _queriesOfTile)
            {
                *entry++ = s;
                *entry++ = first;
            }
        }

        int scratchFloats = AttentionKernel.ScratchFloats(RowsOfTile, shape.HeadDimension), d = shape.HeadDimension;
        Block scratch = Block.Rent(ThreadTeam.Shared.Size * scratchFloats);
        float* lse = _logSumExp.Pointer, output = Output.Pointer;
        ThreadTeam.Shared.For((long)tiles * shape.KeyValueHeads, 1, (worker, unit, _) =>
        {
            (long tileNumber, long head) = Math.DivRem(unit, shape.KeyValueHeads);
            Segment segment = layout.Segments[entries[2 * tileNumber]];
            int first = entries[2 * tileNumber + 1];
            VisibleKeys keys = KeysOf(entries[2 * tileNumber], (int)head, out int before);
            var tile = new QueryTile(_group, Math.Min(_queriesOfTile, segment.Length - first), before + first, d, shape.Window);
            long row = segment.Start + first, queryHead = head * _group;
            AttentionKernel.Forward(tile, keys, shape.Scale, q.Pointer + row * q.Columns + qColumn + queryHead * d, q.Columns,
                output + row * shape.QueryColumns + queryHead * d, shape.QueryColumns, lse == null ? null : lse + row * shape.Heads + queryHead, shape.Heads,
                scratch.Pointer + worker * (long)scratchFloats);
        });
        scratch.Return();
        table.Return();
    }

    private void Append(KeyValueCache cache)
    {
        for (int s = 0; s < layout.Segments.Length; s++)
        {
            Segment segment = layout.Segments[s];
            int width = cache.Width;
            float* keys = cache.Keys(layer, layout.Slots[s]) + (long)cache.LengthOf(layout.Slots[s]) * width, values = cache.Values(layer, layout.Slots[s]) + (long)cache.LengthOf(layout.Slots[s]) * width;
            for (int i = 0; i < segment.Length; i++, keys += width, values += width)
            {
                k.Data.Slice((segment.Start + i) * k.Columns + kColumn, width).CopyTo(new Span<float>(keys, width));
                v.Data.Slice((segment.Start + i) * v.Columns + vColumn, width).CopyTo(new Span<float>(values, width));
            }
        }
    }

    // One new token a sequence: blocks of keys are shared out, so that one long sequence too keeps all cores reading.
    private void ForwardDecoded(KeyValueCache cache)
    {
        int units = 0;
        for (int s = 0; s < layout.Segments.Length; s++)
            if (IsDecoded(layout, layout.Segments[s])) units += BlocksOf(cache, s);
        if (units == 0) return;

        Block table = Block.Rent(2 * units);
        int* entries = (int*)table.Pointer, entry = entries;
        for (int s = 0; s < layout.Segments.Length; s++)
            for (int block = 0; IsDecoded(layout, layout.Segments[s]) && block < BlocksOf(cache, s); block++)
            {
                *entry++ = s;
                *entry++ = block;
            }

        int d = shape.HeadDimension, partialFloats = DecodeKernel.PartialFloats(shape.Heads, d);
        Block partials = Block.Rent(units * partialFloats);
        ThreadTeam.Shared.For(units, 1, (_, unit, _) =>
        {
            int s = entries[2 * unit];
            (int from, int end) = DecodedRange(cache, s);
            from += entries[2 * unit + 1] * DecodeKernel.BlockKeys;
            DecodeKernel.Partial(q.Pointer + (long)layout.Segments[s].Start * q.Columns + qColumn, shape.Heads, shape.KeyValueHeads, d, shape.Scale,
                cache.Keys(layer, layout.Slots[s]) + (long)from * cache.Width, cache.Values(layer, layout.Slots[s]) + (long)from * cache.Width,
                Math.Min(DecodeKernel.BlockKeys, end - from), partials.Pointer + unit * partialFloats);
        });
        for (int unit = 0, blocks; unit < units; unit += blocks)
        {
            int s = entries[2 * unit];
            blocks = BlocksOf(cache, s);
            DecodeKernel.Combine(partials.Pointer + (long)unit * partialFloats, blocks, shape.Heads, d, Output.Pointer + (long)layout.Segments[s].Start * shape.QueryColumns);
        }
        partials.Return();
        table.Return();
    }

    private (int From, int End) DecodedRange(KeyValueCache cache, int s)
    {
        int end = cache.LengthOf(layout.Slots[s]) + 1;
        return (shape.Window > 0 ? Math.Max(0, end - shape.Window) : 0, end);
    }

    private int BlocksOf(KeyValueCache cache, int s)
    {
        (int from, int end) = DecodedRange(cache, s);
        return (end - from + DecodeKernel.BlockKeys - 1) / DecodeKernel.BlockKeys;
    }

    // What a segment sees of one head of keys, and how many of those tokens come before its first.
    private VisibleKeys KeysOf(int s, int head, out int before)
    {
        Segment segment = layout.Segments[s];
        if (layout.Cache is { } cache)
        {
            before = cache.LengthOf(layout.Slots[s]);
            int column = head * shape.HeadDimension;
            return new VisibleKeys
            {
                Keys = cache.Keys(layer, layout.Slots[s]) + column, Values = cache.Values(layer, layout.Slots[s]) + column,
                KeyStride = cache.Width, ValueStride = cache.Width,
            };
        }
        before = segment.Prefix >= 0 ? layout.Segments[segment.Prefix].Length : 0;
        return Places(segment, head, k.Pointer, v.Pointer);
    }

    // Where a segment's and its prefix's keys and values, or their gradients, are.
    private VisibleKeys Places(in Segment segment, int head, float* keys, float* values)
    {
        Segment prefix = segment.Prefix >= 0 ? layout.Segments[segment.Prefix] : default;
        int column = head * shape.HeadDimension;
        return new VisibleKeys
        {
            PrefixKeys = keys == null ? null : keys + (long)prefix.Start * k.Columns + kColumn + column,
            PrefixValues = values == null ? null : values + (long)prefix.Start * v.Columns + vColumn + column,
            Keys = keys == null ? null : keys + (long)segment.Start * k.Columns + kColumn + column,
            Values = values == null ? null : values + (long)segment.Start * v.Columns + vColumn + column,
            KeyStride = k.Columns,
            ValueStride = v.Columns,
            Prefix = prefix.Length,
        };
    }

    // See AttentionBackwardKernel for the formulas.
    protected override void Backward(ReadOnlySpan<float> dy)
    {
        bool addQ = false, addK = false, addV = false;
        float* dq = q.NeedsGradient ? Prepared(q, out addQ) : null;
        float* dk = !k.NeedsGradient ? null : ReferenceEquals(k, q) ? Same(dq, addQ, out addK) : Prepared(k, out addK);
        float* dv = !v.NeedsGradient ? null : ReferenceEquals(v, q) ? Same(dq, addQ, out addV) : ReferenceEquals(v, k) ? Same(dk, addK, out addV) : Prepared(v, out addV);

        int scratchFloats = AttentionBackwardKernel.ScratchFloats(RowsOfTile, shape.HeadDimension);
        Block scratch = Block.Rent(ThreadTeam.Shared.Size * scratchFloats);
        int groups = 0;
        foreach (Segment segment in layout.Segments)
            if (segment.Prefix < 0) groups++;
        float* gradient = Output.GradientPointer;
        ThreadTeam.Shared.For((long)groups * shape.KeyValueHeads, 1, (worker, unit, _) =>
        {
            (long groupNumber, long head) = Math.DivRem(unit, shape.KeyValueHeads);
            int root = Root((int)groupNumber);
            for (int s = root; s < layout.Segments.Length; s++)
                if (s == root || layout.Segments[s].Prefix == root) Clear(layout.Segments[s], (int)head, addK ? null : dk, addV ? null : dv);
            for (int s = root; s < layout.Segments.Length; s++)
                if (s == root || layout.Segments[s].Prefix == root) BackwardSegment(s, (int)head, dq, addQ, dk, dv, gradient, scratch.Pointer + worker * (long)scratchFloats);
        });
        scratch.Return();
    }

    private void BackwardSegment(int s, int head, float* dq, bool addQ, float* dk, float* dv, float* gradient, float* scratch)
    {
        Segment segment = layout.Segments[s];
        VisibleKeys keys = KeysOf(s, head, out int before), gradients = Places(segment, head, dk, dv);
        int d = shape.HeadDimension, queryHead = head * _group;
        for (int first = 0; first < segment.Length; first += _queriesOfTile)
        {
            var tile = new QueryTile(_group, Math.Min(_queriesOfTile, segment.Length - first), before + first, d, shape.Window);
            long row = segment.Start + first, place = row * q.Columns + qColumn + queryHead * d, outputPlace = row * shape.QueryColumns + queryHead * d;
            AttentionBackwardKernel.Backward(tile, keys, gradients, shape.Scale, q.Pointer + place, dq == null ? null : dq + place, addQ, q.Columns,
                Output.Pointer + outputPlace, gradient + outputPlace, shape.QueryColumns, _logSumExp.Pointer + row * shape.Heads + queryHead, shape.Heads, scratch);
        }
    }

    // Stored gradients begin at zero, one head's columns at a time, by the unit that then adds to them.
    private void Clear(in Segment segment, int head, float* dk, float* dv)
    {
        VisibleKeys places = Places(segment, head, dk, dv);
        for (int i = 0; i < segment.Length; i++)
        {
            if (dk != null) new Span<float>(places.Keys + (long)i * k.Columns, shape.HeadDimension).Clear();
            if (dv != null) new Span<float>(places.Values + (long)i * v.Columns, shape.HeadDimension).Clear();
        }
    }

    // An operand's gradient. Columns that no unit writes must not keep what the memory held.
    private float* Prepared(Tensor x, out bool accumulate)
    {
        float* gradient = x.GradientForStore(out accumulate);
        int covered = (ReferenceEquals(x, q) ? shape.QueryColumns : 0) + (ReferenceEquals(x, k) ? shape.KeyColumns : 0) + (ReferenceEquals(x, v) ? shape.KeyColumns : 0);
        if (accumulate || covered == x.Columns) return gradient;
        RowKernel.Clear(gradient, x.Length);
        accumulate = true;
        return gradient;
    }

    private static float* Same(float* gradient, bool accumulates, out bool accumulate)
    {
        accumulate = accumulates;
        return gradient;
    }

    private int Root(int number)
    {
        for (int s = 0; ; s++)
            if (layout.Segments[s].Prefix < 0 && number-- == 0) return s;
    }
}
