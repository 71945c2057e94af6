using OxyPlot;

namespace Leftover.Reporting.Charts;

/// <summary>A chart of a report.</summary>
/// <param name="Id">Its name in file names and anchors: lower case, no spaces, unlike every other's.</param>
/// <param name="Title">What it shows.</param>
/// <param name="Reading">How to read it, a sentence or two.</param>
/// <param name="Plot">The plot itself.</param>
/// <param name="Height">Its height in user units; all charts are <see cref="Width"/> wide.</param>
internal sealed record Chart(string Id, string Title, string Reading, PlotModel Plot, double Height)
{
    /// <summary>The width of all charts in user units: that of a phone's screen and a bit, so that text stays readable on one.</summary>
    public const double Width = 440;
}
