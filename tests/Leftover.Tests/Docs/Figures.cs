using System.Globalization;
using System.Text.RegularExpressions;

namespace Leftover.Tests.Docs;

/// <summary>Text with computed numbers in it. A page prints them rounded; each printed number must be the computed one, rounded.</summary>
/// <remarks>Two machines differ in the last bits of single precision, so a number may be off by that much more than its rounding.</remarks>
internal sealed class Figures
{
    private const double LastBits = 4e-6;

    private readonly List<(double Value, string Format, int Width)> _numbers = [];

    /// <summary>A number's place in the text.</summary>
    /// <param name="value">The number as computed.</param>
    /// <param name="format">How it is printed: F with decimals, or E.</param>
    /// <param name="width">Columns, at least; blanks fill them on the left.</param>
    public string this[double value, string format = "F4", int width = 0]
    {
        get
        {
            _numbers.Add((value, format, width));
            return $"\u0001{_numbers.Count - 1}\u0002";
        }
    }

    /// <summary>The text as a page prints it.</summary>
    public string Print(string text) => Regex.Replace(text, "\u0001([0-9]+)\u0002", place =>
    {
        (double value, string format, int width) = _numbers[int.Parse(place.Groups[1].Value, CultureInfo.InvariantCulture)];
        return value.ToString(format, CultureInfo.InvariantCulture).PadLeft(width);
    });

    /// <summary>Fails where a page prints something else.</summary>
    public void AssertPrinted(string text, string printed, string what)
    {
        string[] parts = Regex.Split(text, "\u0001[0-9]+\u0002");
        int[] places = [.. Regex.Matches(text, "\u0001([0-9]+)\u0002").Select(m => int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture))];
        Match match = Regex.Match(printed, "^" + string.Join(" *(-?[0-9.]+(?:E[+-][0-9]+)?)", parts.Select(Regex.Escape)) + "$");
        Assert.True(match.Success, $"{what} prints\n{printed}and what is computed reads\n{Print(text)}");
        for (int i = 0; i < places.Length; i++)
        {
            string number = match.Groups[i + 1].Value;
            double exact = _numbers[places[i]].Value, unit = LastDigit(number);
            double allowed = unit / 2 + LastBits * (number.Contains('E') ? Math.Abs(exact) : Math.Max(1, Math.Abs(exact)));
            double shown = double.Parse(number, CultureInfo.InvariantCulture);
            Assert.True(Math.Abs(shown - exact) <= allowed, string.Create(CultureInfo.InvariantCulture, $"{what} prints {number} where {exact:G9} is computed, in\n{printed}"));
        }
    }

    // What one more in the last printed digit is worth.
    private static double LastDigit(string number)
    {
        int exponent = number.IndexOf('E');
        string mantissa = exponent < 0 ? number : number[..exponent];
        int decimals = mantissa.IndexOf('.') is >= 0 and int point ? mantissa.Length - point - 1 : 0;
        return Math.Pow(10, (exponent < 0 ? 0 : int.Parse(number[(exponent + 1)..], CultureInfo.InvariantCulture)) - decimals);
    }
}
