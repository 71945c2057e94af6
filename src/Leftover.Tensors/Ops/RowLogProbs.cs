using Leftover.Tensors.Memory;

namespace Leftover.Tensors;

public sealed partial class Tensor
{
    /// <summary>ln of each row's softmax at one chosen column, in nats: [B, L] to [B]. For few columns, such as a classifier's labels.</summary>
    /// <param name="targets">A column for each row, in [0, L).</param>
    /// <exception cref="ShapeException">There is not one target a row.</exception>
    /// <exception cref="ArgumentException">A target is no column.</exception>
    public Tensor RowLogProbs(ReadOnlySpan<int> targets)
    {
        if (targets.Length != Rows) throw new ShapeException($"RowLogProbs: {ShapeText} and {targets.Length} targets do not fit: each row needs one.");
        for (int i = 0; i < targets.Length; i++)
            if ((uint)targets[i] >= (uint)Columns) throw new ArgumentException($"RowLogProbs: target {targets[i]} of row {i} is outside {ShapeText}; it must be 0 to {Columns - 1}.");
        return Tape.Current.Run(new RowLogProbs(this, Indices.Copy(targets)));
    }
}

/// <summary>y[i] = x[i, target] − ln Σ_c e^x[i, c], in double precision. Keeps nothing: the softmax is computed again.</summary>
internal sealed class RowLogProbs(Tensor x, Indices targets) : Op(x)
{
    public override (int Rows, int Columns) Shape => (1, x.Rows);

    protected override void Forward(Span<float> y)
    {
        for (int i = 0; i < y.Length; i++)
        {
            ReadOnlySpan<float> row = x.Data.Slice(i * x.Columns, x.Columns);
            y[i] = (float)(row[targets.Span[i]] - LogSumExp(row));
        }
    }

    // dx[i, c] += dy[i] · (1[c = target] − softmax(x[i])[c])
    protected override void Backward(ReadOnlySpan<float> dy)
    {
        Span<float> dx = x.Gradient;
        for (int i = 0; i < dy.Length; i++)
        {
            ReadOnlySpan<float> row = x.Data.Slice(i * x.Columns, x.Columns);
            double logSum = LogSumExp(row);
            for (int c = 0; c < row.Length; c++) dx[i * x.Columns + c] += (float)(dy[i] * ((c == targets.Span[i] ? 1 : 0) - Math.Exp(row[c] - logSum)));
        }
    }

    private static double LogSumExp(ReadOnlySpan<float> row)
    {
        float max = row[0];
        foreach (float value in row) max = MathF.Max(max, value);
        double sum = 0;
        foreach (float value in row) sum += Math.Exp((double)value - max);
        return max + Math.Log(sum);
    }
}
