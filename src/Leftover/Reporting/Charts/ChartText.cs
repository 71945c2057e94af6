using OxyPlot;

namespace Leftover.Reporting.Charts;

/// <summary>Estimates how much room a text needs in a font nobody knows yet: the reader's own.</summary>
/// <remarks>OxyPlot's own measure is of Helvetica in points; SVG's units are pixels, and characters outside Latin-1 would have no width.</remarks>
internal sealed class ChartText() : PdfRenderContext(Chart.Width, Chart.Width, OxyColors.Undefined)
{
    /// <summary>A line's height over the font's size.</summary>
    private const double LineHeight = 1.2;

    public override OxySize MeasureText(string text, string fontFamily, double fontSize, double fontWeight) =>
        string.IsNullOrEmpty(text) ? OxySize.Empty : new OxySize(Width(text, fontSize), fontSize * LineHeight);

    /// <summary>A text's width, rather too much than too little.</summary>
    public static double Width(string text, double fontSize)
    {
        double width = 0;
        foreach (System.Text.Rune rune in text.EnumerateRunes())
        {
            width += rune.Value switch
            {
                'i' or 'j' or 'l' or 't' or 'f' or 'r' or '.' or ',' or ':' or ';' or '|' or '!' or '\'' or ' ' or '(' or ')' or '-' => 0.36,
                'm' or 'w' or 'M' or 'W' or '@' or '%' => 0.92,
                >= 'A' and <= 'Z' => 0.7,
                < 0x1100 => 0.58,
                _ => 1.1,                                  // CJK, symbols, emoji
            };
        }
        return width * fontSize;
    }
}
