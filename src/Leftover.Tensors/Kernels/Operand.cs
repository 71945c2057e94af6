namespace Leftover.Tensors.Kernels;

/// <summary>One side of a product as its memory has it: A seen as rows, or B seen as columns, each a line of values along k.</summary>
/// <param name="data">The first value.</param>
/// <param name="stride">Floats from one stored row to the next.</param>
/// <param name="lines">Rows of op(A), or columns of op(B).</param>
/// <param name="stepsAreRows">A stored row holds one step of all lines (A transposed, B not); otherwise one line's steps.</param>
internal readonly unsafe struct Operand(float* data, nint stride, int lines, bool stepsAreRows)
{
    public readonly nint Stride = stride;
    public readonly int Lines = lines;
    public readonly bool StepsAreRows = stepsAreRows;

    public float* At(nint line, nint step) => StepsAreRows ? data + step * Stride + line : data + line * Stride + step;
}
