namespace Leftover.Tensors.Tests.Oracles;

/// <summary>Ops as their definitions have them: loops in double precision.</summary>
internal static class NaiveOps
{
    public static double GeluTanh(double x) => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));

    public static double GeluErf(double x) => 0.5 * x * (1 + Erf(x / Math.Sqrt(2)));

    public static double[] Gather(double[] x, int[] rows, int columns)
    {
        double[] y = new double[rows.Length * columns];
        for (int i = 0; i < rows.Length; i++)
            for (int c = 0; c < columns; c++) y[i * columns + c] = x[rows[i] * columns + c];
        return y;
    }

    public static double[] MeanBySegment(double[] x, int[] offsets, int columns) =>
        [.. Enumerable.Range(0, offsets.Length - 1).SelectMany(i => Enumerable.Range(0, columns).Select(c => Enumerable.Range(offsets[i], offsets[i + 1] - offsets[i]).Average(row => x[row * columns + c])))];

    public static double[] RowLogProbs(double[] x, int[] shape) =>
        [.. Enumerable.Range(0, shape[0]).Select(i => x[i * shape[1] + i * 2 % shape[1]] - Math.Log(Enumerable.Range(0, shape[1]).Sum(c => Math.Exp(x[i * shape[1] + c]))))];

    public static double[] Linear(double[] x, double[] w, double[]? b, int[] xShape, int[] wShape, bool inOut)
    {
        int rows = xShape[0], n = xShape[1], m = inOut ? wShape[1] : wShape[0];
        double[] y = new double[rows * m];
        for (int i = 0; i < rows; i++)
            for (int o = 0; o < m; o++)
            {
                double sum = b is null ? 0 : b[o];
                for (int c = 0; c < n; c++) sum += x[i * n + c] * (inOut ? w[c * m + o] : w[o * n + c]);
                y[i * m + o] = sum;
            }
        return y;
    }

    public static double[] LayerNorm(double[] x, double[] w, double[]? b, double epsilon, int[] shape)
    {
        double[] y = new double[x.Length];
        for (int i = 0; i < shape[0]; i++)
        {
            double[] row = x[(i * shape[1])..((i + 1) * shape[1])];
            double mean = row.Average(), variance = row.Select(v => (v - mean) * (v - mean)).Average();
            for (int c = 0; c < row.Length; c++) y[i * shape[1] + c] = (row[c] - mean) / Math.Sqrt(variance + epsilon) * w[c] + (b is null ? 0 : b[c]);
        }
        return y;
    }

    public static double[] RmsNorm(double[] x, double[] w, double epsilon, int[] shape)
    {
        double[] y = new double[x.Length];
        for (int i = 0; i < shape[0]; i++)
        {
            double[] row = x[(i * shape[1])..((i + 1) * shape[1])];
            double rms = Math.Sqrt(row.Select(v => v * v).Average() + epsilon);
            for (int c = 0; c < row.Length; c++) y[i * shape[1] + c] = row[c] / rms * w[c];
        }
        return y;
    }

    public static double[] Rope(double[] x, double[] frequencies, int[] positions, int heads, int dimension, double factor)
    {
        double[] y = (double[])x.Clone();
        int half = frequencies.Length;
        for (int row = 0; row < positions.Length; row++)
            for (int head = 0; head < heads; head++)
                for (int i = 0; i < half; i++)
                {
                    int at = (row * heads + head) * dimension + i;
                    double angle = positions[row] * frequencies[i], cosine = factor * Math.Cos(angle), sine = factor * Math.Sin(angle);
                    y[at] = x[at] * cosine - x[at + half] * sine;
                    y[at + half] = x[at] * sine + x[at + half] * cosine;
                }
        return y;
    }

    public static double[] TokenLogProbs(double[] hidden, double[] head, double[]? bias, int[] targets, int[] hiddenShape, int[] headShape)
    {
        double[] logits = Linear(hidden, head, bias, hiddenShape, headShape, inOut: false), y = new double[targets.Length];
        for (int i = 0; i < y.Length; i++)
        {
            double[] row = logits[(i * headShape[0])..((i + 1) * headShape[0])];
            double max = row.Max();
            y[i] = row[targets[i]] - max - Math.Log(row.Sum(z => Math.Exp(z - max)));
        }
        return y;
    }

    // The series of erf, all of whose terms are positive: 2/√π · e^(−x²) · Σ 2^n x^(2n+1) / (1·3·…·(2n+1)).
    private static double Erf(double x)
    {
        double term = x, sum = 0;
        for (int n = 0; Math.Abs(term) > 1e-18; n++)
        {
            sum += term;
            term *= 2 * x * x / (2 * n + 3);
        }
        return 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum;
    }
}
