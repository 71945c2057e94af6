using Leftover.Tensors.Kernels;
using Leftover.Tensors.Memory;

namespace Leftover.Tensors;

public sealed partial class Tensor
{
    /// <summary>Root-mean-square norm of each row: w ∘ x / sqrt(mean(x²) + ε). Zhang &amp; Sennrich 2019, arXiv:1910.07467, eq. 4.</summary>
    /// <param name="weight">w, [C].</param>
    /// <param name="epsilon">ε, above 0.</param>
    /// <exception cref="ShapeException">w does not have a number for each column.</exception>
    public Tensor RmsNorm(Tensor weight, float epsilon)
    {
        CheckNorm("RmsNorm", "weight", weight);
        return Tape.Current.Run(new RmsNorm(this, weight, epsilon));
    }
}

/// <summary>y = w ∘ x / sqrt(mean(x²) + ε). Keeps 1/rms, one float a row.</summary>
internal sealed unsafe class RmsNorm(Tensor x, Tensor weight, float epsilon) : Op(x, weight)
{
    private readonly Block _inverseRms = Block.Rent(x.Rows);              // [N]

    public override bool IsPure => true;

    protected override void Forward(Span<float> y)
    {
        float* from = x.Pointer, w = weight.Pointer, to = Output.Pointer, inverseRms = _inverseRms.Pointer;
        int columns = x.Columns;
        RowKernel.ForRows(x.Rows, columns, (_, start, end) => RmsNormKernel.Forward(from, w, epsilon, to, inverseRms, columns, start, end));
    }

    // With s = 1/rms and g = w ∘ dy:   dx += s·g − x·(s³/C)·Σ(g ∘ x),   dw += Σ s·(dy ∘ x).
    protected override void Backward(ReadOnlySpan<float> dy)
    {
        float* from = x.Pointer, w = weight.Pointer, gradient = Output.GradientPointer, inverseRms = _inverseRms.Pointer;
        int columns = x.Columns;
        bool addX = false, forX = x.NeedsGradient, forWeight = weight.NeedsGradient;
        float* dx = forX ? x.GradientForStore(out addX) : null;

        int blocks = (x.Rows + RowKernel.RowsOfSum - 1) / RowKernel.RowsOfSum;
        Block scratch = Block.Rent(forWeight ? blocks * columns : 0);
        float* partials = scratch.Pointer;
        ThreadTeam.Shared.For(x.Rows, RowKernel.RowsOfSum, (_, start, end) =>
        {
            if (forWeight)
            {
                float* sums = partials + start / RowKernel.RowsOfSum * columns;
                new Span<float>(sums, columns).Clear();
                RmsNormKernel.BackwardWeight(from, gradient, inverseRms, sums, columns, start, end);
            }
            if (forX) RmsNormKernel.BackwardInput(from, w, gradient, inverseRms, dx, addX, columns, start, end);
        });
        if (forWeight)
        {
            float* dw = weight.GradientForStore(out bool accumulate);
            RowKernel.SumPartials(partials, blocks, columns, columns, dw, accumulate);
        }
        scratch.Return();
    }
}
