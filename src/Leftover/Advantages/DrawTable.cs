namespace Leftover.Advantages;

/// <summary>Rows with their probabilities, drawn with replacement by inverse CDF: r = u · (last cumulative), the first row whose cumulative probability is above r.</summary>
/// <remarks>
/// As in the HHA script of arXiv:2305.14718, whose check against duplicates within a batch has no effect: with replacement.
/// A uniform number close to 1 can make r equal to the last cumulative probability by rounding; it draws the last row.
/// </remarks>
public sealed class DrawTable
{
    private readonly int[] _rows;
    private readonly double[] _cumulative;

    /// <summary>The table of the rows with a probability above 0.</summary>
    /// <param name="probabilities">One a row, each ≥ 0; their sum is 1 but for rounding.</param>
    /// <exception cref="ArgumentException">None is above 0, or one is negative or not finite.</exception>
    public DrawTable(ReadOnlySpan<double> probabilities)
    {
        List<int> rows = [];
        List<double> cumulative = [];
        double sum = 0;
        for (int i = 0; i < probabilities.Length; i++)
        {
            double p = probabilities[i];
            if (!(p >= 0 && double.IsFinite(p))) throw new ArgumentException($"The probability of row {i} is {p}; it must be a finite number, at least 0.", nameof(probabilities));
            if (p == 0) continue;
            rows.Add(i);
            cumulative.Add(sum += p);
        }
        if (rows.Count == 0) throw new ArgumentException($"None of {probabilities.Length} rows can be drawn: all probabilities are 0.", nameof(probabilities));
        _rows = [.. rows];
        _cumulative = [.. cumulative];
    }

    /// <summary>The rows that can be drawn.</summary>
    public IReadOnlyList<int> Rows => _rows;

    /// <summary>For each of <see cref="Rows"/>, the probability of it and of those before it.</summary>
    public IReadOnlyList<double> Cumulative => _cumulative;

    /// <summary>The row that a number in [0, 1) draws.</summary>
    public int Draw(double uniform)
    {
        double r = _cumulative[^1] * uniform;
        int low = 0, high = _cumulative.Length;          // the first k with cumulative[k] > r
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_cumulative[middle] > r) high = middle;
            else low = middle + 1;
        }
        return _rows[Math.Min(low, _rows.Length - 1)];
    }
}
