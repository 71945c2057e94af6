using System.Globalization;
using Leftover.Advantages;

namespace Leftover.Cli;

/// <summary>A histogram in lines of text: a bin a line, its beginning, its count and a bar.</summary>
internal static class TextHistogram
{
    private const int Width = 50;

    /// <summary>The lines.</summary>
    public static IEnumerable<string> Lines(Histogram histogram)
    {
        int most = histogram.Counts.Max(), bins = histogram.Counts.Count;
        double step = (histogram.Maximum - histogram.Minimum) / bins;
        for (int i = 0; i < bins; i++)
        {
            int count = histogram.Counts[i];
            int length = most == 0 ? 0 : (int)Math.Ceiling((double)count * Width / most);      // a bin that holds anything shows something
            yield return string.Create(CultureInfo.InvariantCulture, $"{histogram.Minimum + i * step,10:F3} {count,8:N0} {new string('█', length)}").TrimEnd();
        }
    }
}
