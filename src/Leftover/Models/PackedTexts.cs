using Leftover.Tensors;

namespace Leftover.Models;

/// <summary>Token sequences end to end, for models that read whole texts.</summary>
/// <param name="Tokens">All ids, [N].</param>
/// <param name="Types">Each token's segment type, [N]: 0 for a text, 1 for the second of a pair; empty where all are 0.</param>
/// <param name="Layout">Where each sequence lies.</param>
public sealed record PackedTexts(int[] Tokens, int[] Types, PackedLayout Layout)
{
    /// <summary>Packs sequences; none is empty.</summary>
    /// <param name="sequences">The ids of each.</param>
    /// <param name="types">The types of each; null where all are 0.</param>
    /// <exception cref="ArgumentException">A sequence is empty.</exception>
    public static PackedTexts Of(IReadOnlyList<int[]> sequences, IReadOnlyList<int[]>? types = null)
    {
        var segments = new Segment[sequences.Count];
        int at = 0;
        for (int i = 0; i < segments.Length; i++)
        {
            if (sequences[i].Length == 0) throw new ArgumentException($"Sequence {i} has no token; a text has at least one.", nameof(sequences));
            segments[i] = new Segment(at, sequences[i].Length);
            at += sequences[i].Length;
        }
        return new PackedTexts([.. sequences.SelectMany(ids => ids)], types is null ? [] : [.. types.SelectMany(of => of)], new PackedLayout(segments));
    }

    /// <summary>Sequence i is rows <c>Offsets[i] .. Offsets[i+1]-1</c>.</summary>
    public int[] Offsets()
    {
        var offsets = new int[Layout.Segments.Length + 1];
        for (int i = 0; i < Layout.Segments.Length; i++) offsets[i + 1] = Layout.Segments[i].Start + Layout.Segments[i].Length;
        return offsets;
    }
}
