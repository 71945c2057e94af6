using Leftover.Tensors.Kernels;

namespace Leftover.Tensors;

public sealed partial class Tensor
{
    /// <summary>A linear layer: this [N, in] times the weight, plus the bias; [N, out].</summary>
    /// <param name="weight">[out, in], or [in, out] where <paramref name="weightIsInOut"/>.</param>
    /// <param name="bias">[out], or null.</param>
    /// <param name="weightIsInOut">True for weights stored [in, out], as GPT-2's are.</param>
    /// <exception cref="ShapeException">The shapes do not fit.</exception>
    public Tensor Linear(Tensor weight, Tensor? bias = null, bool weightIsInOut = false)
    {
        (int wIn, int wOut) = weightIsInOut ? (weight.Rows, weight.Columns) : (weight.Columns, weight.Rows);
        if (wIn != Columns)
            throw new ShapeException($"Linear: x {ShapeText} and weight {weight.ShapeText} ({(weightIsInOut ? "[in, out]" : "[out, in]")}) do not fit: x's columns ({Columns}) must equal the weight's inputs ({wIn}).");
        if (bias is not null && bias.Length != wOut)
            throw new ShapeException($"Linear: weight {weight.ShapeText} and bias {bias.ShapeText} do not fit: the bias must have one number for each of the {wOut} outputs.");
        return Tape.Current.Run(bias is null ? new Linear(this, weight, weightIsInOut) : new LinearWithBias(this, weight, bias, weightIsInOut));
    }
}

/// <summary>y = x·Wᵀ, or x·W where the weight is stored [in, out].</summary>
/// <remarks>In bf16 each of the three products rounds its operands, x, W and dy, and none of its results.</remarks>
internal unsafe class Linear(Tensor x, Tensor weight, bool weightIsInOut, params Tensor[] more) : Op([x, weight, .. more])
{
    private readonly int _in = x.Columns;
    private readonly int _out = weightIsInOut ? weight.Columns : weight.Rows;
    private readonly ComputeType _type = Tape.Current.ComputeType;

    public override (int Rows, int Columns) Shape => (x.Rows, _out);

    protected override void Forward(Span<float> y) => Multiply(bias: null);

    protected void Multiply(Tensor? bias)
    {
        float* b = bias is null ? null : bias.Pointer;
        if (Tape.Current is { Records: false, Packed: { } copies } && copies.Of(weight) is { } packed) Multiply(packed, b);
        else MatMulKernel.Multiply(false, !weightIsInOut, x.Rows, _out, _in, x.Pointer, _in, weight.Pointer, weight.Columns, Output.Pointer, _out, accumulate: false, _type, b);
    }

    private void Multiply(PackedWeight packed, float* bias)
    {
        float* to = Output.Pointer;
        PackedProduct.Multiply(ThreadTeam.Shared, packed, x.Pointer, x.Rows, to);
        if (bias != null) RowKernel.ForRows(x.Rows, _out, (_, start, end) => RowKernel.AddVector(to, bias, _out, start, end));
    }

    // dW += dyᵀ·x and dx += dy·W; with W stored [in, out]: dW += xᵀ·dy and dx += dy·Wᵀ.
    protected override void Backward(ReadOnlySpan<float> dy)
    {
        float* gradient = Output.GradientPointer;
        if (weight.NeedsGradient)
        {
            float* dw = weight.GradientForStore(out bool accumulate);
            if (weightIsInOut) MatMulKernel.Multiply(true, false, _in, _out, x.Rows, x.Pointer, _in, gradient, _out, dw, _out, accumulate, _type);
            else MatMulKernel.Multiply(true, false, _out, _in, x.Rows, gradient, _out, x.Pointer, _in, dw, _in, accumulate, _type);
        }
        if (x.NeedsGradient)
        {
            float* dx = x.GradientForStore(out bool accumulate);
            MatMulKernel.Multiply(false, weightIsInOut, x.Rows, _in, _out, gradient, _out, weight.Pointer, weight.Columns, dx, _in, accumulate, _type);
        }
    }
}

/// <summary>y = x·Wᵀ + b, or x·W + b where the weight is stored [in, out].</summary>
internal sealed unsafe class LinearWithBias(Tensor x, Tensor weight, Tensor bias, bool weightIsInOut) : Linear(x, weight, weightIsInOut, bias)
{
    protected override void Forward(Span<float> y) => Multiply(bias);

    // db += Σ over rows of dy
    protected override void Backward(ReadOnlySpan<float> dy)
    {
        base.Backward(dy);
        if (!bias.NeedsGradient) return;
        float* db = bias.GradientForStore(out bool accumulate);
        RowKernel.SumRows(Output.GradientPointer, Output.Rows, Output.Columns, db, accumulate);
    }
}
