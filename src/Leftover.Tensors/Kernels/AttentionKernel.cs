using System.Numerics;

namespace Leftover.Tensors.Kernels;

/// <summary>The keys and values of one head that a tile of queries may see: a prefix's, then the sequence's own, numbered as one run.</summary>
internal unsafe struct VisibleKeys
{
    /// <summary>The prefix's keys and values, [Prefix, d] with the strides below.</summary>
    public float* PrefixKeys, PrefixValues;

    /// <summary>The sequence's own, [·, d].</summary>
    public float* Keys, Values;

    /// <summary>Floats from one key, or value, to the next.</summary>
    public int KeyStride, ValueStride;

    /// <summary>How many keys the prefix has.</summary>
    public int Prefix;

    /// <summary>Of <paramref name="count"/> keys from number <paramref name="first"/> on, those that are the prefix's; the others begin at the own key <paramref name="own"/>.</summary>
    public readonly int FromPrefix(int first, int count, out int own)
    {
        int fromPrefix = Math.Clamp(Prefix - first, 0, count);
        own = first + fromPrefix - Prefix;
        return fromPrefix;
    }
}

/// <summary>A tile of queries: consecutive tokens, for all heads that share one head of keys, stacked head by head.</summary>
/// <param name="Heads">How many heads are stacked.</param>
/// <param name="Queries">Tokens of the tile.</param>
/// <param name="FirstPosition">Position of its first token among the visible keys: that many come before it.</param>
/// <param name="Dimension">d, the numbers of a head.</param>
/// <param name="Window">Each token sees at most that many keys, its own included; 0 is no bound.</param>
internal readonly record struct QueryTile(int Heads, int Queries, int FirstPosition, int Dimension, int Window)
{
    /// <summary>Rows of the tile.</summary>
    public int Rows => Heads * Queries;

    /// <summary>The first key that any of the tokens sees.</summary>
    public int FirstKey => Window > 0 ? Math.Max(0, FirstPosition - Window + 1) : 0;

    /// <summary>One past the last key that any of them sees.</summary>
    public int EndKey => FirstPosition + Queries;

    /// <summary>The keys that a row sees, counted from key <paramref name="origin"/> and cut to <paramref name="count"/>.</summary>
    public (int Low, int End) Sees(int row, int origin, int count)
    {
        int position = FirstPosition + row % Queries - origin;
        return (Window > 0 ? Math.Clamp(position - Window + 1, 0, count) : 0, Math.Clamp(position + 1, 0, count));
    }
}

/// <summary>Attention of one tile of queries, forward, with the softmax computed as key blocks come by.</summary>
/// <remarks>Milakov &amp; Gimelshein 2018, arXiv:1805.02867, for the softmax; Dao et al. 2022, arXiv:2205.14135, for the blocks.</remarks>
internal static unsafe class AttentionKernel
{
    /// <summary>Rows of a tile, about: with these, packing the keys for a product costs little beside it.</summary>
    public const int TileRows = 64;

    /// <summary>Keys of a block.</summary>
    public const int TileKeys = 512;

    /// <summary>Floats of scratch for one tile of that many rows.</summary>
    public static int ScratchFloats(int rows, int dimension) => rows * TileKeys + Round(rows * dimension) * 2 + Round(rows) * 2;

    /// <summary>Rounds up to whole cache lines.</summary>
    public static int Round(int floats) => (floats + 15) / 16 * 16;

