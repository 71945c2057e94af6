using System.Xml.Linq;
using OxyPlot;

namespace Leftover.Reporting.Charts;

/// <summary>Turns a plot into SVG that fits a page: as wide as there is room, in the page's font, light or dark as the reader has it.</summary>
internal static class ChartSvg
{
    private static readonly XNamespace s_svg = "http://www.w3.org/2000/svg";

    /// <summary>The chart as an element for a page that has <c>chart.css</c>.</summary>
    public static XElement Element(Chart chart)
    {
        var exporter = new SvgExporter { Width = Chart.Width, Height = chart.Height, IsDocument = false, UseVerticalTextAlignmentWorkaround = true, TextMeasurer = new ChartText() };
        XElement svg = XDocument.Parse(exporter.ExportToString(chart.Plot)).Root!;
        if (chart.Plot.GetLastPlotException() is { } error) throw new InvalidOperationException($"The chart '{chart.Id}' could not be drawn: {error.Message}", error);

        string width = svg.Attribute("width")!.Value, height = svg.Attribute("height")!.Value;
        RemoveClipsOfText(svg, width, height);
        foreach (XElement element in svg.DescendantsAndSelf().ToArray()) Restyle(element, chart.Id);
        svg.Descendants().Where(element => element.Attribute("style")?.Value == "fill:none;stroke:none;").Remove();
        svg.RemoveAttributes();
        svg.Add(new XAttribute("viewBox", $"0 0 {width} {height}"), new XAttribute("role", "img"), Html.Attribute("aria-label", $"{chart.Title}. {chart.Reading}"));
        return svg;
    }

    /// <summary>The chart as a file of its own, for a web page or a README.</summary>
    public static string Document(Chart chart)
    {
        XElement svg = Element(chart);
        svg.SetAttributeValue("width", svg.Attribute("viewBox")!.Value.Split(' ')[2]);
        svg.SetAttributeValue("height", svg.Attribute("viewBox")!.Value.Split(' ')[3]);
        svg.AddFirst(
            new XElement(s_svg + "title", Html.Clean(chart.Title)), new XElement(s_svg + "style", PageStyle.Chart),
            new XElement(s_svg + "rect", new XAttribute("width", "100%"), new XAttribute("height", "100%"), new XAttribute("style", ChartColors.ToVariables("fill:rgb(254,1,5)"))));
        return svg.ToString(SaveOptions.DisableFormatting) + "\n";
    }

    /// <summary>Takes off the clip paths that can only cut labels, whose real font nobody knows: those of the whole canvas and those around text.</summary>
    private static void RemoveClipsOfText(XElement svg, string width, string height)
    {
        foreach (XElement path in svg.Descendants(s_svg + "clipPath").ToArray())
        {
            XElement rectangle = path.Element(s_svg + "rect")!;
            string use = $"url(#{path.Attribute("id")!.Value})";
            XElement[] groups = [.. svg.Descendants(s_svg + "g").Where(group => group.Attribute("clip-path")?.Value == use)];
            bool all = rectangle.Attribute("width")!.Value == width && rectangle.Attribute("height")!.Value == height;
            if (!all && !groups.Any(group => group.Descendants(s_svg + "text").Any())) continue;
            foreach (XElement group in groups) group.ReplaceWith(group.Nodes());
            path.Parent!.Remove();
        }
    }

    private static void Restyle(XElement element, string prefix)
    {
        if (element.Attribute("id") is { } id) id.Value = $"{prefix}-{id.Value}";
        if (element.Attribute("clip-path") is { } clip) clip.Value = clip.Value.Replace("url(#", $"url(#{prefix}-", StringComparison.Ordinal);
        element.Attribute("font-family")?.Remove();
        if (element.Name == s_svg + "polyline") element.Attribute("shape-rendering")?.Remove();      // at a fraction of their size crisp lines come out uneven
        if (element.Attribute("fill") is { } fill)
        {
            element.SetAttributeValue("style", $"fill:{fill.Value}");
            fill.Remove();
        }
        if (element.Attribute("style") is { } style) style.Value = ChartColors.ToVariables(style.Value);
        foreach (XText text in element.Nodes().OfType<XText>().Where(text => string.IsNullOrWhiteSpace(text.Value)).ToArray()) text.Remove();
    }
}
