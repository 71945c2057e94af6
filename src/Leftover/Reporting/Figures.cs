using System.Globalization;
using Leftover.Evaluation;

namespace Leftover.Reporting;

/// <summary>Numbers as a reader wants them: a few digits, the same for a mean and the ends of its interval.</summary>
internal static class Figures
{
    /// <summary>What stands where there is no number.</summary>
    public const string None = "–";

    /// <summary>A number with three digits or so.</summary>
    public static string Number(double value)
    {
        if (!double.IsFinite(value)) return None;
        double size = Math.Abs(value);
        if (size is > 0 and < 0.0005) return Minus(value.ToString("0.#e+0", CultureInfo.InvariantCulture));
        return Fixed(value, size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3);
    }

    /// <summary>A number whose gains and losses show: with its sign.</summary>
    public static string Signed(double value, int decimals) => !double.IsFinite(value) ? None : (value > 0 ? "+" : "") + Fixed(value, decimals);

    /// <summary>A share in percent.</summary>
    public static string Percent(double share) => !double.IsFinite(share) ? None : Fixed(100 * share, share is > 0 and < 0.1 or > 0.9 and < 1 ? 1 : 0) + "%";

    /// <summary>A confidence: 95%, 99.9%.</summary>
    public static string Confidence(double confidence) => (100 * confidence).ToString("0.###", CultureInfo.InvariantCulture) + "%";

    /// <summary>A p-value with its sign of equality: "= 0.012", "&lt; 0.001".</summary>
    public static string P(double p) => !double.IsFinite(p) ? "= " + None : p < 0.001 ? "< 0.001" : "= " + Fixed(p, 3);

    /// <summary>Decimals that show two digits of an interval's width, and on which side of 0 its ends lie; <paramref name="value"/>'s own where it has none.</summary>
    public static int Decimals(double value, double low, double high)
    {
        double width = high - low;
        if (!double.IsFinite(width) || width <= 0) return Math.Abs(value) >= 100 ? 0 : Math.Abs(value) >= 10 ? 1 : Math.Abs(value) >= 1 ? 2 : 3;
        int decimals = Math.Clamp(1 - (int)Math.Floor(Math.Log10(width)), 0, 5);
        while (decimals < 6 && (Vanishes(low, decimals) || Vanishes(high, decimals))) decimals++;
        return decimals;
    }

    /// <summary>Decimals for a column of means: those of its narrowest interval, but one more than its widest needs at most.</summary>
    public static int Decimals(IEnumerable<Estimate> column)
    {
        int[] own = [.. column.Where(estimate => estimate.High > estimate.Low).Select(estimate => Decimals(estimate.Mean, estimate.Low, estimate.High))];
        return own.Length == 0 ? 3 : Math.Min(own.Max(), own.Min() + 1);
    }

    /// <summary>"0.30 to 0.54".</summary>
    public static string Range(double low, double high, int decimals) =>
        double.IsFinite(low) && double.IsFinite(high) ? $"{Fixed(low, decimals)} to {Fixed(high, decimals)}" : "no interval";

    /// <summary>A mean, and "low to high".</summary>
    public static (string Mean, string Range) Of(Estimate estimate) => Of(estimate, Decimals(estimate.Mean, estimate.Low, estimate.High));

    /// <summary>The same with this many decimals.</summary>
    public static (string Mean, string Range) Of(Estimate estimate, int decimals) =>
        (Fixed(estimate.Mean, decimals), Range(estimate.Low, estimate.High, decimals));

    /// <summary>A number with this many decimals, and a true minus sign.</summary>
    public static string Fixed(double value, int decimals)
    {
        if (!double.IsFinite(value)) return None;
        string text = value.ToString("F" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        return text.Trim('-', '0', '.').Length == 0 ? text.TrimStart('-') : Minus(text);
    }

    private static bool Vanishes(double value, int decimals) => value != 0 && Math.Round(value, decimals) == 0;

    private static string Minus(string text) => text.Replace('-', '−');
}
