using System.Text.Json.Serialization;

namespace Leftover.Evaluation.Statistics;

/// <summary>How p-values are raised because many were looked at.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Correction>))]
public enum Correction
{
    /// <summary>m·p. Bounds the chance of any false rejection.</summary>
    [JsonStringEnumMemberName("bonferroni")] Bonferroni,

    /// <summary>Bonferroni, step by step (Holm 1979); never worse than Bonferroni.</summary>
    [JsonStringEnumMemberName("holm")] Holm,

    /// <summary>Holm with 1 − (1 − p)^m; for independent tests.</summary>
    [JsonStringEnumMemberName("holm-sidak")] HolmSidak,

    /// <summary>Bounds the expected share of false rejections (Benjamini &amp; Hochberg 1995).</summary>
    [JsonStringEnumMemberName("benjamini-hochberg")] BenjaminiHochberg,

    /// <summary>The same under any dependence (Benjamini &amp; Yekutieli 2001).</summary>
    [JsonStringEnumMemberName("benjamini-yekutieli")] BenjaminiYekutieli,
}

/// <summary>P-values of several tests at once.</summary>
public static class MultipleComparisons
{
    /// <summary>The adjusted p-values, in the order given; reject where one is at most α.</summary>
    /// <param name="p">The p-values, each in [0, 1].</param>
    /// <param name="correction">The procedure.</param>
    /// <exception cref="ArgumentException">A p-value lies outside [0, 1].</exception>
    public static double[] Adjust(ReadOnlySpan<double> p, Correction correction)
    {
        for (int i = 0; i < p.Length; i++)
            if (p[i] is not (>= 0 and <= 1)) throw new ArgumentException($"P-value {i} is {p[i]}; it must lie in [0, 1].");

        double[] adjusted = p.ToArray();
        int[] order = [.. Enumerable.Range(0, p.Length)];
        Array.Sort(p.ToArray(), order);
        switch (correction)
        {
            case Correction.Bonferroni: Each(adjusted, order, (value, _) => value * order.Length); break;
            case Correction.Holm: StepDown(adjusted, order, (value, rank) => value * (order.Length - rank)); break;
            case Correction.HolmSidak: StepDown(adjusted, order, (value, rank) => -NearZero.ExpMinusOne((order.Length - rank) * NearZero.LogOnePlus(-value))); break;
            case Correction.BenjaminiHochberg: StepUp(adjusted, order, (value, rank) => value * order.Length / (rank + 1)); break;
            case Correction.BenjaminiYekutieli:
                double harmonic = 0;
                for (int i = 1; i <= order.Length; i++) harmonic += 1.0 / i;
                StepUp(adjusted, order, (value, rank) => value * harmonic * order.Length / (rank + 1));
                break;
            default: throw new ArgumentException($"{correction} is no correction.");
        }
        return adjusted;
    }

    private static void Each(double[] p, int[] order, Func<double, int, double> raise)
    {
        for (int rank = 0; rank < order.Length; rank++) p[order[rank]] = Math.Min(1, raise(p[order[rank]], rank));
    }

    /// <summary>From the smallest up, never below the one before.</summary>
    private static void StepDown(double[] p, int[] order, Func<double, int, double> raise)
    {
        double least = 0;
        for (int rank = 0; rank < order.Length; rank++)
            p[order[rank]] = least = Math.Max(least, Math.Min(1, raise(p[order[rank]], rank)));
    }

    /// <summary>From the largest down, never above the one before.</summary>
    private static void StepUp(double[] p, int[] order, Func<double, int, double> raise)
    {
        double most = 1;
        for (int rank = order.Length - 1; rank >= 0; rank--)
            p[order[rank]] = most = Math.Min(most, raise(p[order[rank]], rank));
    }
}
