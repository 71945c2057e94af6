using Leftover.Evaluation.Statistics;

namespace Leftover.Reporting.Charts;

/// <summary>Bins of equal, round width whose borders are multiples of it, so that 0 is a border.</summary>
internal sealed record Bins
{
    private Bins(double width, long first, int number, string tailNote) => (Width, First, Number, TailNote) = (width, first, number, tailNote);

    /// <summary>How many there are.</summary>
    public int Number { get; }

    /// <summary>A bin's width.</summary>
    public double Width { get; }

    /// <summary>Where the first begins, in widths.</summary>
    public long First { get; }

    /// <summary>What to tell the reader where the outermost bins hold what lies beyond them; else "".</summary>
    public string TailNote { get; }

    /// <summary>Bins for finite values; a long tail beyond the outer 0.5% goes into the outermost bins.</summary>
    /// <param name="values">At least one.</param>
    /// <param name="most">Bins, about at most.</param>
    /// <param name="wholeNumbers">True where a bin must not be narrower than 1.</param>
    public static Bins For(double[] values, int most, bool wholeNumbers = false)
    {
        double low = values.Min(), high = values.Max(), inner = Descriptive.Quantile(values, 0.005), outer = Descriptive.Quantile(values, 0.995);
        bool tails = high - low > 1.5 * (outer - inner) && outer > inner;
        if (tails) (low, high) = (inner, outer);
        double width = Round(high > low ? (high - low) / most : Math.Max(Math.Abs(low), 1) / most);
        if (wholeNumbers) width = Math.Max(1, width);
        long first = (long)Math.Floor(low / width);
        int number = (int)((long)Math.Floor(high / width) - first + 1);
        return new Bins(width, first, number, tails ? " The outermost bars hold all that lies beyond them." : "");
    }

    /// <summary>Where a bin begins.</summary>
    public double Start(int bin) => (First + bin) * Width;

    /// <summary>The bin of a value.</summary>
    public int Of(double value) => (int)Math.Clamp(Math.Floor(value / Width) - First, 0, Number - 1);

    /// <summary>How many values fall into each bin.</summary>
    public int[] Count(IEnumerable<double> values)
    {
        int[] counts = new int[Number];
        foreach (double value in values) counts[Of(value)]++;
        return counts;
    }

    /// <summary>The next 1, 2 or 5 times a power of ten.</summary>
    private static double Round(double width)
    {
        double unit = Math.Pow(10, Math.Floor(Math.Log10(width)));
        return (width / unit) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 } * unit;
    }
}
