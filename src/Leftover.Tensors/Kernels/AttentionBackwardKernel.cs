using System.Numerics;
using System.Runtime.CompilerServices;

namespace Leftover.Tensors.Kernels;

/// <summary>Attention backward over one block of keys: it is packed once, tiles of queries come by, and its own gradients are written at the end.</summary>
/// <remarks>
/// With P = e^(s − lse), s = scale·q·kᵀ and D = Σ dy ∘ y of each row:
/// dv += Pᵀ·dy,   dS = P ∘ (dy·vᵀ − D),   dk += scale·dSᵀ·q,   dq += scale·dS·k. Scores are computed again.
/// </remarks>
internal readonly unsafe ref struct AttentionBackwardKernel
{
    /// <summary>Keys of a block.</summary>
    public const int BlockKeys = 256;

    private readonly MicroKernel _kernel;
    private readonly int _d, _stride, _count;
    private readonly float* _packedKeys, _packedValues, _keys, _keyGradients, _valueGradients;
    private readonly float* _scores, _scoreGradients, _queries, _outputGradients, _queryGradients;

    /// <summary>Takes up a block.</summary>
    /// <param name="kernel">The matrix kernels.</param>
    /// <param name="d">Numbers of a head.</param>
    /// <param name="heads">Query heads that share the head of keys.</param>
    /// <param name="keys">The block's first key.</param>
    /// <param name="keyStride">Floats from one key to the next.</param>
    /// <param name="values">The block's first value.</param>
    /// <param name="valueStride">Floats from one value to the next.</param>
    /// <param name="count">Keys of the block, 1 … <see cref="BlockKeys"/>.</param>
    /// <param name="scratch"><see cref="ScratchFloats"/> floats.</param>
    public AttentionBackwardKernel(MicroKernel kernel, int d, int heads, float* keys, int keyStride, float* values, int valueStride, int count, float* scratch)
    {
        (_kernel, _d, _stride, _count) = (kernel, d, HeadProduct.Round(d), count);
        int packed = HeadProduct.PackedFloats(kernel, BlockKeys, d), rows = heads * Queries(heads);
        _packedKeys = scratch;
        _packedValues = _packedKeys + packed;
        _keys = _packedValues + packed;
        _keyGradients = _keys + BlockKeys * _stride;
        _valueGradients = _keyGradients + BlockKeys * _stride;
        _scores = _valueGradients + BlockKeys * _stride;
        _scoreGradients = _scores + rows * BlockKeys;
        _queries = _scoreGradients + rows * BlockKeys;
        _outputGradients = _queries + rows * _stride;
        _queryGradients = _outputGradients + rows * _stride;

        HeadProduct.PackTransposed(kernel, keys, keyStride, count, d, _packedKeys);
        HeadProduct.PackTransposed(kernel, values, valueStride, count, d, _packedValues);
        AttentionTiles.CopyRows(keys, keyStride, count, d, _keys, _stride);
        new Span<float>(_keyGradients, count * _stride).Clear();
        new Span<float>(_valueGradients, count * _stride).Clear();
    }

    /// <summary>Tokens of a tile: more than in the forward pass where heads are not stacked, since gradients of keys are sums over a tile's rows.</summary>
    /// <param name="heads">Query heads that share a head of keys.</param>
    public static int Queries(int heads) => heads == 1 ? 2 * AttentionTiles.Queries : AttentionTiles.Queries;

    /// <summary>Floats of scratch.</summary>
    public static int ScratchFloats(MicroKernel kernel, int heads, int d)
    {
        int rows = heads * Queries(heads), stride = HeadProduct.Round(d);
        return 2 * HeadProduct.PackedFloats(kernel, BlockKeys, d) + 3 * BlockKeys * stride + 2 * rows * BlockKeys + 3 * rows * stride;
    }

    /// <summary>A tile's part: adds to the block's gradients, and stores or adds dq.</summary>
    /// <param name="tile">The tile.</param>
    /// <param name="firstKey">The number of the block's first key in the tile's run of keys.</param>
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
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add(in QueryTile tile, int firstKey, float scale, float* q, float* dq, bool addQ, int qStride, float* y, float* dy, int yStride, float* logSumExp, int logSumExpStride)
    {
        int visible = tile.Visible(firstKey, _count), rows = tile.Rows;
        if (visible == 0) return;
        AttentionTiles.Stack(tile, q, qStride, scale, _queries, _stride);
        AttentionTiles.Stack(tile, dy, yStride, 1, _outputGradients, _stride);
        HeadProduct.MultiplyPacked(_kernel, rows, visible, _d, _queries, _stride, _packedKeys, _count, _scores, BlockKeys);
        HeadProduct.MultiplyPacked(_kernel, rows, visible, _d, _outputGradients, _stride, _packedValues, _count, _scoreGradients, BlockKeys);
        for (int row = 0; row < rows; row++)
        {
            (int head, int token) = Math.DivRem(row, tile.Queries);
            (int low, int end) = tile.Sees(row, firstKey, visible);
            float dot = ReduceKernel.Dot(_outputGradients + row * _stride, y + (long)token * yStride + head * _d, _d);
            GradientRow(_scores + row * BlockKeys, _scoreGradients + row * BlockKeys, low, end, visible, logSumExp[(long)token * logSumExpStride + head], dot);
        }
        HeadProduct.MultiplyRows(_kernel, visible, _d, rows, _scores, 1, BlockKeys, _outputGradients, _stride, _valueGradients, _stride, accumulate: true);
        HeadProduct.MultiplyRows(_kernel, visible, _d, rows, _scoreGradients, 1, BlockKeys, _queries, _stride, _keyGradients, _stride, accumulate: true);
        if (dq == null) return;
        HeadProduct.MultiplyRows(_kernel, rows, _d, visible, _scoreGradients, BlockKeys, 1, _keys, _stride, _queryGradients, _stride, accumulate: false);
        bool add = addQ || firstKey > tile.FirstKey;
        for (int row = 0; row < rows; row++)
        {
            (int head, int token) = Math.DivRem(row, tile.Queries);
            AttentionTiles.Move(_queryGradients + row * _stride, scale, dq + (long)token * qStride + head * _d, _d, add);
        }
    }

    /// <summary>Stores or adds the gradients of the block's keys and values; either place may be null.</summary>
    public void Finish(float* dk, int keyStride, bool addK, float* dv, int valueStride, bool addV)
    {
        for (int i = 0; i < _count; i++)
        {
            if (dk != null) AttentionTiles.Move(_keyGradients + i * _stride, 1, dk + (long)i * keyStride, _d, addK);
            if (dv != null) AttentionTiles.Move(_valueGradients + i * _stride, 1, dv + (long)i * valueStride, _d, addV);
        }
    }

    // Scores become P = e^(score − lse), their gradients P ∘ (dP − dot); both 0 where hidden.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void GradientRow(float* scores, float* gradients, int low, int end, int count, float logSumExp, float dot)
    {
        int rounded = 0;
        if (low < end)
        {
            rounded = AttentionTiles.Hide(scores, low, end);
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
