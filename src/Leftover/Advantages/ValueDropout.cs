using Leftover.Tensors;

namespace Leftover.Advantages;

/// <summary>Dropout masks for the value head's training: each number is kept with probability 1 − p and then divided by it.</summary>
/// <param name="probability">p, in [0, 1).</param>
/// <param name="random">Where the masks come from.</param>
public sealed class ValueDropout(double probability, RandomStream random)
{
    /// <summary>The next mask, a constant of the open tape: 0 or 1/(1 − p).</summary>
    internal Tensor Mask(int rows, int columns)
    {
        float[] mask = new float[rows * columns];
        float kept = (float)(1 / (1 - probability));
        foreach (ref float number in mask.AsSpan()) number = random.NextDouble() < probability ? 0 : kept;
        return Tensor.Matrix(rows, columns, mask);
    }
}
