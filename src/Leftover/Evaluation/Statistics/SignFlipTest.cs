using Leftover.Tensors;

namespace Leftover.Evaluation.Statistics;

/// <summary>The permutation test of paired samples: were the two labels of every pair given by a coin, how often would the mean difference be as large?</summary>
/// <remarks>
/// Up to <see cref="ExactLimit"/> pairs that differ all 2ⁿ arrangements are counted, the observed one among them. Above, signs are drawn and
/// p = (hits + 1) / (draws + 1). Sums that are equal up to rounding count as at least as extreme.
/// </remarks>
/// <param name="P">Two-sided: twice the smaller tail, at most 1.</param>
/// <param name="PGreater">Against the alternative that a is greater.</param>
/// <param name="PLess">Against the alternative that a is smaller.</param>
/// <param name="IsExact">All arrangements were counted.</param>
public sealed record SignFlipTest(double P, double PGreater, double PLess, bool IsExact)
{
    /// <summary>The most differing pairs for which every arrangement is counted.</summary>
    public const int ExactLimit = 30;

    /// <summary>The number of arrangements where they are drawn and nothing else is asked for.</summary>
    public const int DefaultDraws = 10_000;

    /// <summary>Tests paired samples.</summary>
    /// <param name="a">One value a pair.</param>
    /// <param name="b">The other values, in the same order.</param>
    /// <param name="random">What large samples draw from.</param>
    /// <param name="draws">How many arrangements large samples draw.</param>
    /// <exception cref="ArgumentException">The samples differ in length, are empty, or hold a value that is not finite.</exception>
    public static SignFlipTest Of(ReadOnlySpan<double> a, ReadOnlySpan<double> b, RandomStream random, int draws = DefaultDraws)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(draws, 1);
        double[] differences = [.. Pairs.Differences(a, b, atLeast: 1).Where(x => x != 0)];   // a flipped 0 changes nothing
        double observed = differences.Sum();
        double rounding = 0;
        for (int i = 0; i < a.Length; i++) rounding += Math.Abs(a[i]) + Math.Abs(b[i]);
        rounding *= 4 * (Math.BitIncrement(1.0) - 1);

        bool exact = differences.Length <= ExactLimit;
        (double greater, double less) = exact
            ? CountAll(differences, observed, rounding)
            : Draw(differences, observed, rounding, random, draws);
        return new SignFlipTest(Math.Min(1, 2 * Math.Min(greater, less)), greater, less, exact);
    }

    /// <summary>Sums of the two halves are sorted; for each of one half the fitting ones of the other are a run: 2^(n/2) steps instead of 2ⁿ.</summary>
    private static (double Greater, double Less) CountAll(double[] differences, double observed, double rounding)
    {
        double[] first = SignedSums(differences.AsSpan(0, differences.Length / 2));
        double[] second = SignedSums(differences.AsSpan(differences.Length / 2));
        long greater = 0, less = 0;
        int enough = second.Length, most = second.Length;
        foreach (double sum in first)   // ascending, so the bounds in the other half only fall
        {
            while (enough > 0 && sum + second[enough - 1] >= observed - rounding) enough--;
            while (most > 0 && sum + second[most - 1] > observed + rounding) most--;
            greater += second.Length - enough;
            less += most;
        }
        double all = (double)first.Length * second.Length;
        return (greater / all, less / all);
    }

    private static double[] SignedSums(ReadOnlySpan<double> differences)
    {
        double[] sums = new double[1 << differences.Length];
        for (int signs = 0; signs < sums.Length; signs++)
            for (int i = 0; i < differences.Length; i++)
                sums[signs] += (signs >> i & 1) == 0 ? differences[i] : -differences[i];
        Array.Sort(sums);
        return sums;
    }

    private static (double Greater, double Less) Draw(double[] differences, double observed, double rounding, RandomStream random, int draws)
    {
        int greater = 1, less = 1;   // the observed arrangement
        for (int draw = 0; draw < draws; draw++)
        {
            double sum = 0;
            ulong bits = 0;
            for (int i = 0; i < differences.Length; i++, bits >>= 1)
            {
                if (i % 64 == 0) bits = random.NextBits();
                sum += (bits & 1) == 0 ? differences[i] : -differences[i];
            }
            if (sum >= observed - rounding) greater++;
            if (sum <= observed + rounding) less++;
        }
        return (greater / (draws + 1.0), less / (draws + 1.0));
    }
}
