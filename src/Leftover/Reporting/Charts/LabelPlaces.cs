using OxyPlot;

namespace Leftover.Reporting.Charts;

/// <summary>The part of the plane that a chart shows, in the units of its axes, and about how many pixels that is.</summary>
internal readonly record struct Window(double Left, double Right, double Bottom, double Top)
{
    private const double PixelsAcross = 380, PixelsUp = 230;

    /// <summary>A pixel's width in the axis's units.</summary>
    public double PixelWidth => (Right - Left) / PixelsAcross;

    /// <summary>A pixel's height in the axis's units.</summary>
    public double PixelHeight => (Top - Bottom) / PixelsUp;

    /// <summary>A window that has all these in it, with a margin.</summary>
    public static Window Around(double[] x, double[] y)
    {
        (double left, double right) = Padded(x.Min(), x.Max());
        (double bottom, double top) = Padded(y.Min(), y.Max());
        return new Window(left, right, bottom, top);
    }

    private static (double, double) Padded(double low, double high)
    {
        double margin = high > low ? 0.1 * (high - low) : Math.Max(0.1, 0.1 * Math.Abs(low));
        return (low - margin, high + margin);
    }
}

/// <summary>Finds room for the labels of points: beside, above or below each, where no other point or label is.</summary>
internal sealed class LabelPlaces(Window window)
{
    private const double Gap = 8, LineHeight = 15, PointSize = 10;

    /// <summary>The middle of each label.</summary>
    public DataPoint[] Place((string Text, DataPoint Point)[] points)
    {
        List<Box> taken = [.. points.Select(point => new Box(point.Point.X / window.PixelWidth, point.Point.Y / window.PixelHeight, PointSize, PointSize))];
        return [.. points.Select((point, i) =>
        {
            Box place = Candidates(taken[i], ChartText.Width(point.Text, Plots.SmallFontSize)).MinBy(candidate => Cost(candidate, taken, taken[i]))!;
            taken.Add(place);
            return new DataPoint(place.X * window.PixelWidth, place.Y * window.PixelHeight);
        })];
    }

    /// <summary>Places in the order in which they are liked: right, left, above, below, then further off.</summary>
    private static IEnumerable<Box> Candidates(Box point, double width)
    {
        double aside = Gap + width / 2;
        for (int lines = 0; lines <= 6; lines++)
        {
            foreach (int side in lines == 0 ? [0] : new[] { 1, -1 })
            {
                double y = point.Y + side * (lines * LineHeight);
                if (lines > 0) yield return new Box(point.X, y, width, LineHeight);
                yield return new Box(point.X + aside, y, width, LineHeight);
                yield return new Box(point.X - aside, y, width, LineHeight);
            }
        }
    }

    /// <summary>The area that others and the outside take of a place, in square pixels, and a little for its distance from the point; of equals the first is taken.</summary>
    private double Cost(Box place, List<Box> taken, Box point)
    {
        double left = window.Left / window.PixelWidth, right = window.Right / window.PixelWidth, bottom = window.Bottom / window.PixelHeight, top = window.Top / window.PixelHeight;
        double outside = Math.Max(0, left - place.Left) + Math.Max(0, place.Right - right) + Math.Max(0, bottom - place.Bottom) + Math.Max(0, place.Top - top);
        double beyondNext = Math.Max(0, Math.Abs(place.Y - point.Y) - LineHeight);
        return 2 * LineHeight * outside + taken.Sum(place.Overlap) + 0.5 * beyondNext;
    }

    /// <summary>A rectangle by its middle, in pixels; y runs upwards.</summary>
    private sealed record Box(double X, double Y, double Width, double Height)
    {
        public double Left => X - Width / 2;

        public double Right => X + Width / 2;

        public double Bottom => Y - Height / 2;

        public double Top => Y + Height / 2;

        public double Overlap(Box other) => Math.Max(0, Math.Min(Right, other.Right) - Math.Max(Left, other.Left)) * Math.Max(0, Math.Min(Top, other.Top) - Math.Max(Bottom, other.Bottom));
    }
}
