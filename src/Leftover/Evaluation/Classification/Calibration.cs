namespace Leftover.Evaluation.Classification;

/// <summary>One bin of a reliability table: rows that were given about the same probability.</summary>
/// <param name="Low">The bin's lower end; rows lie above it, but for 0 in the first.</param>
/// <param name="High">Its upper end; rows lie at or below it.</param>
/// <param name="Count">Rows in it.</param>
/// <param name="Predicted">The mean probability they were given.</param>
/// <param name="Observed">The share of them that was right.</param>
public sealed record ReliabilityBin(double Low, double High, int Count, double Predicted, double Observed);

/// <summary>Whether probabilities are what they claim: of rows that were given p, a share of p is right.</summary>
public static class Calibration
{
    /// <summary>The bins of equal width that hold rows.</summary>
    /// <param name="probabilities">A probability a row, in [0, 1].</param>
    /// <param name="right">Whether what it was given to came true.</param>
    /// <param name="bins">Bins over [0, 1], (k/bins, (k+1)/bins] each.</param>
    public static IReadOnlyList<ReliabilityBin> Table(ReadOnlySpan<double> probabilities, ReadOnlySpan<bool> right, int bins)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        double[] edges = [.. Enumerable.Range(0, bins).Select(k => k * (1.0 / bins)), 1], sums = new double[bins];
        int[] counts = new int[bins], hits = new int[bins];
        for (int i = 0; i < probabilities.Length; i++)
        {
            int bin = 0;
            while (bin < bins - 1 && probabilities[i] > edges[bin + 1]) bin++;
            counts[bin]++;
            sums[bin] += probabilities[i];
            if (right[i]) hits[bin]++;
        }
        return [.. Enumerable.Range(0, bins).Where(k => counts[k] > 0).Select(k => new ReliabilityBin(edges[k], edges[k + 1], counts[k], sums[k] / counts[k], (double)hits[k] / counts[k]))];
    }

    /// <summary>Expected calibration error: the bins' gaps |predicted − observed|, weighed by their rows. Naeini et al. 2015.</summary>
    public static double Expected(IReadOnlyList<ReliabilityBin> table) => table.Sum(bin => bin.Count * Math.Abs(bin.Predicted - bin.Observed)) / table.Sum(bin => bin.Count);

    /// <summary>The largest gap of a bin.</summary>
    public static double Maximum(IReadOnlyList<ReliabilityBin> table) => table.Max(bin => Math.Abs(bin.Predicted - bin.Observed));
}
