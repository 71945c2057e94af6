namespace Leftover.Tensors.Tests.Oracles;

/// <summary>Attention token by token: the list of tokens that each one sees, a softmax over them, a weighted sum.</summary>
internal static class NaiveAttention
{
    public static double[] Forward(
        double[] q, int qColumns, int qColumn, double[] k, int kColumns, int kColumn, double[] v, int vColumns, int vColumn, AttentionShape shape, Segment[] segments, bool seesAll = false)
    {
        int d = shape.HeadDimension, columns = shape.Heads * d;
        double[] y = new double[segments.Sum(s => s.Length) * columns];
        foreach (Segment segment in segments)
            for (int token = 0; token < segment.Length; token++)
            {
                List<int> seen = [];
                if (segment.Prefix >= 0) seen.AddRange(Enumerable.Range(segments[segment.Prefix].Start, segments[segment.Prefix].Length));
                seen.AddRange(Enumerable.Range(segment.Start, seesAll ? segment.Length : token + 1));
                if (shape.Window > 0) seen = [.. seen.TakeLast(shape.Window)];

                for (int head = 0; head < shape.Heads; head++)
                {
                    int row = segment.Start + token, keyHead = head / (shape.Heads / shape.KeyValueHeads);
                    double[] scores = new double[seen.Count];
                    for (int j = 0; j < scores.Length; j++)
                        for (int c = 0; c < d; c++)
                            scores[j] += shape.Scale * q[row * qColumns + qColumn + head * d + c] * k[seen[j] * kColumns + kColumn + keyHead * d + c];
                    double max = scores.Max(), total = scores.Sum(s => Math.Exp(s - max));
                    for (int j = 0; j < scores.Length; j++)
                        for (int c = 0; c < d; c++)
                            y[row * columns + head * d + c] += Math.Exp(scores[j] - max) / total * v[seen[j] * vColumns + vColumn + keyHead * d + c];
                }
            }
        return y;
    }
}
