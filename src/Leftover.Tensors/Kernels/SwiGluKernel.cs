using System.Numerics;
using System.Runtime.CompilerServices;

namespace Leftover.Tensors.Kernels;

/// <summary>y = silu(gate) ∘ up over [length] numbers. A tail goes through vectors of its own, so it gets the same bits as the body.</summary>
internal static unsafe class SwiGluKernel
{
    /// <summary>y = silu(gate) ∘ up; all are [length].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward(float* gate, float* up, float* y, int length)
    {
        int i = 0;
        for (; i <= length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> g = Vector.Load(gate + i);
            (g * VectorMath.Sigmoid(g) * Vector.Load(up + i)).Store(y + i);
        }
        for (; i < length; i++) y[i] = gate[i] * VectorMath.Sigmoid(gate[i]) * up[i];
    }

    /// <summary>dgate (+)= dy ∘ up ∘ silu'(gate), dup (+)= dy ∘ silu(gate); either may be null. dup may be dy.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward(float* gate, float* up, float* dy, float* dGate, bool addGate, float* dUp, bool addUp, int length)
    {
        int i = 0;
        for (; i <= length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> d = Vector.Load(dy + i);
            (Vector<float> gateGradient, Vector<float> upGradient) = Gradients(Vector.Load(gate + i), Vector.Load(up + i), d);
            if (dGate != null) (addGate ? gateGradient + Vector.Load(dGate + i) : gateGradient).Store(dGate + i);
            if (dUp != null) (addUp ? upGradient + Vector.Load(dUp + i) : upGradient).Store(dUp + i);
        }
        for (; i < length; i++)
        {
            (Vector<float> gateGradient, Vector<float> upGradient) = Gradients(Vector.Create(gate[i]), Vector.Create(up[i]), Vector.Create(dy[i]));
            if (dGate != null) dGate[i] = addGate ? dGate[i] + gateGradient[0] : gateGradient[0];
            if (dUp != null) dUp[i] = addUp ? dUp[i] + upGradient[0] : upGradient[0];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector<float> Gate, Vector<float> Up) Gradients(Vector<float> gate, Vector<float> up, Vector<float> dy)
    {
        Vector<float> s = VectorMath.Sigmoid(gate), silu = gate * s;
        return (dy * up * Vector.MultiplyAddEstimate(silu, Vector<float>.One - s, s), dy * silu);
    }
}
