using Leftover.Tensors.Kernels;
using Leftover.Tensors.Tests.Oracles;

namespace Leftover.Tensors.Tests.Ops;

/// <summary>The ops that multiply in bf16, held to double precision over operands that the test rounds itself.</summary>
[Collection("thread team")]
public sealed class BFloat16OpTests
{
    private const double Tolerance = 2e-6;                                   // of the largest number: that of the same ops in fp32

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Linear_rounds_x_weight_and_gradient_and_nothing_else(bool inOut, bool withBias)
    {
        const int rows = 11, inputs = 37, outputs = 29;
        int[][] shapes = withBias ? [[rows, inputs], inOut ? [inputs, outputs] : [outputs, inputs], [outputs]] : [[rows, inputs], inOut ? [inputs, outputs] : [outputs, inputs]];
        double[][] values = [.. shapes.Select((shape, i) => Random($"linear{i}", shape.Aggregate(1, (a, b) => a * b)))];
        double[] dy = Random("dy", rows * outputs);

        OpResult result = OpRun.Run(t => t[0].Linear(t[1], withBias ? t[2] : null, inOut), values, shapes, dy, computeType: ComputeType.BFloat16);

        double[] x = Rounded(values[0]), w = Rounded(values[1]), g = Rounded(dy);
        AssertClose(NaiveOps.Linear(x, w, withBias ? values[2] : null, shapes[0], shapes[1], inOut), result.Output, "output");
        double[] dx = new double[x.Length], dw = new double[w.Length], db = new double[outputs];
        for (int i = 0; i < rows; i++)
            for (int o = 0; o < outputs; o++)
            {
                db[o] += dy[i * outputs + o];
                for (int c = 0; c < inputs; c++)
                {
                    int at = inOut ? c * outputs + o : o * inputs + c;
                    dx[i * inputs + c] += g[i * outputs + o] * w[at];
                    dw[at] += g[i * outputs + o] * x[i * inputs + c];
                }
            }
        AssertClose(dx, result.Gradients[0], "dx");
        AssertClose(dw, result.Gradients[1], "dW");
        if (withBias) AssertClose(db, result.Gradients[2], "db");
    }

    [Theory]
    [InlineData(0, 0)]                       // logits computed again in the backward pass, row by row
    [InlineData(0, 1 << 20)]
    [InlineData(1 << 20, 0)]                 // exponentials kept
    [InlineData(4 * 64 * 4, 2 * 64 * 4)]     // some of both
    public void The_head_rounds_hidden_weight_and_the_logits_gradient_and_keeps_its_softmax_in_fp32(int keepBytes, int blockBytes)
    {
        const int rows = 9, channels = 33, vocabulary = 51;
        int[][] shapes = [[rows, channels], [vocabulary, channels], [vocabulary]];
        int[] targets = [.. Enumerable.Range(0, rows).Select(i => i * 17 % vocabulary)];
        double[][] values = [.. shapes.Select((shape, i) => Random($"head{i}", shape.Aggregate(1, (a, b) => a * b)))];
        double[] dy = Random("dy", rows);
        var options = new HeadOptions { KeepBytes = keepBytes, BlockBytes = blockBytes };

        OpResult result = OpRun.Run(t => Tensor.TokenLogProbs(t[0], t[1], t[2], targets, options), values, shapes, dy, computeType: ComputeType.BFloat16);

        double[] hidden = Rounded(values[0]), head = Rounded(values[1]);
        AssertClose(NaiveOps.TokenLogProbs(hidden, head, values[2], targets, shapes[0], shapes[1]), result.Output, "output");

        // dz = dy·(δ − p) is rounded as fp32 has it; where that lies so near a tie that double precision may see it on the other side, the element may
        // miss by the distance between the two.
        double[] logits = NaiveOps.Linear(hidden, head, values[2], shapes[0], shapes[1], inOut: false);
        double[] dHidden = new double[hidden.Length], dHead = new double[head.Length], dBias = new double[vocabulary];
        double[] slackHidden = new double[hidden.Length], slackHead = new double[head.Length];
        for (int i = 0; i < rows; i++)
        {
            double[] row = logits[(i * vocabulary)..((i + 1) * vocabulary)];
            double max = row.Max(), sum = row.Sum(z => Math.Exp(z - max));
            for (int v = 0; v < vocabulary; v++)
            {
                double exact = dy[i] * ((v == targets[i] ? 1 : 0) - Math.Exp(row[v] - max) / sum);
                double rounded = NaiveBFloat16.Nearest((float)exact), slack = NaiveBFloat16.Nearest((float)(exact * (1 + 1e-5))) - NaiveBFloat16.Nearest((float)(exact * (1 - 1e-5)));
                dBias[v] += exact;
                for (int c = 0; c < channels; c++)
                {
                    dHidden[i * channels + c] += rounded * head[v * channels + c];
                    dHead[v * channels + c] += rounded * hidden[i * channels + c];
                    slackHidden[i * channels + c] += Math.Abs(slack * head[v * channels + c]);
                    slackHead[v * channels + c] += Math.Abs(slack * hidden[i * channels + c]);
                }
            }
        }
        AssertClose(dHidden, result.Gradients[0], "dhidden", slackHidden);
        AssertClose(dHead, result.Gradients[1], "dhead", slackHead);
        AssertClose(dBias, result.Gradients[2], "dbias");
        Assert.True(slackHead.Count(s => s == 0) > slackHead.Length / 2);     // the allowance is the exception
    }

