using System.Numerics;
using System.Runtime.CompilerServices;

namespace Leftover.Tensors.Kernels;

/// <summary>The keys and values of one head that queries may see: a prefix's, then the sequence's own, numbered as one run.</summary>
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

    /// <summary>The key and the value of a number in the run.</summary>
    public readonly (nint Key, nint Value) At(int number) => number < Prefix
        ? ((nint)(PrefixKeys + (long)number * KeyStride), (nint)(PrefixValues + (long)number * ValueStride))
        : ((nint)(Keys + (long)(number - Prefix) * KeyStride), (nint)(Values + (long)(number - Prefix) * ValueStride));
}

/// <summary>A tile of queries: consecutive tokens, for all heads that share one head of keys, stacked head by head.</summary>
/// <param name="Heads">How many heads are stacked.</param>
/// <param name="Queries">Tokens of the tile.</param>
/// <param name="FirstPosition">Position of its first token in the run of keys: that many come before it.</param>
/// <param name="Dimension">d, the numbers of a head.</param>
/// <param name="Window">Each token sees at most that many keys, its own included; 0 is no bound.</param>
/// <param name="All">Each token sees that many keys from the first on, whatever its position; 0 is the keys up to its own.</param>
internal readonly record struct QueryTile(int Heads, int Queries, int FirstPosition, int Dimension, int Window, int All = 0)
{
    /// <summary>Rows of the tile.</summary>
    public int Rows => Heads * Queries;

    /// <summary>The first key that any of the tokens sees.</summary>
    public int FirstKey => Window > 0 ? Math.Max(0, FirstPosition - Window + 1) : 0;

    /// <summary>One past the last key that any of them sees.</summary>
    public int EndKey => All > 0 ? All : FirstPosition + Queries;

    /// <summary>How many of a block's keys, from its first on, the tile has to look at; 0 where it sees none of them.</summary>
    public int Visible(int firstKey, int count) => firstKey + count <= FirstKey ? 0 : Math.Clamp(EndKey - firstKey, 0, count);

    /// <summary>The keys that a row sees, counted from key <paramref name="origin"/> and cut to <paramref name="count"/>.</summary>
    public (int Low, int End) Sees(int row, int origin, int count)
    {
        if (All > 0) return (0, Math.Clamp(All - origin, 0, count));
        int position = FirstPosition + row % Queries - origin;
        return (Window > 0 ? Math.Clamp(position - Window + 1, 0, count) : 0, Math.Clamp(position + 1, 0, count));
    }
}

/// <summary>Moves between packed tensors and tiles, and what rows of scores have in common.</summary>
internal static unsafe class AttentionTiles
{
    /// <summary>Tokens of a tile: few, since about half as many keys are computed in vain on the diagonal.</summary>
    public const int Queries = 16;

    /// <summary>to [rows, stride] = factor · the tile's rows of a packed tensor, head by head; each row is filled up with zeros.</summary>
    public static void Stack(in QueryTile tile, float* from, int fromStride, float factor, float* to, int stride)
    {
        for (int head = 0; head < tile.Heads; head++)
            for (int token = 0; token < tile.Queries; token++, to += stride)
                CopyRow(from + (long)token * fromStride + head * tile.Dimension, factor, to, tile.Dimension, stride);
    }

    /// <summary>to [rows, stride] = from [rows, d]; each row is filled up with zeros.</summary>
    public static void CopyRows(float* from, int fromStride, int rows, int d, float* to, int stride)
    {
        for (int row = 0; row < rows; row++) CopyRow(from + (long)row * fromStride, 1, to + row * stride, d, stride);
    }

    private static void CopyRow(float* from, float factor, float* to, int d, int stride)
    {
        Move(from, factor, to, d, accumulate: false);
        for (int i = d; i < stride; i++) to[i] = 0;
    }

    /// <summary>to = factor · from, or to += it; both are [d].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Move(float* from, float factor, float* to, int d, bool accumulate)
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
}
