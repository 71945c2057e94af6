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
        CheckOperands(nameof(CausalAttention), q, qColumn, k, kColumn, v, vColumn, shape, layout);
        var operands = new AttentionOperands(q, qColumn, k, kColumn, v, vColumn, shape, layout);
        if (layout.Cache is not { } cache) return Tape.Current.Run(new PackedAttention(operands));
        CheckCache(cache, shape, layout, layer);
        return Tape.Current.Run(new CachedAttention(operands, cache, layer));
    }

    /// <summary>Attention of each token to all tokens of its own sequence, those after it too: softmax(scale · q·kᵀ)·v; [N, Heads · d].</summary>
    /// <remarks>The three operands may be column ranges of one tensor.</remarks>
    /// <param name="q">Queries, [N, ·].</param>
    /// <param name="qColumn">Where they begin in a row.</param>
    /// <param name="k">Keys, [N, ·].</param>
    /// <param name="kColumn">Where they begin in a row.</param>
    /// <param name="v">Values, [N, ·].</param>
    /// <param name="vColumn">Where they begin in a row.</param>
    /// <param name="shape">The heads; without a window.</param>
    /// <param name="layout">The sequences; without prefixes and cache.</param>
    /// <exception cref="ShapeException">The shapes do not fit.</exception>
    /// <exception cref="ArgumentException">There is a window, a prefix or a cache: they mean nothing where every token sees all others.</exception>
    public static Tensor BidirectionalAttention(Tensor q, int qColumn, Tensor k, int kColumn, Tensor v, int vColumn, AttentionShape shape, PackedLayout layout)
    {
        CheckOperands(nameof(BidirectionalAttention), q, qColumn, k, kColumn, v, vColumn, shape, layout);
        if (shape.Window > 0 || layout.Cache is not null) throw new ArgumentException("BidirectionalAttention: every token sees all tokens of its sequence; there is no window and no cache.");
        foreach (Segment segment in layout.Segments)
            if (segment.Prefix >= 0) throw new ArgumentException("BidirectionalAttention: a sequence shares no prefix with another, since the prefix would have to see both.");
        return Tape.Current.Run(new PackedAttention(new AttentionOperands(q, qColumn, k, kColumn, v, vColumn, shape, layout) { IsBidirectional = true }));
    }

    private static void CheckOperands(string name, Tensor q, int qColumn, Tensor k, int kColumn, Tensor v, int vColumn, AttentionShape shape, PackedLayout layout)
    {
        if (shape.Heads < 1 || shape.KeyValueHeads < 1 || shape.HeadDimension < 1 || shape.Heads % shape.KeyValueHeads != 0)
            throw new ShapeException($"{name}: {shape.Heads} query heads and {shape.KeyValueHeads} key/value heads of {shape.HeadDimension} numbers: the second must divide the first, and all be at least 1.");
        CheckRange(name, "queries", q, qColumn, shape.QueryColumns, layout.Tokens);
        CheckRange(name, "keys", k, kColumn, shape.KeyColumns, layout.Tokens);
        CheckRange(name, "values", v, vColumn, shape.KeyColumns, layout.Tokens);
        if (Overlap(q, qColumn, shape.QueryColumns, k, kColumn, shape.KeyColumns) || Overlap(q, qColumn, shape.QueryColumns, v, vColumn, shape.KeyColumns) || Overlap(k, kColumn, shape.KeyColumns, v, vColumn, shape.KeyColumns))
            throw new ShapeException($"{name}: queries, keys and values overlap in one tensor; each needs columns of its own.");
    }

    private static void CheckRange(string name, string what, Tensor x, int column, int columns, int tokens)
    {
        if (x.Rows != tokens || column < 0 || column + columns > x.Columns)
            throw new ShapeException($"{name}: the {what} are columns {column} to {column + columns - 1} of {x.ShapeText}; the tensor needs {tokens} rows, as the layout has tokens, and that many columns.");
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

/// <summary>What attention works on: columns of three tensors, which may be one, and how to read them.</summary>
internal sealed record AttentionOperands(Tensor Q, int QColumn, Tensor K, int KColumn, Tensor V, int VColumn, AttentionShape Shape, PackedLayout Layout)
{
    /// <summary>How many query heads share a head of keys.</summary>
    public int Group => Shape.Heads / Shape.KeyValueHeads;

    /// <summary>True where each token sees its whole sequence.</summary>
    public bool IsBidirectional { get; init; }

    /// <summary>How many keys each token of a segment sees where it sees all of them; 0 where it sees those up to its own.</summary>
    public int AllKeysOf(in Segment segment) => IsBidirectional ? segment.Length : 0;
}