    /// <summary>output = softmax(scale · q·kᵀ)·v for the tile's rows.</summary>
    /// <param name="tile">The tile.</param>
    /// <param name="keys">What it sees.</param>
    /// <param name="scale">The factor of the scores.</param>
    /// <param name="q">The tile's first token's first head; heads follow each other by <see cref="QueryTile.Dimension"/>.</param>
    /// <param name="qStride">Floats from one token's queries to the next.</param>
    /// <param name="output">The same place in the output.</param>
    /// <param name="outputStride">Floats from one token's output to the next.</param>
    /// <param name="logSumExp">ln Σ e^score: first token's first head, or null.</param>
    /// <param name="logSumExpStride">Floats from one token's to the next.</param>
    /// <param name="scratch"><see cref="ScratchFloats"/> floats.</param>
    public static void Forward(in QueryTile tile, in VisibleKeys keys, float scale, float* q, int qStride, float* output, int outputStride, float* logSumExp, int logSumExpStride, float* scratch)
    {
        int rows = tile.Rows, d = tile.Dimension;
        float* scores = scratch, queries = scores + rows * TileKeys, sums = queries + Round(rows * d), max = sums + Round(rows * d), total = max + Round(rows);
        Stack(tile, q, qStride, scale, queries);
        new Span<float>(max, rows).Fill(float.NegativeInfinity);
        new Span<float>(total, rows).Clear();

        for (int first = tile.FirstKey; first < tile.EndKey; first += TileKeys)
        {
            int count = Math.Min(TileKeys, tile.EndKey - first);
            bool isFirst = first == tile.FirstKey;
            Products(tile, keys, keys.PrefixKeys, keys.Keys, keys.KeyStride, queries, first, count, scores);
            for (int row = 0; row < rows; row++)
            {
                (int low, int end) = tile.Sees(row, first, count);
                float shrink = ExponentialRow(scores + row * TileKeys, low, end, count, max + row, total + row);
                if (shrink != 1 && !isFirst) SoftmaxKernel.Scale(sums + row * d, shrink, d);
            }
            int fromPrefix = keys.FromPrefix(first, count, out int own);
            if (fromPrefix > 0) MatMulKernel.Multiply(false, false, rows, d, fromPrefix, scores, TileKeys, keys.PrefixValues + (long)first * keys.ValueStride, keys.ValueStride, sums, d, !isFirst);
            if (fromPrefix < count) MatMulKernel.Multiply(false, false, rows, d, count - fromPrefix, scores + fromPrefix, TileKeys, keys.Values + (long)own * keys.ValueStride, keys.ValueStride, sums, d, !isFirst || fromPrefix > 0);
        }

        for (int row = 0; row < rows; row++)
        {
            (int head, int token) = Math.DivRem(row, tile.Queries);
            Unstack(sums + row * d, 1 / total[row], output + (long)token * outputStride + head * d, d, accumulate: false);
            if (logSumExp != null) logSumExp[(long)token * logSumExpStride + head] = max[row] + MathF.Log(total[row]);
        }
    }

    /// <summary>to [rows, count] = from·kᵀ for a block of keys (or values); <paramref name="from"/> is [rows, d].</summary>
    public static void Products(in QueryTile tile, in VisibleKeys keys, float* prefix, float* own, int stride, float* from, int first, int count, float* to)
    {
        int rows = tile.Rows, d = tile.Dimension;
        int fromPrefix = keys.FromPrefix(first, count, out int firstOwn);
        if (fromPrefix > 0) MatMulKernel.Multiply(false, true, rows, fromPrefix, d, from, d, prefix + (long)first * stride, stride, to, TileKeys, accumulate: false);
        if (fromPrefix < count) MatMulKernel.Multiply(false, true, rows, count - fromPrefix, d, from, d, own + (long)firstOwn * stride, stride, to + fromPrefix, TileKeys, accumulate: false);
    }

    /// <summary>to [rows, d] = factor · the tile's rows of a packed tensor, stacked head by head.</summary>
    public static void Stack(in QueryTile tile, float* from, int stride, float factor, float* to)
    {
        for (int head = 0; head < tile.Heads; head++)
            for (int token = 0; token < tile.Queries; token++, to += tile.Dimension)
                Unstack(from + (long)token * stride + head * tile.Dimension, factor, to, tile.Dimension, accumulate: false);
    }

    /// <summary>to = factor · from, or to += it; both are [d].</summary>
    public static void Unstack(float* from, float factor, float* to, int d, bool accumulate)
    {
        int i = 0;
        for (; i <= d - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> value = Vector.Load(from + i) * factor;
            if (accumulate) value += Vector.Load(to + i);
            value.Store(to + i);
        }
        for (; i < d; i++) to[i] = accumulate ? to[i] + from[i] * factor : from[i] * factor;
    }

    /// <summary>Hides the scores that a row does not see, up to the end of the last vector that it looks at; returns that end.</summary>
    /// <remarks>Hidden scores before it are −∞; those from it on are for the caller to zero.</remarks>
    public static int Hide(float* scores, int low, int end)
    {
        new Span<float>(scores, low).Fill(float.NegativeInfinity);
        int rounded = (end + Vector<float>.Count - 1) / Vector<float>.Count * Vector<float>.Count;
        for (int i = end; i < rounded; i++) scores[i] = float.NegativeInfinity;
        return rounded;
    }

    // Scores become e^(score − max) with the new max of the row, 0 where hidden. Returns e^(old max − new max): what sums so far shrink by.
    private static float ExponentialRow(float* scores, int low, int end, int count, float* max, float* total)
    {
        if (low >= end)
        {
            new Span<float>(scores, count).Clear();
            return 1;
        }
        int rounded = Hide(scores, low, end), width = Vector<float>.Count;
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
