using System.Numerics;

namespace Leftover.Tensors.Kernels;

/// <summary>Attention of one tile of queries, backward: scores are computed again from the kept ln Σ e^score.</summary>
internal static unsafe class AttentionBackwardKernel
{
    /// <summary>Floats of scratch for one tile of that many rows.</summary>
    public static int ScratchFloats(int rows, int dimension) =>
        2 * rows * AttentionKernel.TileKeys + 3 * AttentionKernel.Round(rows * dimension) + 2 * AttentionKernel.Round(rows);

    /// <summary>Adds the tile's part of dk and dv, and stores or adds dq.</summary>
    /// <remarks>
    /// With P = e^(s − lse), s = scale·q·kᵀ and D = Σ dy ∘ y of each row:
    /// dv += Pᵀ·dy,   dS = P ∘ (dy·vᵀ − D),   dk += scale·dSᵀ·q,   dq += scale·dS·k.
    /// </remarks>
    /// <param name="tile">The tile.</param>
    /// <param name="keys">What it sees.</param>
    /// <param name="gradients">Where the gradients of those keys and values are; added to.</param>
    /// <param name="scale">The factor of the scores.</param>
    /// <param name="q">The tile's first token's first head.</param>
    /// <param name="dq">The same place in q's gradient, or null.</param>
    /// <param name="addQ">Adds to dq.</param>
    /// <param name="qStride">Floats from one token's queries to the next.</param>
    /// <param name="y">The same place in the output.</param>
    /// <param name="dy">The same place in the output's gradient.</param>
    /// <param name="yStride">Floats from one token's output to the next.</param>
    /// <param name="logSumExp">The kept ln Σ e^score: first token's first head.</param>
    /// <param name="logSumExpStride">Floats from one token's to the next.</param>
    /// <param name="scratch"><see cref="ScratchFloats"/> floats.</param>
    public static void Backward(
        in QueryTile tile, in VisibleKeys keys, in VisibleKeys gradients, float scale, float* q, float* dq, bool addQ, int qStride,
        float* y, float* dy, int yStride, float* logSumExp, int logSumExpStride, float* scratch)
    {
        const int TileKeys = AttentionKernel.TileKeys;
        int rows = tile.Rows, d = tile.Dimension, matrix = AttentionKernel.Round(rows * d);
        float* scores = scratch, scoreGradients = scores + rows * TileKeys, queries = scoreGradients + rows * TileKeys;
        float* outputGradients = queries + matrix, queryGradients = outputGradients + matrix, lse = queryGradients + matrix, dots = lse + AttentionKernel.Round(rows);
        AttentionKernel.Stack(tile, q, qStride, scale, queries);
        AttentionKernel.Stack(tile, dy, yStride, 1, outputGradients);
        for (int row = 0; row < rows; row++)
        {
            (int head, int token) = Math.DivRem(row, tile.Queries);
            lse[row] = logSumExp[(long)token * logSumExpStride + head];
            dots[row] = ReduceKernel.Dot(outputGradients + row * d, y + (long)token * yStride + head * d, d);
        }

        for (int first = tile.FirstKey; first < tile.EndKey; first += TileKeys)
        {
            int count = Math.Min(TileKeys, tile.EndKey - first);
            AttentionKernel.Products(tile, keys, keys.PrefixKeys, keys.Keys, keys.KeyStride, queries, first, count, scores);
            AttentionKernel.Products(tile, keys, keys.PrefixValues, keys.Values, keys.ValueStride, outputGradients, first, count, scoreGradients);
            for (int row = 0; row < rows; row++)
            {
                (int low, int end) = tile.Sees(row, first, count);
                GradientRow(scores + row * TileKeys, scoreGradients + row * TileKeys, low, end, count, lse[row], dots[row]);
            }
            int fromPrefix = keys.FromPrefix(first, count, out int own);
            if (fromPrefix > 0)
                Contribute(rows, d, fromPrefix, scores, scoreGradients, queries, outputGradients, keys.PrefixKeys + (long)first * keys.KeyStride, keys.KeyStride,
                    gradients.PrefixKeys == null ? null : gradients.PrefixKeys + (long)first * keys.KeyStride,
                    gradients.PrefixValues == null ? null : gradients.PrefixValues + (long)first * keys.ValueStride, keys.ValueStride, queryGradients, first > tile.FirstKey);
            if (fromPrefix < count)
                Contribute(rows, d, count - fromPrefix, scores + fromPrefix, scoreGradients + fromPrefix, queries, outputGradients, keys.Keys + (long)own * keys.KeyStride, keys.KeyStride,
                    gradients.Keys == null ? null : gradients.Keys + (long)own * keys.KeyStride,
                    gradients.Values == null ? null : gradients.Values + (long)own * keys.ValueStride, keys.ValueStride, queryGradients, first > tile.FirstKey || fromPrefix > 0);
        }

        if (dq == null) return;
        for (int row = 0; row < rows; row++)
        {
            (int head, int token) = Math.DivRem(row, tile.Queries);
            AttentionKernel.Unstack(queryGradients + row * d, scale, dq + (long)token * qStride + head * d, d, addQ);
        }
    }

    private static void Contribute(
        int rows, int d, int count, float* p, float* ds, float* queries, float* outputGradients,
        float* keys, int keyStride, float* keyGradients, float* valueGradients, int valueStride, float* queryGradients, bool addQuery)
    {
        const int TileKeys = AttentionKernel.TileKeys;
        if (valueGradients != null) MatMulKernel.Multiply(true, false, count, d, rows, p, TileKeys, outputGradients, d, valueGradients, valueStride, accumulate: true);
        if (keyGradients != null) MatMulKernel.Multiply(true, false, count, d, rows, ds, TileKeys, queries, d, keyGradients, keyStride, accumulate: true);
        MatMulKernel.Multiply(false, false, rows, d, count, ds, TileKeys, keys, keyStride, queryGradients, d, addQuery);
    }

    // Scores become P = e^(score − lse), their gradients P ∘ (dP − dot); both 0 where hidden.
    private static void GradientRow(float* scores, float* gradients, int low, int end, int count, float logSumExp, float dot)
    {
        int rounded = 0;
        if (low < end)
        {
            rounded = AttentionKernel.Hide(scores, low, end);
            Vector<float> shift = Vector.Create(logSumExp), dots = Vector.Create(dot);
            for (int i = 0; i < rounded; i += Vector<float>.Count)
            {
                Vector<float> p = VectorMath.Exp(Vector.Load(scores + i) - shift);
                p.Store(scores + i);
                (p * (Vector.Load(gradients + i) - dots)).Store(gradients + i);
            }
        }
        if (rounded >= count) return;
        new Span<float>(scores + rounded, count - rounded).Clear();
        new Span<float>(gradients + rounded, count - rounded).Clear();
    }
}
