using Leftover.Tensors.Kernels;
using Leftover.Tensors.Memory;

namespace Leftover.Tensors.Tests.Ops;

/// <summary>What one run of an op gave: its output and the gradient of each input.</summary>
internal sealed record OpResult(float[] Output, float[][] Gradients);

/// <summary>Runs an op in memory that holds NaN before, so that a number not written shows, and with its padding watched.</summary>
internal static unsafe class OpRun
{
    private const float Untouched = -12345.678f;

    /// <param name="build">The op.</param>
    /// <param name="inputs">The inputs' numbers.</param>
    /// <param name="shapes">The inputs' shapes.</param>
    /// <param name="outputGradient">dloss/doutput; null leaves the backward pass out.</param>
    /// <param name="throughTape">True gives the op tensors of the arena as inputs, false weights.</param>
    /// <param name="times">How often the op is applied to the same inputs.</param>
    /// <param name="computeType">In what numbers products multiply.</param>
    public static OpResult Run(
        Func<Tensor[], Tensor> build, double[][] inputs, int[][] shapes, double[]? outputGradient, bool throughTape = false, int times = 1,
        ComputeType computeType = ComputeType.Float32)
    {
        using var weights = new WeightSet();
        Weight[] declared = [.. shapes.Select((shape, i) => shape.Length == 1 ? weights.Root.Vector($"x{i}", shape[0]) : weights.Root.Matrix($"x{i}", shape[0], shape[1]))];
        weights.Allocate(trainable: true);
        new Span<float>(weights.Gradients, checked((int)weights.Length)).Fill(float.NaN);
        foreach (Weight weight in declared) Watch(weight.Tensor.GradientForStoreOnly(), weight.Tensor.Length);
        for (int i = 0; i < declared.Length; i++)
            for (int j = 0; j < inputs[i].Length; j++) declared[i].Tensor.Data[j] = (float)inputs[i][j];
        weights.ClearGradients();

        using var arena = new Arena();
        Spoil(arena);
        using Tape tape = arena.Begin(computeType: computeType);
        Tensor[] operands = [.. declared.Select(weight => throughTape ? weight.Tensor * 1f : weight.Tensor)];
        Tensor[] outputs = [.. Enumerable.Range(0, times).Select(_ => build(operands))];
        float[] output = outputs[0].Data.ToArray();
        CheckPadding(outputs[0].Pointer, outputs[0].Length, float.NaN);
        if (outputGradient is not null)
        {
            foreach (Tensor result in outputs)
                for (int j = 0; j < result.Length; j++) result.Gradient[j] = (float)outputGradient[j];
            tape.Backward();
        }
        float[][] gradients = [.. declared.Select(weight => weight.Tensor.Gradient.ToArray())];
        foreach (Weight weight in declared) CheckPadding(weight.Tensor.GradientPointer, weight.Tensor.Length, Untouched);
        return new OpResult(output, gradients);
    }

    // What ops will rent holds NaN: one chunk of the arena, which the next batch starts with.
    private static void Spoil(Arena arena)
    {
        using Tape tape = arena.Begin();
        Block.Rent(1 << 20).Span.Fill(float.NaN);
    }

    private static float* GradientForStoreOnly(this Tensor tensor) => tensor.GradientForStore(out _);

    private static void Watch(float* start, int length)
    {
        for (int i = length; i % 16 != 0; i++) start[i] = Untouched;
    }

    private static void CheckPadding(float* start, int length, float untouched)
    {
        for (int i = length; i % 16 != 0; i++) Assert.Equal(untouched, start[i]);
    }
}
