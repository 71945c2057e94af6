using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Leftover.Tensors.Kernels;

/// <summary>Multiply-adds in registers and nothing else, with the instruction set in use: what the processor could do at most, to be timed in the same run as what it does.</summary>
public static class FmaLoop
{
    private const int Accumulators = 12;            // more than latency × units of any processor known: each waits for its own last result alone

    private static float s_sink;

    /// <summary>Runs the loop on this thread.</summary>
    /// <param name="iterations">Rounds of twelve multiply-adds.</param>
    /// <returns>The floating-point operations done, a multiply-add being two.</returns>
    public static double Run(long iterations)
    {
        s_sink = Instructions.Current switch
        {
            InstructionSet.Avx512 => Loop512(iterations),
            InstructionSet.Avx2 => Loop256(iterations),
            _ => LoopAny(iterations),
        };
        int lanes = Instructions.Current switch { InstructionSet.Avx512 => 16, InstructionSet.Avx2 => 8, _ => Vector<float>.Count };
        return 2.0 * Accumulators * lanes * iterations;
    }

    /// <summary>Runs the loop on each thread of a team.</summary>
    /// <param name="team">The threads.</param>
    /// <param name="iterations">Rounds of twelve multiply-adds on each.</param>
    /// <returns>The floating-point operations done by all, a multiply-add being two.</returns>
    public static double Run(ThreadTeam team, long iterations)
    {
        double[] done = new double[team.Size];
        team.For(team.Size, 1, (_, share, _) => done[share] = Run(iterations));
        return done.Sum();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static float Loop512(long iterations)
    {
        Vector512<float> x = Vector512.Create(0.999f), y = Vector512.Create(0.001f);
        Vector512<float> a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x;
        for (long n = 0; n < iterations; n++)
        {
            a = Avx512F.FusedMultiplyAdd(a, x, y); b = Avx512F.FusedMultiplyAdd(b, x, y); c = Avx512F.FusedMultiplyAdd(c, x, y);
            d = Avx512F.FusedMultiplyAdd(d, x, y); e = Avx512F.FusedMultiplyAdd(e, x, y); f = Avx512F.FusedMultiplyAdd(f, x, y);
            g = Avx512F.FusedMultiplyAdd(g, x, y); h = Avx512F.FusedMultiplyAdd(h, x, y); i = Avx512F.FusedMultiplyAdd(i, x, y);
            j = Avx512F.FusedMultiplyAdd(j, x, y); k = Avx512F.FusedMultiplyAdd(k, x, y); l = Avx512F.FusedMultiplyAdd(l, x, y);
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
            a = Fma.MultiplyAdd(a, x, y); b = Fma.MultiplyAdd(b, x, y); c = Fma.MultiplyAdd(c, x, y);
            d = Fma.MultiplyAdd(d, x, y); e = Fma.MultiplyAdd(e, x, y); f = Fma.MultiplyAdd(f, x, y);
            g = Fma.MultiplyAdd(g, x, y); h = Fma.MultiplyAdd(h, x, y); i = Fma.MultiplyAdd(i, x, y);
            j = Fma.MultiplyAdd(j, x, y); k = Fma.MultiplyAdd(k, x, y); l = Fma.MultiplyAdd(l, x, y);
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
