using Leftover.Tensors.Kernels;

namespace Leftover.Tensors.Tests.Ops;

/// <summary>What holds for every op of <see cref="OpCases"/>.</summary>
[Collection("thread team")]
public sealed class OpTests
{
    public static TheoryData<string> Names => [.. OpCases.All.Select(op => op.Name)];

    [Theory, MemberData(nameof(Names))]
    public void Forward_agrees_with_double_precision(string name)
    {
        OpCase op = OpCases.Named(name);
        double[][] inputs = op.Inputs(op.Shapes);
        AssertClose(op.Oracle(inputs, op.Shapes), OpRun.Run(op.Build, inputs, op.Shapes, null).Output, op.Tolerance, "output");
    }

    [Theory, MemberData(nameof(Names))]
    public void Backward_agrees_with_finite_differences(string name)
    {
        OpCase op = OpCases.Named(name);
        double[][] inputs = op.Inputs(op.Shapes);
        double[] outputGradient = OutputGradient(op, op.Oracle(inputs, op.Shapes).Length);
        OpResult result = OpRun.Run(op.Build, inputs, op.Shapes, outputGradient);
        for (int i = 0; i < inputs.Length; i++) AssertClose(Differences(op, inputs, i, outputGradient), result.Gradients[i], op.Tolerance * 2, $"gradient of input {i}");
    }

    [Theory, MemberData(nameof(Names))]
    public void Many_blocks_of_work_agree_with_double_precision(string name)
    {
        OpCase op = OpCases.Named(name);
        double[][] inputs = op.Inputs(op.LargeShapes);
        double[] output = op.Oracle(inputs, op.LargeShapes), outputGradient = OutputGradient(op, output.Length);
        OpResult result = OpRun.Run(op.Build, inputs, op.LargeShapes, outputGradient);
        AssertClose(output, result.Output, op.Tolerance * 2, "output");

        // All numbers of an input move at once, each one way or the other: the loss changes by the sum of its gradients, so signed.
        for (int i = 0; i < inputs.Length; i++)
        {
            const double Step = 1e-7;
            var random = new RandomStream(3, op.Name, i);
            double[] value = inputs[i], signs = [.. value.Select(_ => random.Next(2) * 2.0 - 1)];
            inputs[i] = [.. value.Zip(signs, (x, sign) => x + Step * sign)];
            double[] above = op.Oracle(inputs, op.LargeShapes);
            inputs[i] = [.. value.Zip(signs, (x, sign) => x - Step * sign)];
            double[] below = op.Oracle(inputs, op.LargeShapes);
            inputs[i] = value;
            double expected = above.Zip(below, (a, b) => (a - b) / (2 * Step)).Zip(outputGradient, (change, g) => change * g).Sum();
            double actual = result.Gradients[i].Zip(signs, (g, sign) => g * sign).Sum();
            double size = Math.Sqrt(result.Gradients[i].Sum(g => (double)g * g)) + 1e-2;
            Assert.True(Math.Abs(expected - actual) <= 1e-5 * size, $"along one direction of input {i} the slope is {actual:R}; it should be {expected:R} (gradient norm {size:G3}).");
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void An_input_used_three_times_gets_three_gradients(string name)
    {
        OpCase op = OpCases.Named(name);
        double[][] inputs = op.Inputs(op.Shapes);
        double[] outputGradient = OutputGradient(op, op.Oracle(inputs, op.Shapes).Length);
        OpResult once = OpRun.Run(op.Build, inputs, op.Shapes, outputGradient);
        foreach (bool throughTape in new[] { false, true })
        {
            OpResult thrice = OpRun.Run(op.Build, inputs, op.Shapes, outputGradient, throughTape, times: 3);
            for (int i = 0; i < inputs.Length; i++) AssertClose([.. once.Gradients[i].Select(g => 3.0 * g)], thrice.Gradients[i], 1e-6, $"gradient of input {i}, through the tape: {throughTape}");
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Gradients_are_the_same_through_tensors_of_the_tape(string name)
    {
        OpCase op = OpCases.Named(name);
        double[][] inputs = op.Inputs(op.Shapes);
        double[] outputGradient = OutputGradient(op, op.Oracle(inputs, op.Shapes).Length);
        OpResult weights = OpRun.Run(op.Build, inputs, op.Shapes, outputGradient);
        OpResult tensors = OpRun.Run(op.Build, inputs, op.Shapes, outputGradient, throughTape: true);
        for (int i = 0; i < inputs.Length; i++) Assert.Equal(weights.Gradients[i], tensors.Gradients[i]);
    }

    [Theory, MemberData(nameof(Names))]
    public void Any_number_of_threads_gives_the_same_bits(string name)
    {
        OpCase op = OpCases.Named(name);
        double[][] inputs = op.Inputs(op.LargeShapes);
        int before = ThreadTeam.Shared.Size;
        try
        {
            ThreadTeam.Resize(1);
            double[] outputGradient = OutputGradient(op, OpRun.Run(op.Build, inputs, op.LargeShapes, null).Output.Length);
            OpResult one = OpRun.Run(op.Build, inputs, op.LargeShapes, outputGradient);
            Assert.All(one.Gradients, gradient => Assert.All(gradient, number => Assert.True(float.IsFinite(number))));
            foreach (int threads in new[] { 2, 3 })
            {
                ThreadTeam.Resize(threads);
                OpResult many = OpRun.Run(op.Build, inputs, op.LargeShapes, outputGradient);
                Assert.Equal(one.Output, many.Output);
                for (int i = 0; i < inputs.Length; i++) Assert.Equal(one.Gradients[i], many.Gradients[i]);
            }
        }
        finally { ThreadTeam.Resize(before); }
    }

    private static double[] OutputGradient(OpCase op, int length)
    {
        var random = new RandomStream(11, op.Name);
        return [.. Enumerable.Range(0, length).Select(_ => (double)(float)(random.NextDouble() * 2 - 1))];
    }

    // Central differences of the oracle: its double precision makes them good to about 1e-9.
    private static double[] Differences(OpCase op, double[][] inputs, int input, double[] outputGradient)
    {
        double[] gradient = new double[inputs[input].Length];
        for (int j = 0; j < gradient.Length; j++)
        {
            double value = inputs[input][j], step = 1e-5;
            inputs[input][j] = value + step;
            double[] above = op.Oracle(inputs, op.Shapes);
            inputs[input][j] = value - step;
            double[] below = op.Oracle(inputs, op.Shapes);
            inputs[input][j] = value;
            for (int k = 0; k < above.Length; k++) gradient[j] += outputGradient[k] * (above[k] - below[k]) / (2 * step);
        }
        return gradient;
    }

    private static void AssertClose(double[] expected, float[] actual, double tolerance, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        double largest = Math.Max(1e-3, expected.Length == 0 ? 0 : expected.Max(Math.Abs));
        for (int i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance * largest, $"{what}, number {i} is {actual[i]:R}; it should be {expected[i]:R} (the largest is {largest:G3}).");
    }
}
