using Leftover.Tensors;
using Leftover.Tensors.Kernels;

namespace Leftover.Models;

/// <summary>What a model's matrix products need at least: the floor that measured times are held against.</summary>
/// <remarks>
/// Counted is what the mathematics asks for: a shared prompt once, the head on rows that predict a completion token alone, attention under the
/// causal mask alone, no padding, nothing computed twice. A multiply-add is two operations. Norms, activations and the optimizer count nothing.
/// </remarks>
/// <param name="config">The model's shape.</param>
public sealed class ModelWork(ModelConfig config)
{
    /// <summary>Rows of queries that attention takes together, each against all keys up to the last row's own; 1 counts the causal triangle exactly. Default 1.</summary>
    public int AttentionRows { get; init; } = 1;

    /// <summary>Bytes of the weights that every pass reads: all blocks and the head, as they are stored.</summary>
    public double WeightBytes(WeightStorage storage) =>
        (storage switch { WeightStorage.Float32 => sizeof(float), WeightStorage.BFloat16 => 2, _ => 1 }) * (config.Layers * (double)config.BlockWeights + HeadWeights);

    private double HeadWeights => (double)config.VocabularySize * config.Width;

    /// <summary>Operations of a forward pass.</summary>
    /// <param name="segments">The sequences, as a packed batch has them.</param>
    /// <param name="headRows">Rows that go through the head.</param>
    public double Forward(ReadOnlySpan<Segment> segments, int headRows)
    {
        double tokens = 0, pairs = 0;
        foreach (Segment segment in segments)
        {
            tokens += segment.Length;
            pairs += Pairs(segment, segment.Prefix >= 0 ? segments[segment.Prefix].Length : 0);
        }
        double scoresAndValues = 2 * pairs * config.Heads * config.HeadDimension;
        return 2 * (config.Layers * (tokens * config.BlockWeights + scoresAndValues) + headRows * HeadWeights);
    }

    /// <summary>Operations of a training step: forward, and for each product the two of its backward pass.</summary>
    /// <param name="segments">The sequences, as a packed batch has them.</param>
    /// <param name="headRows">Rows that go through the head.</param>
    public double Step(ReadOnlySpan<Segment> segments, int headRows) => 3 * Forward(segments, headRows);

    // Pairs of a query and a key.
    private double Pairs(Segment segment, int prefix)
    {
        double pairs = (double)segment.Length * prefix;
        for (int row = 0; row < segment.Length; row += AttentionRows)
        {
            int end = Math.Min(row + AttentionRows, segment.Length);
            pairs += (double)(end - row) * end;
        }
        return pairs;
    }
}
