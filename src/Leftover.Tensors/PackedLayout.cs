namespace Leftover.Tensors;

/// <summary>A run of consecutive rows that one sequence's tokens take in a packed batch.</summary>
/// <param name="Start">Its first row.</param>
/// <param name="Length">Its rows; may be 0.</param>
/// <param name="Prefix">The number of an earlier segment whose tokens come before this one's (a completion's prompt), or -1.</param>
public readonly record struct Segment(int Start, int Length, int Prefix = -1);

/// <summary>Where each sequence of a packed batch lies and what it may attend to: its own tokens up to each, and all of its prefix's.</summary>
/// <remarks>
/// Several completions name the same prefix, so their prompt is computed once. There is no padding. A prefix has no prefix
/// of its own. With a <see cref="Cache"/>, segment i also attends to what the cache holds of its sequence, and is appended to it.
/// </remarks>
public sealed class PackedLayout
{
    private readonly Segment[] _segments;
    private readonly int[] _positions;

    /// <summary>A layout of the given segments, which must lie end to end.</summary>
    /// <param name="segments">The segments in the order of their rows.</param>
    /// <param name="cache">Where earlier tokens' keys and values are, for generation; segments then have no prefix.</param>
    /// <param name="slots">With a cache: the sequence of the cache that each segment belongs to.</param>
    /// <exception cref="ArgumentException">Segments overlap, leave a gap, or name a prefix that does not come before them.</exception>
    public PackedLayout(ReadOnlySpan<Segment> segments, KeyValueCache? cache = null, ReadOnlySpan<int> slots = default)
    {
        _segments = segments.ToArray();
        Cache = cache;
        Slots = slots.ToArray();
        if (cache is not null && slots.Length != segments.Length) throw new ArgumentException($"{segments.Length} segments need as many cache slots; {slots.Length} were given.");
        foreach (Segment segment in segments)
        {
            if (segment.Start != Tokens || segment.Length < 0) throw new ArgumentException($"Segments lie end to end: one starts at row {segment.Start}; it must start at {Tokens}.");
            Tokens += segment.Length;
        }
        _positions = new int[Tokens];
        for (int s = 0; s < segments.Length; s++)
        {
            Segment segment = segments[s];
            if (segment.Prefix >= s || segment.Prefix < -1 || (segment.Prefix >= 0 && (segments[segment.Prefix].Prefix >= 0 || cache is not null)))
                throw new ArgumentException($"Segment {s} names segment {segment.Prefix} as its prefix; that must be an earlier one without a prefix of its own, and no cache.");
            int first = segment.Prefix >= 0 ? segments[segment.Prefix].Length : cache?.LengthOf(slots[s]) ?? 0;
            for (int i = 0; i < segment.Length; i++) _positions[segment.Start + i] = first + i;
            PositionsNeeded = Math.Max(PositionsNeeded, first + segment.Length);
        }
    }

    /// <summary>One sequence of <paramref name="tokens"/> tokens.</summary>
    public static PackedLayout Single(int tokens) => new([new Segment(0, tokens)]);

    /// <summary>The segments, in the order of their rows.</summary>
    public ReadOnlySpan<Segment> Segments => _segments;

    /// <summary>All rows.</summary>
    public int Tokens { get; }

    /// <summary>Each row's position in its sequence, from 0; a completion's first follows its prompt's last.</summary>
    public ReadOnlySpan<int> Positions => _positions;

    /// <summary>One more than the largest position.</summary>
    public int PositionsNeeded { get; }

    /// <summary>Earlier tokens' keys and values, in generation.</summary>
    public KeyValueCache? Cache { get; }

    /// <summary>With a cache, the sequence of each segment.</summary>
    public int[] Slots { get; }
}
