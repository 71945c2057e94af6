using System.Text.RegularExpressions;
using OxyPlot;

namespace Leftover.Reporting.Charts;

/// <summary>The roles that colors have in charts. What a role looks like, in light and in dark, stands in <c>chart.css</c>.</summary>
/// <remarks>A plot holds a role as a color that nobody would draw in; the SVG has the role's CSS variable in its place.</remarks>
internal static partial class ChartColors
{
    /// <summary>Methods that have a color of their own; further ones have theirs again.</summary>
    public const int Methods = 8;

    /// <summary>Text and what must stand out.</summary>
    public static OxyColor Ink { get; } = Role(0);

    /// <summary>Axes and their labels.</summary>
    public static OxyColor Muted { get; } = Role(1);

    /// <summary>Lines of the grid.</summary>
    public static OxyColor Grid { get; } = Role(2);

    /// <summary>What is dropped.</summary>
    public static OxyColor Dropped { get; } = Role(3);

    /// <summary>What is kept.</summary>
    public static OxyColor Kept { get; } = Role(4);

    /// <summary>The ground the chart stands on.</summary>
    public static OxyColor Ground { get; } = Role(5);

    /// <summary>A policy's color, the same in all charts; the reference, policy 0, is gray.</summary>
    public static OxyColor Policy(int index) => index == 0 ? Role(9) : Role((byte)(10 + (index - 1) % Methods));

    /// <summary>The CSS with variables in place of roles.</summary>
    public static string ToVariables(string css) => RolePattern().Replace(css, "var(--chart-$1)");

    private static OxyColor Role(byte role) => OxyColor.FromRgb(254, 1, role);

    [GeneratedRegex(@"rgb\(254,1,(\d+)\)")]
    private static partial Regex RolePattern();
}
