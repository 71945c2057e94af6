using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Leftover.Tensors.Kernels;

namespace Leftover.Benchmarks;

/// <summary>Multiply-adds in registers and nothing else: what the processor could do at most, timed in the same run as what it does.</summary>
internal static class FmaLoop
{
    private static float s_sink;

    /// <summary>Runs the loop on each thread of the team for <paramref name="iterations"/> rounds and returns the floating-point operations done.</summary>
    public static double Run(ThreadTeam team, long iterations)
    {
        team.For(team.Size, 1, (_, _, _) => s_sink = Vector512.IsHardwareAccelerated ? Loop512(iterations) : Vector256.IsHardwareAccelerated ? Loop256(iterations) : LoopAny(iterations));
        int lanes = Vector512.IsHardwareAccelerated ? 16 : Vector256.IsHardwareAccelerated ? 8 : Vector<float>.Count;
        return 2.0 * 12 * lanes * iterations * team.Size;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static float Loop512(long iterations)
    {
        Vector512<float> x = Vector512.Create(0.999f), y = Vector512.Create(0.001f);
        Vector512<float> a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x;
        for (long n = 0; n < iterations; n++)
        {
            a = Vector512.FusedMultiplyAdd(a, x, y); b = Vector512.FusedMultiplyAdd(b, x, y); c = Vector512.FusedMultiplyAdd(c, x, y);
            d = Vector512.FusedMultiplyAdd(d, x, y); e = Vector512.FusedMultiplyAdd(e, x, y); f = Vector512.FusedMultiplyAdd(f, x, y);
            g = Vector512.FusedMultiplyAdd(g, x, y); h = Vector512.FusedMultiplyAdd(h, x, y); i = Vector512.FusedMultiplyAdd(i, x, y);
            j = Vector512.FusedMultiplyAdd(j, x, y); k = Vector512.FusedMultiplyAdd(k, x, y); l = Vector512.FusedMultiplyAdd(l, x, y);
        }
        return Vector512.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static float Loop256(long iterations)
    {
        Vector256<float> x = Vector256.Create(0.999f), y = Vector256.Create(0.001f);
        Vector256<float> a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x;
        for (long n = 0; n < iterations; n++)
        {
            a = Vector256.MultiplyAddEstimate(a, x, y); b = Vector256.MultiplyAddEstimate(b, x, y); c = Vector256.MultiplyAddEstimate(c, x, y);
            d = Vector256.MultiplyAddEstimate(d, x, y); e = Vector256.MultiplyAddEstimate(e, x, y); f = Vector256.MultiplyAddEstimate(f, x, y);
            g = Vector256.MultiplyAddEstimate(g, x, y); h = Vector256.MultiplyAddEstimate(h, x, y); i = Vector256.MultiplyAddEstimate(i, x, y);
            j = Vector256.MultiplyAddEstimate(j, x, y); k = Vector256.MultiplyAddEstimate(k, x, y); l = Vector256.MultiplyAddEstimate(l, x, y);
        }
        return Vector256.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static float LoopAny(long iterations)
    {
        Vector<float> x = Vector.Create(0.999f), y = Vector.Create(0.001f);
        Vector<float> a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x;
        for (long n = 0; n < iterations; n++)
        {
            a = Vector.MultiplyAddEstimate(a, x, y); b = Vector.MultiplyAddEstimate(b, x, y); c = Vector.MultiplyAddEstimate(c, x, y);
            d = Vector.MultiplyAddEstimate(d, x, y); e = Vector.MultiplyAddEstimate(e, x, y); f = Vector.MultiplyAddEstimate(f, x, y);
            g = Vector.MultiplyAddEstimate(g, x, y); h = Vector.MultiplyAddEstimate(h, x, y); i = Vector.MultiplyAddEstimate(i, x, y);
            j = Vector.MultiplyAddEstimate(j, x, y); k = Vector.MultiplyAddEstimate(k, x, y); l = Vector.MultiplyAddEstimate(l, x, y);
        }
        return Vector.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }
}
