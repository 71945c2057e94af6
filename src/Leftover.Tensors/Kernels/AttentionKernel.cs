using System.Numerics;
using System.Runtime.CompilerServices;

namespace Leftover.Tensors.Kernels;

/// <summary>Attention of a run of queries, forward: blocks of keys come by, and the softmax goes on from block to block.</summary>
/// <remarks>Milakov &amp; Gimelshein 2018, arXiv:1805.02867, for the softmax; Dao et al. 2022, arXiv:2205.14135, for the blocks.</remarks>
internal static unsafe class AttentionKernel
{
    /// <summary>Rows of queries that one call takes at most: each block of keys is packed once for them.</summary>
    public const int ChunkRows = 256;

    private const int BlockKeys = 512;

    /// <summary>Tokens of a chunk, where so many heads share a head of keys.</summary>
    public static int ChunkQueries(int heads) => Math.Max(1, ChunkRows / heads / AttentionTiles.Queries) * AttentionTiles.Queries;

    /// <summary>Floats of scratch for one chunk.</summary>
    public static int ScratchFloats(MicroKernel kernel, int heads, int dimension)
    {
        int rows = heads * ChunkQueries(heads), stride = HeadProduct.Round(dimension);
        return HeadProduct.PackedFloats(kernel, BlockKeys, dimension) + BlockKeys * stride + heads * AttentionTiles.Queries * BlockKeys + 2 * rows * stride + 2 * HeadProduct.Round(rows);
    }

    /// <summary>output = softmax(scale · q·kᵀ)·v for the chunk's rows.</summary>
    /// <param name="kernel">The matrix kernels.</param>
    /// <param name="chunk">Its tokens, heads and positions.</param>
    /// <param name="keys">What it sees.</param>
    /// <param name="scale">The factor of the scores.</param>
    /// <param name="q">The chunk's first token's first head; heads follow each other by <see cref="QueryTile.Dimension"/>.</param>
    /// <param name="qStride">Floats from one token's queries to the next.</param>
    /// <param name="output">The same place in the output.</param>
    /// <param name="outputStride">Floats from one token's output to the next.</param>
    /// <param name="logSumExp">ln Σ e^score: first token's first head, or null.</param>
    /// <param name="logSumExpStride">Floats from one token's to the next.</param>
    /// <param name="scratch"><see cref="ScratchFloats"/> floats.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward(MicroKernel kernel, in QueryTile chunk, in VisibleKeys keys, float scale, float* q, int qStride, float* output, int outputStride, float* logSumExp, int logSumExpStride, float* scratch)
    {
        int d = chunk.Dimension, stride = HeadProduct.Round(d), rows = chunk.Rows;
        float* packedKeys = scratch, values = packedKeys + HeadProduct.PackedFloats(kernel, BlockKeys, d), scores = values + BlockKeys * stride;
        float* queries = scores + chunk.Heads * AttentionTiles.Queries * BlockKeys, sums = queries + rows * stride, max = sums + rows * stride, total = max + HeadProduct.Round(rows);
        new Span<float>(max, rows).Fill(float.NegativeInfinity);
        new Span<float>(total, rows).Clear();
        for (int first = 0; first < chunk.Queries; first += AttentionTiles.Queries)
            AttentionTiles.Stack(TileAt(chunk, first), q + (long)first * qStride, qStride, scale, queries + first * chunk.Heads * stride, stride);

        int count;
        for (int key = chunk.FirstKey; key < chunk.EndKey; key += count)
        {
            count = Math.Min(BlockKeys, (key < keys.Prefix ? keys.Prefix : chunk.EndKey) - key);
            (nint keyAt, nint valueAt) = keys.At(key);
            HeadProduct.PackTransposed(kernel, (float*)keyAt, keys.KeyStride, count, d, packedKeys);
            AttentionTiles.CopyRows((float*)valueAt, keys.ValueStride, count, d, values, stride);
            for (int first = 0; first < chunk.Queries; first += AttentionTiles.Queries)
            {
                QueryTile tile = TileAt(chunk, first);
                int row = first * chunk.Heads, visible = tile.Visible(key, count);
                if (visible == 0) continue;
                HeadProduct.MultiplyPacked(kernel, tile.Rows, visible, d, queries + row * stride, stride, packedKeys, count, scores, BlockKeys);
                bool isFirst = key <= tile.FirstKey;
                for (int i = 0; i < tile.Rows; i++)
                {
                    (int low, int end) = tile.Sees(i, key, visible);
                    float shrink = ExponentialRow(scores + i * BlockKeys, low, end, visible, max + row + i, total + row + i);
                    if (shrink != 1 && !isFirst) SoftmaxKernel.Scale(sums + (row + i) * stride, shrink, d);
                }
                HeadProduct.MultiplyRows(kernel, tile.Rows, d, visible, scores, BlockKeys, 1, values, stride, sums + row * stride, stride, !isFirst);
            }
        }

        for (int first = 0; first < chunk.Queries; first += AttentionTiles.Queries)
        {
            QueryTile tile = TileAt(chunk, first);
            for (int i = 0; i < tile.Rows; i++)
            {
                int row = first * chunk.Heads + i;
                (int head, int token) = Math.DivRem(i, tile.Queries);
                AttentionTiles.Move(sums + row * stride, 1 / total[row], output + (long)(first + token) * outputStride + head * d, d, accumulate: false);
                if (logSumExp != null) logSumExp[(long)(first + token) * logSumExpStride + head] = max[row] + MathF.Log(total[row]);
            }
        }
    }

    private static QueryTile TileAt(in QueryTile chunk, int first) =>
        chunk with { Queries = Math.Min(AttentionTiles.Queries, chunk.Queries - first), FirstPosition = chunk.FirstPosition + first };

    // Scores become e^(score − max) with the new max of the row, 0 where hidden. Returns e^(old max − new max): what sums so far shrink by.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float ExponentialRow(float* scores, int low, int end, int count, float* max, float* total)
    {
        if (low >= end)
        {
            new Span<float>(scores, count).Clear();
            return 1;
        }
        int rounded = AttentionTiles.Hide(scores, low, end), width = Vector<float>.Count;
        float before = *max, now = Math.Max(before, ReduceKernel.Max(scores, rounded));
        Vector<float> shift = Vector.Create(now), sum = Vector<float>.Zero;
        for (int i = 0; i < rounded; i += width)
        {
            Vector<float> e = VectorMath.Exp(Vector.Load(scores + i) - shift);
            e.Store(scores + i);
            sum += e;
        }
        if (rounded < count) new Span<float>(scores + rounded, count - rounded).Clear();
        float shrink = VectorMath.Exp(before - now);
        *max = now;
        *total = *total * shrink + Vector.Sum(sum);
        return shrink;
    }
}
