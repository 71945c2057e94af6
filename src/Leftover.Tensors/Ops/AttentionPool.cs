using Leftover.Tensors.Kernels;
using Leftover.Tensors.Memory;

namespace Leftover.Tensors;

public sealed unsafe partial class Tensor
{
    /// <summary>Multi-head attention of one query over each segment of rows: [N, C] to [B, C], before any projection of the output.</summary>
    /// <param name="states">Keys and values before their projections, [N, C].</param>
    /// <param name="query">The query before its projection, [C]; the same for all segments.</param>
    /// <param name="projection">[3C, C]: rows 0 … C−1 project the query, the next C the keys, the last C the values; head h owns C/heads rows of each, from h·C/heads on.</param>
    /// <param name="projectionBias">[3C], in the same order. The keys' part has no effect, and a gradient of 0: it adds one number to all scores of a head.</param>
    /// <param name="offsets">Segment i is rows <c>offsets[i] .. offsets[i+1]-1</c>, at least one; B+1 numbers from 0 to N.</param>
    /// <param name="heads">How many; they divide C. Scores are divided by sqrt(C/heads).</param>
    /// <param name="attention">Gets, where it is not empty, how much of each head's attention falls on each row; [N, heads].</param>
    /// <exception cref="ShapeException">The shapes do not fit, the heads do not divide C, or a segment is empty.</exception>
    public static Tensor AttentionPool(Tensor states, Tensor query, Tensor projection, Tensor projectionBias, ReadOnlySpan<int> offsets, int heads, Span<float> attention = default)
    {
        int c = states.Columns;
        if (query.Rows != 1 || query.Columns != c || projection.Rows != 3 * c || projection.Columns != c || projectionBias.Length != 3 * c)
            throw new ShapeException($"AttentionPool: states {states.ShapeText} need a query [{c}], a projection [{3 * c}, {c}] and its bias [{3 * c}]; they are {query.ShapeText}, {projection.ShapeText} and {projectionBias.ShapeText}.");
        if (heads < 1 || c % heads != 0) throw new ShapeException($"AttentionPool: {heads} heads do not divide the {c} columns of the states.");
        bool fits = offsets.Length >= 1 && offsets[0] == 0 && offsets[^1] == states.Rows;
        for (int i = 1; fits && i < offsets.Length; i++)
        {
            if (offsets[i] == offsets[i - 1]) throw new ShapeException($"AttentionPool: segment {i - 1} is empty; there is nothing to attend to.");
            fits = offsets[i] > offsets[i - 1];
        }
        if (!fits) throw new ShapeException($"AttentionPool: states {states.ShapeText} and {offsets.Length} offsets do not fit: they run from 0 to {states.Rows} without going back.");
        if (attention.Length != 0 && attention.Length != states.Rows * heads) throw new ShapeException($"AttentionPool: the attention of {heads} heads over states {states.ShapeText} takes {states.Rows * heads} numbers; there is room for {attention.Length}.");
        var op = new AttentionPool(states, query, projection, projectionBias, Indices.Copy(offsets), heads);
        Tensor pooled = Tape.Current.Run(op);
        if (attention.Length != 0) op.Attention.CopyTo(attention);
        return pooled;
    }
}

/// <summary>One query's attention over each segment, with the projections of keys and values moved to the query's side.</summary>
/// <remarks>
/// <para>
/// Head h's score of row x is (q_h · W_k,h x)/√d = u_h · x with u_h = W_k,hᵀ q_h /√d, and its output is W_v,h Σ a·x + b_v,h. So rows are never
/// projected: with n rows and H heads a segment costs 2·n·H·C + C² products instead of 2·n·C².
/// </para>
/// <para>Keeps q, u, the attention a and the pooled rows p[b, h] = Σ a·x: C + H·C + N·H + B·H·C floats.</para>
/// </remarks>
internal sealed unsafe class AttentionPool(Tensor states, Tensor query, Tensor projection, Tensor bias, Indices offsets, int heads) : Op(states, query, projection, bias)
{
    private readonly int _segments = offsets.Length - 1, _c = states.Columns, _d = states.Columns / heads;
    private readonly float _scale = 1 / MathF.Sqrt(states.Columns / heads);
    private readonly Block _query = Block.Rent(states.Columns);                                     // [C]      q = W_q query + b_q
    private readonly Block _scorers = Block.Rent(heads * states.Columns);                           // [H, C]   u
    private readonly Block _attention = Block.Rent(states.Rows * heads);                            // [N, H]   a
    private readonly Block _pooled = Block.Rent((offsets.Length - 1) * heads * states.Columns);     // [B, H·C] p

    public override (int Rows, int Columns) Shape => (_segments, _c);

    /// <summary>a, [N, H]: how much of each head's attention falls on each row of its segment.</summary>
    public ReadOnlySpan<float> Attention => _attention.Span;

    private float* KeyWeight(int head) => projection.Pointer + (nint)(_c + head * _d) * _c;         // [d, C]

    private float* ValueWeight(int head) => projection.Pointer + (nint)(2 * _c + head * _d) * _c;   // [d, C]

