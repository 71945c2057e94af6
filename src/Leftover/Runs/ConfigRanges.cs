using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;

namespace Leftover.Runs;

/// <summary>Whether a number lies in the range its property names.</summary>
internal static class ConfigRanges
{
    /// <summary>What is wrong with a value, or null.</summary>
    public static string? Problem(PropertyInfo property, object value)
    {
        if (property.GetCustomAttribute<RangeAttribute>() is not { } range || value is not IConvertible) return null;
        double number = Convert.ToDouble(value, CultureInfo.InvariantCulture);
        double low = Convert.ToDouble(range.Minimum, CultureInfo.InvariantCulture);
        double high = Convert.ToDouble(range.Maximum, CultureInfo.InvariantCulture);
        bool isAbove = range.MinimumIsExclusive ? number > low : number >= low;
        bool isBelow = range.MaximumIsExclusive ? number < high : number <= high;
        if (isAbove && isBelow) return null;

        string found = ((IFormattable)value).ToString(null, CultureInfo.InvariantCulture);
        bool hasLow = low > -double.MaxValue && low > int.MinValue;
        bool hasHigh = high < int.MaxValue;
        if (hasLow && hasHigh)
            return $"is {found}; it must lie in {(range.MinimumIsExclusive ? '(' : '[')}{Text(low)}, {Text(high)}{(range.MaximumIsExclusive ? ')' : ']')}.";
        if (hasLow) return $"is {found}; it must be {(range.MinimumIsExclusive ? "more than" : "at least")} {Text(low)}.";
        return $"is {found}; it must be {(range.MaximumIsExclusive ? "less than" : "at most")} {Text(high)}.";
    }

    private static string Text(double bound) => bound.ToString(CultureInfo.InvariantCulture);
}
