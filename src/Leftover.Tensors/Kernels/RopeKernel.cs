using System.Numerics;
using System.Runtime.CompilerServices;

namespace Leftover.Tensors.Kernels;

/// <summary>One row of a rotary position embedding.</summary>
internal static unsafe class RopeKernel
{
    /// <summary>y = turn(x), or y += turn(x); y may be x.</summary>
    /// <param name="x">[heads, dimension].</param>
    /// <param name="y">[heads, dimension].</param>
    /// <param name="angles">The row's cosines [half], then its sines [half].</param>
    /// <param name="heads">Heads of the row.</param>
    /// <param name="dimension">Dimensions of a head.</param>
    /// <param name="half">How many pairs (i, i + half) turn; dimensions from 2·half on stay.</param>
    /// <param name="direction">1, or −1 to turn back.</param>
    /// <param name="accumulate">Adds to y.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Turn(float* x, float* y, float* angles, int heads, int dimension, int half, float direction, bool accumulate)
    {
        float* cosines = angles, sines = angles + half;
        for (int head = 0; head < heads; head++, x += dimension, y += dimension)
        {
            int i = 0;
            for (; i <= half - Vector<float>.Count; i += Vector<float>.Count)
            {
                Vector<float> a = Vector.Load(x + i), b = Vector.Load(x + half + i);
                Vector<float> cosine = Vector.Load(cosines + i), sine = Vector.Load(sines + i) * direction;
                Vector<float> first = a * cosine - b * sine, second = b * cosine + a * sine;
                if (accumulate)
                {
                    first += Vector.Load(y + i);
                    second += Vector.Load(y + half + i);
                }
                first.Store(y + i);
                second.Store(y + half + i);
            }
            for (; i < half; i++)
            {
                float a = x[i], b = x[half + i], sine = sines[i] * direction;
                float first = a * cosines[i] - b * sine, second = b * cosines[i] + a * sine;
                y[i] = accumulate ? y[i] + first : first;
                y[half + i] = accumulate ? y[half + i] + second : second;
            }
            for (i = 2 * half; i < dimension; i++) y[i] = accumulate ? y[i] + x[i] : x[i];
        }
    }
}
