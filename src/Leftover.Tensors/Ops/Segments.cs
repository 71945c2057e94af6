using Leftover.Tensors.Kernels;
using Leftover.Tensors.Memory;

namespace Leftover.Tensors;

public sealed partial class Tensor
{
    /// <summary>Sums each segment of a vector: [N] to [B].</summary>
    /// <param name="offsets">Segment i is <c>offsets[i] .. offsets[i+1]-1</c>; B+1 numbers from 0 to N. A segment may be empty: its sum is 0.</param>
    /// <exception cref="ShapeException">This is no vector, or the offsets do not cut it.</exception>
    public Tensor SumBySegment(ReadOnlySpan<int> offsets)
    {
        CheckOffsets("SumBySegment", Rows == 1, Columns, offsets);
        return Tape.Current.Run(new SumBySegment(this, Indices.Copy(offsets)));
    }

    /// <summary>Repeats number i of a vector for each place of segment i: [B] to [N].</summary>
    /// <param name="offsets">Segment i is <c>offsets[i] .. offsets[i+1]-1</c>; B+1 numbers from 0 to N.</param>
    /// <exception cref="ShapeException">This is no vector of B numbers.</exception>
    public Tensor RepeatBySegment(ReadOnlySpan<int> offsets)
    {
        CheckOffsets("RepeatBySegment", Rows == 1 && offsets.Length == Columns + 1, offsets.Length > 0 ? offsets[^1] : 0, offsets);
        return Tape.Current.Run(new RepeatBySegment(this, Indices.Copy(offsets)));
    }

    /// <summary>The mean of each segment's rows: [N, C] to [B, C].</summary>
    /// <param name="offsets">Segment i is rows <c>offsets[i] .. offsets[i+1]-1</c>, at least one; B+1 numbers from 0 to N.</param>
    /// <exception cref="ShapeException">The offsets do not cut the rows, or a segment is empty.</exception>
    public Tensor MeanBySegment(ReadOnlySpan<int> offsets)
    {
        CheckOffsets("MeanBySegment", true, Rows, offsets);
        for (int i = 1; i < offsets.Length; i++)
            if (offsets[i] == offsets[i - 1]) throw new ShapeException($"MeanBySegment: segment {i - 1} is empty; it has no mean.");
        return Tape.Current.Run(new MeanBySegment(this, Indices.Copy(offsets)));
    }

    /// <summary>ln Σ e^x over each segment of a vector, [N] to [B]; no exponential overflows.</summary>
    /// <param name="offsets">Segment i is <c>offsets[i] .. offsets[i+1]-1</c>, at least one place; B+1 numbers from 0 to N.</param>
    /// <exception cref="ShapeException">This is no vector, or the offsets do not cut it.</exception>
    public Tensor LogSumExpBySegment(ReadOnlySpan<int> offsets)
    {
        CheckOffsets("LogSumExpBySegment", Rows == 1, Columns, offsets);
        return Tape.Current.Run(new LogSumExpBySegment(this, Indices.Copy(offsets)));
    }

    private void CheckOffsets(string name, bool fits, int end, ReadOnlySpan<int> offsets)
    {
        fits &= offsets.Length >= 1 && offsets[0] == 0 && offsets[^1] == end;
        for (int i = 1; fits && i < offsets.Length; i++) fits = offsets[i] >= offsets[i - 1];
        if (fits) return;
        string given = offsets.Length > 8 ? $"{offsets[0]}, {offsets[1]}, … {offsets[^1]} ({offsets.Length} numbers)" : string.Join(", ", offsets.ToArray());
        throw new ShapeException($"{name}: the tensor {ShapeText} and offsets [{given}] do not fit: the offsets cut a vector, or a matrix's rows, and run from 0 to its end without going back.");
    }
}

/// <summary>y[i] = Σ of x over segment i, added in double precision.</summary>
internal sealed class SumBySegment(Tensor x, Indices offsets) : Op(x)
{
    public override (int Rows, int Columns) Shape => (1, offsets.Length - 1);

    protected override void Forward(Span<float> y)
    {
        ReadOnlySpan<float> values = x.Data;
        ReadOnlySpan<int> ends = offsets.Span;
        for (int i = 0; i < y.Length; i++)
        {
            double sum = 0;
            foreach (float value in values[ends[i]..ends[i + 1]]) sum += value;
            y[i] = (float)sum;
        }
    }