    [Fact]
    public void Any_number_of_threads_gives_the_same_bits()
    {
        int[][] shapes = [[70, 130], [301, 130]];
        double[][] values = [.. shapes.Select((shape, i) => Random($"threads{i}", shape[0] * shape[1]))];
        int[] targets = [.. Enumerable.Range(0, 70)];
        int before = ThreadTeam.Shared.Size;
        try
        {
            foreach (Func<Tensor[], Tensor> op in (Func<Tensor[], Tensor>[])[t => t[0].Linear(t[1]), t => Tensor.TokenLogProbs(t[0], t[1], null, targets, new HeadOptions { KeepBytes = 40_000, BlockBytes = 20_000 })])
            {
                OpResult[] results = [.. new[] { 1, 2, 3 }.Select(threads =>
                {
                    ThreadTeam.Resize(threads);
                    int length = OpRun.Run(op, values, shapes, null, computeType: ComputeType.BFloat16).Output.Length;
                    return OpRun.Run(op, values, shapes, Random("dy", length), computeType: ComputeType.BFloat16);
                })];
                foreach (OpResult other in results[1..])
                {
                    Assert.Equal(results[0].Output, other.Output);
                    for (int i = 0; i < shapes.Length; i++) Assert.Equal(results[0].Gradients[i], other.Gradients[i]);
                }
            }
        }
        finally { ThreadTeam.Resize(before); }
    }

    [Fact]
    public void Without_being_asked_for_it_nothing_is_rounded()
    {
        int[][] shapes = [[3, 19], [5, 19]];
        double[][] values = [.. shapes.Select((shape, i) => Random($"plain{i}", shape[0] * shape[1]))];
        AssertClose(NaiveOps.Linear(values[0], values[1], null, shapes[0], shapes[1], inOut: false), OpRun.Run(t => t[0].Linear(t[1]), values, shapes, null).Output, "output");
        OpResult rounded = OpRun.Run(t => t[0].Linear(t[1]), values, shapes, null, computeType: ComputeType.BFloat16);
        Assert.NotEqual(OpRun.Run(t => t[0].Linear(t[1]), values, shapes, null).Output, rounded.Output);
    }

    private static double[] Rounded(double[] values) => Array.ConvertAll(values, x => (double)NaiveBFloat16.Nearest((float)x));

    private static double[] Random(string name, int count)
    {
        var random = new RandomStream(13, name);
        return [.. Enumerable.Range(0, count).Select(_ => (double)(float)(random.NextDouble() * 2 - 1))];
    }

    private static void AssertClose(double[] expected, float[] actual, string what, double[]? slack = null)
    {
        Assert.Equal(expected.Length, actual.Length);
        double largest = expected.Max(Math.Abs);
        for (int i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= Tolerance * largest + (slack?[i] ?? 0), $"{what}, number {i} is {actual[i]:R}; it should be {expected[i]:R} (the largest is {largest:G3}).");
    }
}
