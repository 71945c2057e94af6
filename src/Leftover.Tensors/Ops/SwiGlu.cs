using System.Numerics;
using System.Runtime.CompilerServices;
using Leftover.Tensors.Kernels;

namespace Leftover.Tensors;

public sealed partial class Tensor
{
    /// <summary>x·σ(x), also named swish.</summary>
    public Tensor Silu() => Elementwise(default(SiluFunction));

    /// <summary>silu(gate) ∘ up; Shazeer 2020, arXiv:2002.05202.</summary>
    /// <param name="gate">[N, C].</param>
    /// <param name="up">[N, C].</param>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    public static Tensor SwiGlu(Tensor gate, Tensor up)
    {
        if (gate.Rows != up.Rows || gate.Columns != up.Columns) throw new ShapeException($"SwiGlu: gate {gate.ShapeText} and up {up.ShapeText} must have the same shape.");
        return Tape.Current.Run(new SwiGlu(gate, up));
    }
}

// With s = σ(x): y = x·s and y' = s + y·(1−s).
internal readonly struct SiluFunction : IElementFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector<float> Value(Vector<float> x) => x * VectorMath.Sigmoid(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector<float> Slope(Vector<float> x, Vector<float> y)
    {
        Vector<float> s = VectorMath.Sigmoid(x);
        return Vector.MultiplyAddEstimate(x * s, Vector<float>.One - s, s);
    }
}

/// <summary>y = silu(gate) ∘ up. Keeps nothing but its inputs.</summary>
internal sealed unsafe class SwiGlu(Tensor gate, Tensor up) : Op(gate, up)
{
    public override bool IsPure => true;

    protected override void Forward(Span<float> y)
    {
        float* g = gate.Pointer, u = up.Pointer, to = Output.Pointer;
        RowKernel.ForElements(Output.Length, (_, start, end) => SwiGluKernel.Forward(g + start, u + start, to + start, (int)(end - start)));
    }

    // dgate += dy ∘ up ∘ silu'(gate), dup += dy ∘ silu(gate)
    protected override void Backward(ReadOnlySpan<float> dy)
    {
        float* g = gate.Pointer, u = up.Pointer, gradient = Output.GradientPointer;
        bool addGate = false, addUp = false;
        float* dg = gate.NeedsGradient ? gate.GradientForStore(out addGate) : null;
        float* du = up.NeedsGradient ? up.GradientInPlaceOf(Output, out addUp) : null;
        RowKernel.ForElements(gate.Length, (_, start, end) => SwiGluKernel.Backward(
            g + start, u + start, gradient + start, dg == null ? null : dg + start, addGate, du == null ? null : du + start, addUp, (int)(end - start)));
    }
}