    // dx of segment i += dy[i]
    protected override void Backward(ReadOnlySpan<float> dy)
    {
        Span<float> dx = x.Gradient;
        ReadOnlySpan<int> ends = offsets.Span;
        for (int i = 0; i < dy.Length; i++)
            foreach (ref float value in dx[ends[i]..ends[i + 1]]) value += dy[i];
    }
}

/// <summary>y[i] = the mean of x's rows in segment i.</summary>
internal sealed unsafe class MeanBySegment(Tensor x, Indices offsets) : Op(x)
{
    public override (int Rows, int Columns) Shape => (offsets.Length - 1, x.Columns);

    protected override void Forward(Span<float> y)
    {
        float* from = x.Pointer, to = Output.Pointer;
        int columns = x.Columns;
        int* ends = offsets.Pointer;
        ThreadTeam.Shared.For(Output.Rows, 1, (_, start, end) =>
        {
            for (long i = start; i < end; i++) RowKernel.MeanOfRows(from + (long)ends[i] * columns, ends[i + 1] - ends[i], columns, to + i * columns);
        });
    }

    // Each row of segment i: dx += dy[i] / (its rows)
    protected override void Backward(ReadOnlySpan<float> dy)
    {
        float* gradient = Output.GradientPointer, dx = x.GradientForStore(out bool accumulate);
        int columns = x.Columns;
        int* ends = offsets.Pointer;
        ThreadTeam.Shared.For(Output.Rows, 1, (_, start, end) =>
        {
            for (long i = start; i < end; i++)
                for (int row = ends[i]; row < ends[i + 1]; row++)
                    AttentionTiles.Move(gradient + i * columns, 1f / (ends[i + 1] - ends[i]), dx + (long)row * columns, columns, accumulate);
        });
    }
}

/// <summary>y over segment i is x[i].</summary>
internal sealed class RepeatBySegment(Tensor x, Indices offsets) : Op(x)
{
    public override (int Rows, int Columns) Shape => (1, offsets.Span[^1]);

    protected override void Forward(Span<float> y)
    {
        ReadOnlySpan<int> ends = offsets.Span;
        for (int i = 0; i < x.Length; i++) y[ends[i]..ends[i + 1]].Fill(x.Data[i]);
    }

    // dx[i] += Σ of dy over segment i
    protected override void Backward(ReadOnlySpan<float> dy)
    {
        Span<float> dx = x.Gradient;
        ReadOnlySpan<int> ends = offsets.Span;
        for (int i = 0; i < dx.Length; i++)
        {
            double sum = 0;
            foreach (float value in dy[ends[i]..ends[i + 1]]) sum += value;
            dx[i] += (float)sum;
        }
    }
}

/// <summary>y[i] = ln Σ of e^x over segment i, added in double precision.</summary>
internal sealed class LogSumExpBySegment(Tensor x, Indices offsets) : Op(x)
{
    public override (int Rows, int Columns) Shape => (1, offsets.Length - 1);

    protected override void Forward(Span<float> y)
    {
        ReadOnlySpan<float> values = x.Data;
        ReadOnlySpan<int> ends = offsets.Span;
        for (int i = 0; i < y.Length; i++)
        {
            double largest = double.NegativeInfinity, sum = 0;
            foreach (float value in values[ends[i]..ends[i + 1]]) largest = Math.Max(largest, value);
            foreach (float value in values[ends[i]..ends[i + 1]]) sum += Math.Exp(value - largest);
            y[i] = (float)(largest + Math.Log(sum));
        }
    }

    // dx += dy[i] · e^(x − y[i]), summed to 1 in double precision: y is rounded, and what it lost is the same share of all.
    protected override void Backward(ReadOnlySpan<float> dy)
    {
        ReadOnlySpan<float> values = x.Data, y = Output.Data;
        Span<float> dx = x.Gradient;
        ReadOnlySpan<int> ends = offsets.Span;
        for (int i = 0; i < dy.Length; i++)
        {
            double sum = 0;
            foreach (float value in values[ends[i]..ends[i + 1]]) sum += Math.Exp((double)value - y[i]);
            for (int n = ends[i]; n < ends[i + 1]; n++) dx[n] += (float)(dy[i] * Math.Exp((double)values[n] - y[i]) / sum);
        }
    }
}