    protected override void Forward(Span<float> y)
    {
        float* q = _query.Pointer, u = _scorers.Pointer, x = states.Pointer, a = _attention.Pointer, p = _pooled.Pointer, result = Output.Pointer;
        MatMulKernel.Multiply(false, true, 1, _c, _c, query.Pointer, _c, projection.Pointer, _c, q, _c, accumulate: false);
        RowKernel.AddVector(q, bias.Pointer, _c, 0, 1);
        for (int h = 0; h < heads; h++) MatMulKernel.Multiply(false, false, 1, _c, _d, q + h * _d, _d, KeyWeight(h), _c, u + h * _c, _c, accumulate: false);
        foreach (ref float number in _scorers.Span) number *= _scale;

        MatMulKernel.Multiply(false, true, states.Rows, heads, _c, x, _c, u, _c, a, heads, accumulate: false);
        ForSegments((b, start, rows) =>
        {
            ColumnSoftmaxKernel.Forward(a + start * heads, rows, heads);
            MatMulKernel.Multiply(true, false, heads, _c, rows, a + start * heads, heads, x + start * _c, _c, p + b * heads * _c, _c, accumulate: false);
        });
        for (int h = 0; h < heads; h++) MatMulKernel.Multiply(false, true, _segments, _d, _c, p + h * _c, heads * _c, ValueWeight(h), _c, result + h * _d, _c, accumulate: false);
        RowKernel.AddVector(result, bias.Pointer + 2 * _c, _c, 0, _segments);
    }

    // Values:   dW_v,h += dy_hᵀ p_h,   db_v += Σ_b dy,   dp_h = dy_h W_v,h.
    // Softmax:  da = x dpᵀ,   ds = a ∘ (da − Σ a ∘ da).
    // Scores:   du = dsᵀ x,   dW_k,h += q_h ⊗ du_h /√d,   dq_h = W_k,h du_h /√d,   dx += a dp + ds u.
    // Query:    dW_q += dq ⊗ query,   db_q += dq,   dquery += W_qᵀ dq.
    protected override void Backward(ReadOnlySpan<float> dy)
    {
        Block dPooled = Block.Rent(_segments * heads * _c), dScores = Block.Rent(states.Rows * heads), dScorers = Block.Rent(heads * _c), dQuery = Block.Rent(_c);
        float* gradient = Output.GradientPointer, x = states.Pointer, a = _attention.Pointer, u = _scorers.Pointer, dp = dPooled.Pointer, ds = dScores.Pointer;
        bool addToStates = false;
        float* dx = states.NeedsGradient ? states.GradientForStore(out addToStates) : null;

        for (int h = 0; h < heads; h++) MatMulKernel.Multiply(false, false, _segments, _c, _d, gradient + h * _d, _c, ValueWeight(h), _c, dp + h * _c, heads * _c, accumulate: false);
        ForSegments((b, start, rows) =>
        {
            float* xs = x + start * _c, dps = dp + b * heads * _c, dss = ds + start * heads;
            MatMulKernel.Multiply(false, true, rows, heads, _c, xs, _c, dps, _c, dss, heads, accumulate: false);
            ColumnSoftmaxKernel.Backward(a + start * heads, dss, rows, heads);
            if (dx == null) return;
            MatMulKernel.Multiply(false, false, rows, _c, heads, a + start * heads, heads, dps, _c, dx + start * _c, _c, addToStates);
            MatMulKernel.Multiply(false, false, rows, _c, heads, dss, heads, u, _c, dx + start * _c, _c, accumulate: true);
        });

        float* du = dScorers.Pointer, dq = dQuery.Pointer;
        MatMulKernel.Multiply(true, false, heads, _c, states.Rows, ds, heads, x, _c, du, _c, accumulate: false);
        foreach (ref float number in dScorers.Span) number *= _scale;
        for (int h = 0; h < heads; h++) MatMulKernel.Multiply(false, true, 1, _d, _c, du + h * _c, _c, KeyWeight(h), _c, dq + h * _d, _d, accumulate: false);

        if (projection.NeedsGradient) BackwardToProjection(gradient, du, dq);
        if (bias.NeedsGradient) BackwardToBias(gradient, dQuery.Span);
        if (query.NeedsGradient)
        {
            float* into = query.GradientForStore(out bool accumulate);
            MatMulKernel.Multiply(false, false, 1, _c, _c, dq, _c, projection.Pointer, _c, into, _c, accumulate);
        }
        dPooled.Return();
        dScores.Return();
        dScorers.Return();
        dQuery.Return();
    }

    private void BackwardToProjection(float* gradient, float* du, float* dq)
    {
        float* dw = projection.GradientForStore(out bool accumulate);
        MatMulKernel.Multiply(true, false, _c, _c, 1, dq, _c, query.Pointer, _c, dw, _c, accumulate);
        for (int h = 0; h < heads; h++)
        {
            nint row = h * _d;
            MatMulKernel.Multiply(true, false, _d, _c, 1, _query.Pointer + row, _d, du + h * _c, _c, dw + (_c + row) * _c, _c, accumulate);
            MatMulKernel.Multiply(true, false, _d, _c, _segments, gradient + row, _c, _pooled.Pointer + h * _c, heads * _c, dw + (2 * _c + row) * _c, _c, accumulate);
        }
    }

    private void BackwardToBias(float* gradient, ReadOnlySpan<float> dq)
    {
        Span<float> db = bias.Gradient;
        for (int i = 0; i < _c; i++)
        {
            double sum = 0;
            for (int b = 0; b < _segments; b++) sum += gradient[(nint)b * _c + i];
            db[i] += dq[i];
            db[2 * _c + i] += (float)sum;
        }
    }

    // A segment is the unit of work: what is computed does not depend on how many threads there are.
    private void ForSegments(Action<nint, nint, int> body) => ThreadTeam.Shared.For(_segments, 1, (_, first, end) =>
    {
        for (nint b = (nint)first; b < end; b++) body(b, offsets.Span[(int)b], offsets.Span[(int)b + 1] - offsets.Span[(int)b]);
    });
}
