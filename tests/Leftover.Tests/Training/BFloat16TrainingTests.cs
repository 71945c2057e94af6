using Leftover.Algorithms;
using Leftover.Batches;
using Leftover.Data;
using Leftover.Models;
using Leftover.Pipeline;
using Leftover.Reference;
using Leftover.Runs;
using Leftover.Tensors.Kernels;
using Leftover.Tensors.Optimizers;
using Leftover.Tests.Golden;
using Leftover.Tokenization;
using Leftover.Training;
using Xunit.Abstractions;

namespace Leftover.Tests.Training;

/// <summary>What bf16 operands change in a training, and what they do not. docs/decisions/0011-bfloat16.md gives the figures seen.</summary>
[Collection("Threads")]
public sealed class BFloat16TrainingTests(ITestOutputHelper output) : IDisposable
{
    private readonly int _threads = ThreadTeam.Shared.Size;

    public void Dispose() => ThreadTeam.Resize(_threads);

    [Fact]
    public void Frozen_and_training_passes_agree_to_the_bit_so_that_the_first_importance_weight_is_one()
    {
        foreach (ComputeType type in Enum.GetValues<ComputeType>())
        {
            using LanguageModel policy = TinyPolicy.Create();
            policy.ComputeType = type;
            TrainingRow[] rows = TinyPolicy.Rows(24);
            float[][] reference = ReferencePass.TokenLogProbs(policy, rows, null, "", null, maxTokens: 50, SilentObserver.Instance, CancellationToken.None);
            rows = [.. rows.Select((row, i) => row with { ReferenceTokenLogProbs = reference[i] })];
            using var trainer = new Trainer(policy, new ALoL(), Settings() with { Accumulation = 2 }, _ => rows);

            RatioReport ratio = trainer.Steps(1, 1).Single().Ratio!;
            Assert.Equal(0, ratio.MeanLogRatio);
            Assert.Equal(1, ratio.EffectiveSampleSize, 12);
        }
    }

    [Fact]
    public void One_two_and_three_threads_end_with_the_same_bytes()
    {
        float[] Trained(int threads)
        {
            ThreadTeam.Resize(threads);
            return Train(ComputeType.BFloat16, new ALoL(), TinyPolicy.Rows(24), steps: 4).Weights;
        }

        float[] one = Trained(1);
        Assert.Equal(one, Trained(2));
        Assert.Equal(one, Trained(3));
    }

    [Theory]
    [InlineData("nll", 0.01)]
    [InlineData("a-lol", 0.01)]
    public void A_small_training_goes_the_way_of_fp32(string name, double bound)
    {
        // A product of operands with 8 bits misses by some 2⁻⁹ of its size, so logits of a few units by about a hundredth, either way: the loss, a mean
        // over tokens, by less. It must stay so while the weights part.
        Algorithm algorithm = System.Text.Json.JsonSerializer.Deserialize<Algorithm>($$"""{"name": "{{name}}"}""")!;
        TrainingRow[] rows = TinyPolicy.Rows(24);
        (double[] exact, float[] exactWeights) = Train(ComputeType.Float32, algorithm, rows, steps: 40);
        (double[] rounded, float[] roundedWeights) = Train(ComputeType.BFloat16, algorithm, rows, steps: 40);
        double scale = exact.Max(Math.Abs), worst = exact.Zip(rounded, (a, b) => Math.Abs(a - b)).Max() / scale;
        double distance = Distance(exactWeights, roundedWeights), way = Distance(exactWeights, TinyWeights());
        output.WriteLine($"{name}: loss {exact[0]:F4} -> {exact[^1]:F4} (fp32), {rounded[0]:F4} -> {rounded[^1]:F4} (bf16); largest difference {worst:P3} of the loss; weights apart by {distance / way:P2} of the way they went");

        Assert.NotEqual(exact, rounded);
        Assert.True(worst <= bound, $"the losses part by {worst:P2} of the largest; {bound:P0} is allowed.");
        Assert.True(distance <= 0.2 * way, $"the weights are {distance:G3} apart, having moved by {way:G3}.");
        Assert.True(exact[^1] < exact[0] && rounded[^1] < rounded[0]);
    }

