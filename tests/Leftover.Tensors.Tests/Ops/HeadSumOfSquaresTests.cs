using Leftover.Tensors.Memory;

namespace Leftover.Tensors.Tests.Ops;

/// <summary>ln Σ π² that the fused head hands over beside log-probabilities.</summary>
public class HeadSumOfSquaresTests
{
    private const int Rows = 7, Channels = 19, Vocabulary = 2061;                           // two chunks of a sum and a tail

    [Theory]
    [InlineData(true, 256 << 20, 64 << 20)]
    [InlineData(true, 0, 0)]
    [InlineData(true, 3 * 2064 * 4, 0)]
    [InlineData(false, 0, 64 << 20)]
    public void It_is_that_of_double_precision_and_changes_no_other_bit(bool records, long keepBytes, long blockBytes)
    {
        var options = new HeadOptions { KeepBytes = keepBytes, BlockBytes = blockBytes };
        float[] squares = new float[Rows];
        (float[] logProbs, float[] hidden, float[] head, float[] gradient) = Run(records, options, squares);
        (float[] without, _, _, float[] gradientWithout) = Run(records, options, null);
        Assert.Equal(without, logProbs);
        Assert.Equal(gradientWithout, gradient);
        for (int i = 0; i < Rows; i++)
        {
            double[] z = [.. Enumerable.Range(0, Vocabulary).Select(v => Enumerable.Range(0, Channels).Sum(c => (double)hidden[i * Channels + c] * head[v * Channels + c]))];
            double max = z.Max(), sum = z.Sum(x => Math.Exp(x - max)), wanted = Math.Log(z.Sum(x => Math.Exp(2 * (x - max))) / (sum * sum));
            Assert.Equal(wanted, squares[i], 1e-5);
        }
    }

    [Fact]
    public void Room_for_another_number_of_rows_is_refused() =>
        Assert.Contains("has 7 sums of squares, one a row; there is room for 3", Assert.Throws<ShapeException>(() => Run(false, HeadOptions.Default, new float[3])).Message);

    private static (float[] LogProbs, float[] Hidden, float[] Head, float[] Gradient) Run(bool records, HeadOptions options, float[]? squares)
    {
        using var weights = new WeightSet();
        Weight hidden = weights.Root.Matrix("hidden", Rows, Channels), head = weights.Root.Matrix("head", Vocabulary, Channels);
        weights.Allocate(trainable: true);
        var random = new RandomStream(5, "head");
        foreach (ref float x in hidden.Tensor.Data) x = (float)(2 * random.NextDouble() - 1);
        foreach (ref float x in head.Tensor.Data) x = (float)(2 * random.NextDouble() - 1);
        using var arena = new Arena();
        using Tape tape = arena.Begin(record: records);
        Tensor logProbs = Tensor.TokenLogProbs(hidden, head, null, [.. Enumerable.Range(0, Rows).Select(i => 300 * i)], options, squares);
        if (records) tape.Backward(logProbs.Sum());
        return (logProbs.Data.ToArray(), hidden.Tensor.Data.ToArray(), head.Tensor.Data.ToArray(), hidden.Tensor.Gradient.ToArray());
    }
}
