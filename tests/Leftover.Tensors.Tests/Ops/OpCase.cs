namespace Leftover.Tensors.Tests.Ops;

/// <summary>One op under test: how to build it from tensors, and the same in double precision by code that shares nothing with it.</summary>
/// <param name="Name">The case's name.</param>
/// <param name="Build">The op.</param>
/// <param name="Oracle">The output's numbers from the inputs' numbers.</param>
/// <param name="Shapes">The inputs' shapes: [rows, columns] or [columns]. Odd sizes, so that loops have tails.</param>
/// <param name="LargeShapes">Shapes that several blocks of work cover, for the comparison of thread counts.</param>
/// <param name="Low">The inputs are uniform from here …</param>
/// <param name="High">… to here.</param>
public sealed record OpCase(
    string Name, Func<Tensor[], Tensor> Build, Func<double[][], int[][], double[]> Oracle, int[][] Shapes, int[][] LargeShapes, double Low = -2, double High = 2)
{
    /// <summary>Of the largest number of a result: what single precision may miss.</summary>
    public double Tolerance { get; init; } = 2e-6;

    /// <summary>Inputs made for this case alone, with values that floats hold exactly.</summary>
    public double[][] Inputs(int[][] shapes)
    {
        var random = new RandomStream(7, Name);
        return [.. shapes.Select(shape => Enumerable.Range(0, shape.Aggregate(1, (a, b) => a * b)).Select(_ => (double)(float)(Low + (High - Low) * random.NextDouble())).ToArray())];
    }

    public override string ToString() => Name;
}
