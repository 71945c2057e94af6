using Leftover.Tensors.Kernels;
using Leftover.Tensors.Memory;

namespace Leftover.Tensors;

public sealed partial class Tensor
{
    /// <summary>Layer norm of each row: w ∘ (x − mean)/sqrt(variance + ε) + b. Ba, Kiros &amp; Hinton 2016, arXiv:1607.06450.</summary>
    /// <param name="weight">w, [C].</param>
    /// <param name="bias">b, [C], or null.</param>
    /// <param name="epsilon">ε, above 0.</param>
    /// <exception cref="ShapeException">w or b does not have a number for each column.</exception>
    public Tensor LayerNorm(Tensor weight, Tensor? bias, float epsilon)
    {
        CheckNorm("LayerNorm", "weight", weight);
        if (bias is not null) CheckNorm("LayerNorm", "bias", bias);
        return Tape.Current.Run(new LayerNorm(this, weight, bias, epsilon));
    }

    private void CheckNorm(string name, string what, Tensor vector)
    {
        if (vector.Length != Columns) throw new ShapeException($"{name}: x {ShapeText} and {what} {vector.ShapeText} do not fit: the {what} must have one number for each of the {Columns} columns.");
    }
}

/// <summary>y = w ∘ (x − mean)/sqrt(variance + ε) + b. Keeps the mean and 1/σ of each row.</summary>
internal sealed unsafe class LayerNorm(Tensor x, Tensor weight, Tensor? bias, float epsilon) : Op(bias is null ? [x, weight] : [x, weight, bias])
{
    private readonly Block _statistics = Block.Rent(2 * x.Rows);          // [N, 2]

    public override bool IsPure => true;

    protected override void Forward(Span<float> y)
    {
        float* from = x.Pointer, w = weight.Pointer, b = bias is null ? null : bias.Pointer, to = Output.Pointer, statistics = _statistics.Pointer;
        int columns = x.Columns;
        RowKernel.ForRows(x.Rows, columns, (_, start, end) => LayerNormKernel.Forward(from, w, b, epsilon, to, statistics, columns, start, end));
    }

    // With x̂ = (x − mean)/σ and g = w ∘ dy:   dx += (g − mean(g) − x̂·mean(g ∘ x̂))/σ,   dw += Σ dy ∘ x̂,   db += Σ dy.
    protected override void Backward(ReadOnlySpan<float> dy)
    {
        float* from = x.Pointer, w = weight.Pointer, gradient = Output.GradientPointer, statistics = _statistics.Pointer;
        int columns = x.Columns;
        bool addX = false, forX = x.NeedsGradient, forWeights = weight.NeedsGradient || bias is { NeedsGradient: true };
        float* dx = forX ? x.GradientForStore(out addX) : null;

        int blocks = (x.Rows + RowKernel.RowsOfSum - 1) / RowKernel.RowsOfSum;
        Block scratch = Block.Rent(forWeights ? blocks * 2 * columns : 0);
        float* partials = scratch.Pointer;
        ThreadTeam.Shared.For(x.Rows, RowKernel.RowsOfSum, (_, start, end) =>
        {
            if (forWeights)
            {
                float* sums = partials + start / RowKernel.RowsOfSum * 2 * columns;
                new Span<float>(sums, 2 * columns).Clear();
                LayerNormKernel.BackwardWeights(from, gradient, statistics, sums, sums + columns, columns, start, end);
            }
            if (forX) LayerNormKernel.BackwardInput(from, w, gradient, statistics, dx, addX, columns, start, end);
        });
        if (weight.NeedsGradient)
        {
            float* dw = weight.GradientForStore(out bool accumulate);
            RowKernel.SumPartials(partials, blocks, 2 * columns, columns, dw, accumulate);
        }
        if (bias is { NeedsGradient: true })
        {
            float* db = bias.GradientForStore(out bool accumulate);
            RowKernel.SumPartials(partials + columns, blocks, 2 * columns, columns, db, accumulate);
        }
        scratch.Return();
    }
}
