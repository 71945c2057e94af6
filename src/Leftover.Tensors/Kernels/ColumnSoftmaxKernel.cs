namespace Leftover.Tensors.Kernels;

/// <summary>Softmax down the columns of a narrow matrix, each column on its own.</summary>
internal static unsafe class ColumnSoftmaxKernel
{
    /// <summary>x[i, h] = e^x[i, h] / Σ_j e^x[j, h]; x is [rows, columns], at least one row.</summary>
    public static void Forward(float* x, int rows, int columns)
    {
        for (int h = 0; h < columns; h++)
        {
            float max = x[h];
            for (int i = 1; i < rows; i++) max = MathF.Max(max, x[i * columns + h]);
            double sum = 0;
            for (int i = 0; i < rows; i++) sum += x[i * columns + h] = VectorMath.Exp(x[i * columns + h] - max);
            float inverse = (float)(1 / sum);
            for (int i = 0; i < rows; i++) x[i * columns + h] *= inverse;
        }
    }

    /// <summary>dy becomes dx = y ∘ (dy − Σ_j y[j, h]·dy[j, h]); y, the forward's result, and dy are [rows, columns].</summary>
    public static void Backward(float* y, float* dy, int rows, int columns)
    {
        for (int h = 0; h < columns; h++)
        {
            double mean = 0;
            for (int i = h; i < rows * columns; i += columns) mean += (double)y[i] * dy[i];
            for (int i = h; i < rows * columns; i += columns) dy[i] = y[i] * (float)(dy[i] - mean);
        }
    }
}
