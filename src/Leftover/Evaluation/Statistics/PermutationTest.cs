using Leftover.Tensors;

namespace Leftover.Evaluation.Statistics;

/// <summary>The permutation test of two samples that are not paired: were the labels shared out by chance, how often would the difference of the means be as large?</summary>
/// <remarks>
/// Up to <see cref="ExactLimit"/> arrangements all are counted, the observed one among them. Above, arrangements are drawn and
/// p = (hits + 1) / (draws + 1). Sums that are equal up to rounding count as at least as extreme.
/// </remarks>
/// <param name="P">Two-sided: twice the smaller tail, at most 1.</param>
/// <param name="PGreater">Against the alternative that a is greater.</param>
/// <param name="PLess">Against the alternative that a is smaller.</param>
/// <param name="IsExact">All arrangements were counted.</param>
public sealed record PermutationTest(double P, double PGreater, double PLess, bool IsExact)
{
    /// <summary>The most arrangements that are all counted.</summary>
    public const int ExactLimit = 200_000;

    /// <summary>Tests samples that are not paired.</summary>
    /// <param name="a">At least 1 value.</param>
    /// <param name="b">At least 1 value.</param>
    /// <param name="random">What large samples draw from.</param>
    /// <param name="draws">How many arrangements large samples draw.</param>
    /// <exception cref="ArgumentException">A sample is empty or holds a value that is not finite.</exception>
    public static PermutationTest Of(ReadOnlySpan<double> a, ReadOnlySpan<double> b, RandomStream random, int draws = SignFlipTest.DefaultDraws)
    {
        Descriptive.Check(a, atLeast: 1);
        Descriptive.Check(b, atLeast: 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(draws, 1);
        double[] all = [.. a, .. b];
        double middle = Descriptive.MeanOf(all), observed = 0, rounding = 0;
        foreach (double value in all) rounding += Math.Abs(value);
        for (int i = 0; i < all.Length; i++) all[i] -= middle;
        for (int i = 0; i < a.Length; i++) observed += all[i];   // the means differ the more, the larger a's centred sum
        rounding *= 4 * (Math.BitIncrement(1.0) - 1);

        Count count = new(observed, rounding);
        bool exact = Arrangements(all.Length, a.Length) <= ExactLimit;
        if (exact) CountAll(all, a.Length, ref count);
        else Draw(all, a.Length, random, draws, ref count);
        double greater = count.Greater / count.All, less = count.Less / count.All;
        return new PermutationTest(Math.Min(1, 2 * Math.Min(greater, less)), greater, less, exact);
    }

    private static double Arrangements(int n, int chosen)
    {
        double count = 1;
        for (int i = 0; i < chosen; i++) count *= (n - i) / (i + 1.0);
        return count;
    }

    private static void CountAll(double[] values, int chosen, ref Count count)
    {
        int[] places = [.. Enumerable.Range(0, chosen)];
        while (true)
        {
            double sum = 0;
            foreach (int place in places) sum += values[place];
            count.Add(sum);

            int last = chosen - 1;   // the next combination in order
            while (last >= 0 && places[last] == values.Length - chosen + last) last--;
            if (last < 0) return;
            places[last]++;
            for (int i = last + 1; i < chosen; i++) places[i] = places[i - 1] + 1;
        }
    }

    private static void Draw(double[] values, int chosen, RandomStream random, int draws, ref Count count)
    {
        count.AddObserved();
        for (int draw = 0; draw < draws; draw++)
        {
            double sum = 0;
            for (int i = 0; i < chosen; i++)   // the first steps of a shuffle
            {
                int j = i + random.Next(values.Length - i);
                (values[i], values[j]) = (values[j], values[i]);
                sum += values[i];
            }
            count.Add(sum);
        }
    }

    private struct Count(double observed, double rounding)
    {
        public double Greater { get; private set; }

        public double Less { get; private set; }

        public double All { get; private set; }

        public void Add(double sum)
        {
            All++;
            if (sum >= observed - rounding) Greater++;
            if (sum <= observed + rounding) Less++;
        }

        public void AddObserved() => Add(observed);
    }
}
