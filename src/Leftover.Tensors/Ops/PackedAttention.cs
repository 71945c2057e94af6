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
        ForwardChunks(static _ => true, Output.NeedsGradient ? _logSumExp.Pointer : null);
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

        MicroKernel kernel = MicroKernel.For(Instructions.Current);
        ThreadTeam team = ThreadTeam.Shared;
        int scratchFloats = AttentionBackwardKernel.ScratchFloats(kernel, _x.Group, _x.Shape.HeadDimension), roots = 0;
        Block scratch = Block.Rent(team.Size * scratchFloats), table = Block.Rent(_x.Layout.Segments.Length);
        int* rootOf = (int*)table.Pointer;
        for (int s = 0; s < _x.Layout.Segments.Length; s++)
            if (_x.Layout.Segments[s].Prefix < 0) rootOf[roots++] = s;
        var places = new Gradients { Q = dq, AddQ = addQ, K = dk, AddK = addK, V = dv, AddV = addV, Output = Output.GradientPointer };
        float* scratches = scratch.Pointer;
        team.For((long)roots * _x.Shape.KeyValueHeads, 1, (worker, unit, _) =>
        {
            (long number, long head) = Math.DivRem(unit, _x.Shape.KeyValueHeads);
            int root = rootOf[number];
            for (int s = root; s < _x.Layout.Segments.Length; s++)
                if (s == root || _x.Layout.Segments[s].Prefix == root) BackwardKeys(kernel, s, (int)head, places, scratches + worker * (long)scratchFloats);
        });
        table.Return();
        scratch.Return();
    }

    private struct Gradients
    {
        public float* Q, K, V, Output;
        public bool AddQ, AddK, AddV;
    }

    // All that the keys of one segment take part in: its own queries', and where it is a prefix, its completions'.
    private void BackwardKeys(MicroKernel kernel, int owner, int head, in Gradients gradients, float* scratch)
    {
        Segment segment = _x.Layout.Segments[owner];
        VisibleKeys keys = Places(segment, head, _x.K.Pointer, _x.V.Pointer), into = Places(segment, head, gradients.K, gradients.V);
        for (int first = 0; first < segment.Length; first += AttentionBackwardKernel.BlockKeys)
        {
            int count = Math.Min(AttentionBackwardKernel.BlockKeys, segment.Length - first);
            long keyAt = (long)first * keys.KeyStride, valueAt = (long)first * keys.ValueStride;
            var block = new AttentionBackwardKernel(kernel, _x.Shape.HeadDimension, _x.Group, keys.Keys + keyAt, keys.KeyStride, keys.Values + valueAt, keys.ValueStride, count, scratch);
            for (int s = owner; s < _x.Layout.Segments.Length; s++)
                if (s == owner || _x.Layout.Segments[s].Prefix == owner) AddQueries(block, s, head, (s == owner ? keys.Prefix : 0) + first, gradients);
            block.Finish(into.Keys == null ? null : into.Keys + keyAt, keys.KeyStride, gradients.AddK, into.Values == null ? null : into.Values + valueAt, keys.ValueStride, gradients.AddV);
        }
    }

    private void AddQueries(in AttentionBackwardKernel block, int s, int head, int firstKey, in Gradients gradients)
    {
        Segment segment = _x.Layout.Segments[s];
        int before = segment.Prefix >= 0 ? _x.Layout.Segments[segment.Prefix].Length : 0, d = _x.Shape.HeadDimension, queryHead = head * _x.Group, queries = AttentionBackwardKernel.Queries(_x.Group);
        for (int first = 0; first < segment.Length; first += queries)
        {
            var tile = new QueryTile(_x.Group, Math.Min(queries, segment.Length - first), before + first, d, _x.Shape.Window, _x.AllKeysOf(segment));
            long row = segment.Start + first, place = row * _x.Q.Columns + _x.QColumn + queryHead * d, outputPlace = row * Output.Columns + queryHead * d;
            block.Add(tile, firstKey, _x.Shape.Scale, _x.Q.Pointer + place, gradients.Q == null ? null : gradients.Q + place, gradients.AddQ, _x.Q.Columns,
                Output.Pointer + outputPlace, gradients.Output + outputPlace, Output.Columns, _logSumExp.Pointer + row * _x.Shape.Heads + queryHead, _x.Shape.Heads);
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