    [SharedFact("models/smollm2-135m-instruct")]
    [Trait("Category", "Slow")]
    public void Smollm2_trained_on_real_rows_goes_the_way_of_fp32()
    {
        string model = SharedData.PathOf("models", "smollm2-135m-instruct");
        Tokenizer tokenizer = Tokenizer.Load(model);
        DataReport data = ExampleReader.Read(new DataOptions { Train = [new DataSource { Path = SharedData.PathOf("data", "hh_lolrl", "helpful_base.jsonl.gz") }], SkipInvalid = true });
        var coding = new TextCoding(tokenizer, PromptTemplate.For(tokenizer, "chatml"), "");
        TokenizedSet set = TokenizedSet.Of([.. data.Train.Examples.Where(example => example.SftTarget == true).Take(8)], coding, new TruncationOptions { MaxPromptTokens = 48, MaxCompletionTokens = 32 }, context: 2048);
        TrainingRow[] rows = [.. set.Rows];

        (float[] gradient, double[] losses, double[] start, double[] end, double[] endInFp32) = TrainSmollm2(model, rows, ComputeType.Float32);
        (float[] gradient16, double[] losses16, double[] start16, double[] end16, double[] end16InFp32) = TrainSmollm2(model, rows, ComputeType.BFloat16);
        double gradientError = Distance(gradient, gradient16) / Distance(gradient, new float[gradient.Length]);
        output.WriteLine($"the first gradient is off by {gradientError:P2} of its norm");
        for (int i = 0; i < losses.Length; i++) output.WriteLine($"step {i + 1}: loss {losses[i]:F5} fp32, {losses16[i]:F5} bf16, {losses16[i] / losses[i] - 1:P3}");
        output.WriteLine($"ln π a token: {start.Average():F4} -> {end.Average():F4} fp32, {start16.Average():F4} -> {end16.Average():F4} bf16; a row differs by at most {Largest(start, start16):F4} before and {Largest(end, end16):F4} after");
        output.WriteLine($"both measured in fp32: {endInFp32.Average():F4} and {end16InFp32.Average():F4}; a row differs by at most {Largest(endInFp32, end16InFp32):F4}");

        // A step moves a weight by 1e-5, and the numbers of bf16 lie 5e-4 apart at 0.1: products see a few weights jump instead of all of them move. The
        // loss as training sees it therefore runs ahead of fp32's and behind it; the policies themselves, measured in fp32, stay close together.
        Assert.True(gradientError <= 0.05, $"the gradient is off by {gradientError:P2}");
        Assert.True(Largest(start, start16) <= 0.05);
        for (int i = 0; i < losses.Length; i++) Assert.Equal(1, losses16[i] / losses[i], i == 0 ? 0.005 : 0.1);
        Assert.True(Largest(end, end16) <= 0.15);
        double moved = endInFp32.Average() - start.Average(), moved16 = end16InFp32.Average() - start.Average();
        Assert.True(Largest(endInFp32, end16InFp32) <= 0.03);
        Assert.True(moved > 0 && Math.Abs(moved16 / moved - 1) <= 0.1, $"training raised ln π a token by {moved:F4}, in bf16 by {moved16:F4}");

        static double Largest(double[] a, double[] b) => a.Zip(b, (x, y) => Math.Abs(x - y)).Max();
    }

    private static (float[] FirstGradient, double[] Losses, double[] Start, double[] End, double[] EndInFp32) TrainSmollm2(string model, TrainingRow[] rows, ComputeType type)
    {
        using LanguageModel policy = LanguageModel.Load(model, trainable: true);
        policy.ComputeType = type;
        double[] start = PerToken(LogProbs(policy, rows));
        using var trainer = new Trainer(policy, new NegativeLogLikelihood(), new TrainerSettings { Optimizer = new AdamWOptions(), LearningRate = _ => 1e-5f, MaxGradientNorm = 0 }, _ => rows);
        double[] losses = new double[4];
        losses[0] = trainer.Steps(1, 1).Single().Loss;
        float[] gradient = [.. policy.Weights.Weights.SelectMany(weight => weight.Tensor.Gradient.ToArray())];
        for (int step = 2; step <= losses.Length; step++) losses[step - 1] = trainer.Steps(step, step).Single().Loss;
        double[] end = PerToken(LogProbs(policy, rows));
        policy.ComputeType = ComputeType.Float32;
        return (gradient, losses, start, end, PerToken(LogProbs(policy, rows)));

        static double[] PerToken(float[][] logProbs) => [.. logProbs.Select(row => row.Average(value => (double)value))];
    }

    private static float[][] LogProbs(LanguageModel policy, TrainingRow[] rows) =>
        ReferencePass.TokenLogProbs(policy, rows, null, "", null, maxTokens: 1024, SilentObserver.Instance, CancellationToken.None);

    private static (double[] Losses, float[] Weights) Train(ComputeType type, Algorithm algorithm, TrainingRow[] rows, int steps)
    {
        using LanguageModel policy = TinyPolicy.Create();
        policy.ComputeType = type;
        float[][] reference = LogProbs(policy, rows);
        TrainingRow[] scored = [.. rows.Select((row, i) => row with { ReferenceTokenLogProbs = reference[i] })];
        using var trainer = new Trainer(policy, algorithm, Settings(), _ => scored);
        double[] losses = [.. trainer.Steps(1, steps).Select(report => report.Loss)];
        return (losses, TinyPolicy.WeightsOf(policy));
    }

    private static float[] TinyWeights()
    {
        using LanguageModel policy = TinyPolicy.Create();
        return TinyPolicy.WeightsOf(policy);
    }

    private static double Distance(float[] a, float[] b) => Math.Sqrt(a.Zip(b, (x, y) => ((double)x - y) * (x - y)).Sum());

    private static TrainerSettings Settings() => new() { Optimizer = new AdamWOptions { Epsilon = 1e-3 }, LearningRate = _ => 3e-3f };
}
