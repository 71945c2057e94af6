using Leftover.Tensors.Kernels;

namespace Leftover.Tensors;

/// <summary>The cosines and sines of rotary position embeddings, computed when positions are first asked for.</summary>
/// <remarks>Su et al. 2021, arXiv:2104.09864. How frequencies follow from a checkpoint's settings is the model's business.</remarks>
public sealed class RopeTable
{
    private const int FirstPositions = 256;

    private readonly double[] _frequencies;
    private readonly double _attentionFactor;
    private readonly Lock _lock = new();
    private float[] _values = [];

    /// <summary>A table for one set of frequencies.</summary>
    /// <param name="frequencies">Radians a position that the pair (i, i + d/2) turns by, one for each of the d/2 pairs.</param>
    /// <param name="maxPositions">Positions run from 0 to this, exclusive.</param>
    /// <param name="attentionFactor">Cosines and sines are multiplied by it; 1 but for scalings such as YaRN.</param>
    public RopeTable(ReadOnlySpan<double> frequencies, int maxPositions, double attentionFactor = 1)
    {
        ArgumentOutOfRangeException.ThrowIfZero(frequencies.Length, nameof(frequencies));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxPositions);
        _frequencies = frequencies.ToArray();
        _attentionFactor = attentionFactor;
        MaxPositions = maxPositions;
    }

    /// <summary>d: how many of a head's first dimensions turn.</summary>
    public int Dimensions => 2 * _frequencies.Length;

    /// <summary>Positions run from 0 to this, exclusive.</summary>
    public int MaxPositions { get; }

    /// <summary>For each position up to at least <paramref name="positions"/>: d/2 cosines, then d/2 sines.</summary>
    /// <exception cref="ArgumentException">There are more positions than the table may have.</exception>
    internal float[] Values(int positions)
    {
        if (positions > MaxPositions) throw new ArgumentException($"Rope: position {positions - 1} is beyond the model's {MaxPositions} positions; shorten the sequence.");
        lock (_lock)
        {
            int known = _values.Length / Dimensions;
            if (positions <= known) return _values;
            int wanted = Math.Min(MaxPositions, Math.Max(Math.Max(positions, FirstPositions), 2 * known)), half = _frequencies.Length;
            float[] values = new float[wanted * Dimensions];
            _values.CopyTo(values, 0);
            for (int position = known; position < wanted; position++)
                for (int i = 0; i < half; i++)
                {
                    (double sine, double cosine) = Math.SinCos(position * _frequencies[i]);
                    values[position * Dimensions + i] = (float)(cosine * _attentionFactor);
                    values[position * Dimensions + half + i] = (float)(sine * _attentionFactor);
                }
            return _values = values;
        }
    }
}

public sealed partial class Tensor
{
    /// <summary>Turns the pairs (i, i + d/2) of each head by angles that grow with the token's position; dimensions from d on stay.</summary>
    /// <param name="table">The angles; d is its <see cref="RopeTable.Dimensions"/>.</param>
    /// <param name="layout">Each row's position.</param>
    /// <param name="heads">Heads side by side in a row.</param>
    /// <exception cref="ShapeException">The rows are not the layout's, or the columns are not that many heads of at least d dimensions.</exception>
    /// <exception cref="ArgumentException">A position is beyond the table.</exception>
    public Tensor Rope(RopeTable table, PackedLayout layout, int heads)
    {
        if (Rows != layout.Tokens || heads < 1 || Columns % heads != 0 || Columns / heads < table.Dimensions)
            throw new ShapeException($"Rope: x {ShapeText} does not fit {layout.Tokens} tokens of {heads} heads with at least {table.Dimensions} dimensions each.");
        return Tape.Current.Run(new Rope(this, table, layout, heads));
    }
}

/// <summary>y = each head's pairs turned by their angles. Keeps nothing.</summary>
internal sealed unsafe class Rope(Tensor x, RopeTable table, PackedLayout layout, int heads) : Op(x)
{
    private readonly float[] _angles = table.Values(layout.PositionsNeeded);

    protected override void Forward(Span<float> y) => Turn(x.Pointer, Output.Pointer, direction: 1, accumulate: false);

    // A turn's transpose is the turn back: dx += turn(dy, −angle).
    protected override void Backward(ReadOnlySpan<float> dy)
    {
        float* gradient = Output.GradientPointer;
        float* dx = x.GradientInPlaceOf(Output, out bool accumulate);
        Turn(gradient, dx, direction: -1, accumulate);
    }

    private void Turn(float* from, float* to, float direction, bool accumulate)
    {
        int columns = x.Columns;
        RowKernel.ForRows(x.Rows, columns, (_, start, end) =>
        {
            ReadOnlySpan<int> positions = layout.Positions;
            fixed (float* angles = _angles)
                for (long row = start; row < end; row++)
                    RopeKernel.Turn(from + row * columns, to + row * columns, angles + (long)positions[(int)row] * table.Dimensions, heads, columns / heads, table.Dimensions / 2, direction, accumulate);
        });
    }
}
