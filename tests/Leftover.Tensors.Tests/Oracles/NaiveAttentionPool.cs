namespace Leftover.Tensors.Tests.Oracles;

/// <summary>Attention of one query over segments of rows, with every row projected to a key and a value, in double precision.</summary>
internal static class NaiveAttentionPool
{
    public static double[] Forward(double[] states, double[] query, double[] projection, double[] bias, int[] offsets, int heads)
    {
        int c = query.Length, d = c / heads;
        double[] q = Project(query, 0), result = new double[(offsets.Length - 1) * c];
        for (int b = 0; b + 1 < offsets.Length; b++)
        {
            double[][] keys = [.. Rows(b).Select(i => Project(states[(i * c)..((i + 1) * c)], c))];
            double[][] values = [.. Rows(b).Select(i => Project(states[(i * c)..((i + 1) * c)], 2 * c))];
            for (int h = 0; h < heads; h++)
            {
                double[] weights = [.. keys.Select(key => Math.Exp(Enumerable.Range(h * d, d).Sum(j => q[j] * key[j]) / Math.Sqrt(d)))];
                for (int j = h * d; j < (h + 1) * d; j++) result[b * c + j] = weights.Zip(values, (w, value) => w * value[j]).Sum() / weights.Sum();
            }
        }
        return result;

        IEnumerable<int> Rows(int b) => Enumerable.Range(offsets[b], offsets[b + 1] - offsets[b]);

        double[] Project(double[] x, int first) =>
            [.. Enumerable.Range(first, c).Select(row => bias[row] + Enumerable.Range(0, c).Sum(j => projection[row * c + j] * x[j]))];
    }
}
