using Leftover.Tensors.Kernels;
using Leftover.Tensors.Memory;

namespace Leftover.Tensors;

/// <summary>Attention over a packed batch. Keeps ln Σ e^score of each row and head; scores are computed again in the backward pass.</summary>
/// <remarks>
/// A unit of backward work is a prefix with all its completions, and a head of keys: each gradient is then written by one unit alone, in a fixed
/// order, whatever the number of threads.
/// </remarks>
internal sealed unsafe class PackedAttention(AttentionOperands x) : AttentionOp(x)
{
    private readonly AttentionOperands _x = x;
    private Block _logSumExp;                                             // [N, Heads]

    protected override void Forward(Span<float> y)
    {
        if (Output.NeedsGradient) _logSumExp = Block.Rent(_x.Q.Rows * _x.Shape.Heads);
        ForwardTiles(static _ => true, Output.NeedsGradient ? _logSumExp.Pointer : null);
    }

    protected override VisibleKeys KeysOf(int segment, int head, out int before)
    {
        VisibleKeys keys = Places(_x.Layout.Segments[segment], head, _x.K.Pointer, _x.V.Pointer);
        before = keys.Prefix;
        return keys;
    }

    // Where a segment's and its prefix's keys and values, or their gradients, are.
    private VisibleKeys Places(in Segment segment, int head, float* keys, float* values)
    {
        Segment prefix = segment.Prefix >= 0 ? _x.Layout.Segments[segment.Prefix] : default;
        long keyColumn = _x.KColumn + head * _x.Shape.HeadDimension, valueColumn = _x.VColumn + head * _x.Shape.HeadDimension;
        return new VisibleKeys
        {
            PrefixKeys = keys == null ? null : keys + (long)prefix.Start * _x.K.Columns + keyColumn,
            PrefixValues = values == null ? null : values + (long)prefix.Start * _x.V.Columns + valueColumn,
            Keys = keys == null ? null : keys + (long)segment.Start * _x.K.Columns + keyColumn,
            Values = values == null ? null : values + (long)segment.Start * _x.V.Columns + valueColumn,
            KeyStride = _x.K.Columns,
            ValueStride = _x.V.Columns,
            Prefix = prefix.Length,
        };
    }

    // See AttentionBackwardKernel for the formulas.
    protected override void Backward(ReadOnlySpan<float> dy)
    {
        (Tensor q, Tensor k, Tensor v) = (_x.Q, _x.K, _x.V);
        bool addQ = false, addK = false, addV = false;
        float* dq = q.NeedsGradient ? Prepared(q, out addQ) : null;
        float* dk = !k.NeedsGradient ? null : ReferenceEquals(k, q) ? Same(dq, addQ, out addK) : Prepared(k, out addK);
        float* dv = !v.NeedsGradient ? null : ReferenceEquals(v, q) ? Same(dq, addQ, out addV) : ReferenceEquals(v, k) ? Same(dk, addK, out addV) : Prepared(v, out addV);

        int scratchFloats = AttentionBackwardKernel.ScratchFloats(_x.QueriesOfTile * _x.Group, _x.Shape.HeadDimension), roots = 0;
        ThreadTeam team = ThreadTeam.Shared;
        Block scratch = Block.Rent(team.Size * scratchFloats), table = Block.Rent(_x.Layout.Segments.Length);
        int* rootOf = (int*)table.Pointer;
        for (int s = 0; s < _x.Layout.Segments.Length; s++)
            if (_x.Layout.Segments[s].Prefix < 0) rootOf[roots++] = s;
        float* gradient = Output.GradientPointer, scratches = scratch.Pointer;
        team.For((long)roots * _x.Shape.KeyValueHeads, 1, (worker, unit, _) =>
        {
            (long number, long head) = Math.DivRem(unit, _x.Shape.KeyValueHeads);
            int root = rootOf[number];
            for (int s = root; s < _x.Layout.Segments.Length; s++)
                if (s == root || _x.Layout.Segments[s].Prefix == root) Clear(_x.Layout.Segments[s], (int)head, addK ? null : dk, addV ? null : dv);
            for (int s = root; s < _x.Layout.Segments.Length; s++)
                if (s == root || _x.Layout.Segments[s].Prefix == root) BackwardSegment(s, (int)head, dq, addQ, dk, dv, gradient, scratches + worker * (long)scratchFloats);
        });
        table.Return();
        scratch.Return();
    }

    private void BackwardSegment(int s, int head, float* dq, bool addQ, float* dk, float* dv, float* gradient, float* scratch)
    {
        Segment segment = _x.Layout.Segments[s];
        VisibleKeys keys = KeysOf(s, head, out int before), gradients = Places(segment, head, dk, dv);
        int d = _x.Shape.HeadDimension, queryHead = head * _x.Group;
        for (int first = 0; first < segment.Length; first += _x.QueriesOfTile)
        {
            var tile = new QueryTile(_x.Group, Math.Min(_x.QueriesOfTile, segment.Length - first), before + first, d, _x.Shape.Window);
            long row = segment.Start + first, place = row * _x.Q.Columns + _x.QColumn + queryHead * d, outputPlace = row * Output.Columns + queryHead * d;
            AttentionBackwardKernel.Backward(tile, keys, gradients, _x.Shape.Scale, _x.Q.Pointer + place, dq == null ? null : dq + place, addQ, _x.Q.Columns,
                Output.Pointer + outputPlace, gradient + outputPlace, Output.Columns, _logSumExp.Pointer + row * _x.Shape.Heads + queryHead, _x.Shape.Heads, scratch);
        }
    }

    // Stored gradients begin at zero, one head's columns at a time, by the unit that then adds to them.
    private void Clear(in Segment segment, int head, float* dk, float* dv)
    {
        VisibleKeys places = Places(segment, head, dk, dv);
        for (int i = 0; i < segment.Length; i++)
        {
            if (dk != null) new Span<float>(places.Keys + (long)i * _x.K.Columns, _x.Shape.HeadDimension).Clear();
            if (dv != null) new Span<float>(places.Values + (long)i * _x.V.Columns, _x.Shape.HeadDimension).Clear();
        }
    }

    // An operand's gradient. Columns that no unit writes must not keep what the memory held.
    private float* Prepared(Tensor operand, out bool accumulate)
    {
        float* gradient = operand.GradientForStore(out accumulate);
        int covered = (ReferenceEquals(operand, _x.Q) ? _x.Shape.QueryColumns : 0) + (ReferenceEquals(operand, _x.K) ? _x.Shape.KeyColumns : 0) + (ReferenceEquals(operand, _x.V) ? _x.Shape.KeyColumns : 0);
        if (accumulate || covered == operand.Columns) return gradient;
        RowKernel.Clear(gradient, operand.Length);
        accumulate = true;
        return gradient;
    }

    private static float* Same(float* gradient, bool accumulates, out bool accumulate)
    {
        accumulate = accumulates;
        return gradient;
    }
}
