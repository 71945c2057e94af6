using System.Runtime.CompilerServices;

namespace Leftover.Tensors;

/// <summary>A seeded stream of random numbers, named by what it is for: the same seed and names give the same numbers on every machine.</summary>
/// <remarks>
/// SplitMix64 (Steele, Lea &amp; Flood 2014) over a state that is a hash of the seed and the names, so a consumer derives its own stream
/// (<c>new RandomStream(seed, "shuffle", epoch)</c>) instead of sharing one: nothing has to be saved to continue an interrupted run, and
/// the order in which consumers draw changes nothing.
/// </remarks>
public sealed class RandomStream
{
    private ulong _state;

    /// <summary>The stream of one purpose.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="purpose">What the numbers are for, for example <c>"shuffle"</c>.</param>
    /// <param name="indices">Which one of its kind: an epoch, a step, a row.</param>
    public RandomStream(long seed, string purpose, params ReadOnlySpan<long> indices)
    {
        ulong hash = Mix((ulong)seed + 0x9E3779B97F4A7C15);
        foreach (char c in purpose) hash = Mix(hash ^ c);
        foreach (long index in indices) hash = Mix(hash + 0xD1B54A32D192ED03 * ((ulong)index + 1));
        _state = hash;
    }

    /// <summary>64 random bits.</summary>
    public ulong NextBits() => Mix(_state += 0x9E3779B97F4A7C15);

    /// <summary>A uniform number in [0, 1), a multiple of 2^-53.</summary>
    public double NextDouble() => (NextBits() >> 11) * (1.0 / (1L << 53));

    /// <summary>A uniform integer in [0, <paramref name="exclusiveMax"/>).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The bound is not positive.</exception>
    public int Next(int exclusiveMax)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(exclusiveMax);
        return (int)Math.BigMul(NextBits(), (ulong)exclusiveMax, out _);
    }

    /// <summary>A standard normal number (Box &amp; Muller 1958, the cosine half).</summary>
    public double NextNormal()
    {
        double radius = Math.Sqrt(-2 * Math.Log(1 - NextDouble()));
        return radius * Math.Cos(2 * Math.PI * NextDouble());
    }

    /// <summary>Puts the items in a random order, in place (Fisher &amp; Yates).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (int i = items.Length - 1; i > 0; i--)
        {
            int j = Next(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
