using System.Globalization;
using System.Xml.Linq;
using Leftover.Reporting.Charts;

namespace Leftover.Reporting;

/// <summary>Tables, charts and sections of a page.</summary>
internal static class HtmlParts
{
    /// <summary>A section with a heading; null where nothing stands in it.</summary>
    public static XElement? Section(string id, string title, params object?[] content) =>
        content.All(item => item is null or IReadOnlyCollection<object> { Count: 0 }) ? null
        : Html.Element("section", Html.Attribute("id", id), "\n", Html.Element("h2", title), "\n", content, "\n");

    /// <summary>A table in a container of its own, which scrolls where the page is too narrow; null without rows.</summary>
    public static XElement? Table(ReportTable table)
    {
        if (table.Rows.Count == 0) return null;
        return Html.Element("figure", Html.Class("table"), Html.Element("figcaption", table.Caption), "\n",
            Html.Element("div", Html.Class("scroll"), Html.Attribute("tabindex", "0"), Html.Attribute("role", "region"), Html.Attribute("aria-label", table.Caption),
                Html.Element("table",
                    Html.Element("thead", Html.Element("tr", table.Columns.Select(column => Html.Element("th",
                        Html.Attribute("scope", "col"), column.IsText ? null : Html.Class("figure"), column.Meaning is { } meaning ? Html.Attribute("title", meaning) : null, column.Title)))), "\n",
                    Html.Element("tbody", table.Rows.Select(row => new object[] { Html.Element("tr", row.Select((cell, i) => TableCell(cell, table.Columns[i], i == 0))), "\n" })))),
            Meanings(table));
    }

    /// <summary>Charts side by side where there is room.</summary>
    public static XElement? Charts(IReadOnlyList<Chart> charts) => charts.Count == 0 ? null
        : Html.Element("div", Html.Class("charts"), "\n", charts.Select(chart => new object[]
        {
            Html.Element("figure", Html.Class("chart"), Html.Attribute("id", $"chart-{chart.Id}"),
                Html.Element("figcaption", Html.Element("strong", chart.Title), Html.Element("span", chart.Reading)), ChartSvg.Element(chart)),
            "\n",
        }));

    /// <summary>Lines as a list; null without lines.</summary>
    public static XElement? List(IReadOnlyList<string> lines, string name = "lines") =>
        lines.Count == 0 ? null : Html.Element("ul", Html.Class(name), lines.Select(line => Html.Element("li", Html.Attribute("dir", "auto"), line)));

    /// <summary>Something to open by a click.</summary>
    public static XElement Details(string summary, params object?[] content) => Html.Element("details", Html.Element("summary", summary), content);

    /// <summary>Names and values.</summary>
    public static XElement? Pairs(IEnumerable<KeyValuePair<string, string>> pairs)
    {
        KeyValuePair<string, string>[] all = [.. pairs];
        return all.Length == 0 ? null : Html.Element("dl", all.Select(pair => new object[] { Html.Element("dt", pair.Key), Html.Element("dd", pair.Value) }));
    }

    private static XElement TableCell(Cell cell, Column column, bool first)
    {
        object text = cell.Value is { } value
            ? Html.Element("data", Html.Attribute("value", value.ToString("R", CultureInfo.InvariantCulture)), cell.Text)
            : cell.Text;
        object? detail = cell.Detail is null ? null : Html.Element("small", cell.Detail);
        return first
            ? Html.Element("th", Html.Attribute("scope", "row"), text, detail)
            : Html.Element("td", column.IsText ? null : Html.Class("figure"), text, detail is null ? null : " ", detail);
    }

    /// <summary>What the columns mean, for those who cannot hover.</summary>
    private static XElement? Meanings(ReportTable table)
    {
        Column[] told = [.. table.Columns.Where(column => column.Meaning is not null)];
        return told.Length < 3 ? null : Details("What the columns mean", Pairs(told.Select(column => KeyValuePair.Create(column.Title, column.Meaning!))));
    }
}
