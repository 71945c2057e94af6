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
        throw new ShapeException($"{name}: the tensor {ShapeText} and offsets [{given}] do not fit: it must be a vector, and the offsets run from 0 to its end without going back.");
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
