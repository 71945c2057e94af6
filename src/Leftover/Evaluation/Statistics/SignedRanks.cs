namespace Leftover.Evaluation.Statistics;

/// <summary>Sums of the average ranks of |differences|, by sign.</summary>
/// <param name="Plus">Ranks of the positive differences.</param>
/// <param name="Minus">Ranks of the negative ones.</param>
/// <param name="Zero">Ranks of the zeros.</param>
/// <param name="Zeros">How many zeros there are.</param>
/// <param name="TieCorrection">Σ(t³ − t) over groups of t equal sizes, the zeros' among them.</param>
internal readonly record struct SignedRanks(double Plus, double Minus, double Zero, int Zeros, double TieCorrection)
{
    public static SignedRanks Of(ReadOnlySpan<double> differences)
    {
        double[] sorted = differences.ToArray();
        Array.Sort(sorted, static (x, y) => Math.Abs(x).CompareTo(Math.Abs(y)));
        double plus = 0, minus = 0, zero = 0, ties = 0;
        int zeros = 0;
        for (int first = 0, next; first < sorted.Length; first = next)
        {
            next = first + 1;
            while (next < sorted.Length && Math.Abs(sorted[next]) == Math.Abs(sorted[first])) next++;
            double count = next - first, rank = (first + 1 + next) / 2.0;
            ties += count * count * count - count;
            for (int i = first; i < next; i++)
            {
                if (sorted[i] > 0) plus += rank;
                else if (sorted[i] < 0) minus += rank;
                else { zero += rank; zeros++; }
            }
        }
        return new SignedRanks(plus, minus, zero, zeros, ties);
    }
}
