using System.Xml.Linq;

namespace Leftover.Reporting;

/// <summary>The frame of a page: its head, the verdict, links to its sections, the sections.</summary>
internal static class HtmlPage
{
    /// <summary>A page that needs nothing but itself.</summary>
    /// <param name="title">What it is called.</param>
    /// <param name="about">A line below the title.</param>
    /// <param name="verdict">What to read first.</param>
    /// <param name="sections">Its parts; those that are null have nothing to show.</param>
    /// <param name="script">A script of its own; null for none.</param>
    public static XElement Of(string title, object about, Verdict verdict, IEnumerable<XElement?> sections, string? script = null)
    {
        XElement[] shown = [.. sections.OfType<XElement>()];
        return Html.Element("html", Html.Attribute("lang", "en"), "\n",
            Html.Element("head", "\n",
                Html.Element("meta", Html.Attribute("charset", "utf-8")), "\n",
                Html.Element("meta", Html.Attribute("name", "viewport"), Html.Attribute("content", "width=device-width, initial-scale=1")), "\n",
                Html.Element("meta", Html.Attribute("name", "generator"), Html.Attribute("content", "leftover")), "\n",
                Html.Element("title", title), "\n",
                Html.Element("style", "\n" + PageStyle.Chart + PageStyle.Page)), "\n",
            Html.Element("body", "\n",
                Html.Element("header", "\n",
                    Html.Element("h1", Html.Attribute("dir", "auto"), title), "\n",
                    Html.Element("p", Html.Class("about"), about), "\n",
                    Html.Element("p", Html.Class($"verdict {verdict.Kind.ToString().ToLowerInvariant()}"), Html.Attribute("id", "verdict"), verdict.Headline), "\n",
                    HtmlParts.List(verdict.Details, "details"), "\n",
                    Html.Element("nav", shown.Select(section => new object[] { Html.Element("a", Html.Attribute("href", "#" + section.Attribute("id")!.Value), section.Element("h2")!.Value), " " }))), "\n",
                Html.Element("main", "\n", shown.Select(section => new object[] { section, "\n" })), "\n",
                script is null ? null : Script(script)), "\n");
    }

    // A script is not escaped as text is; behind a comment the frame of its raw text is no part of it.
    private static XElement Script(string script) => new("script", new XText("//"), new XCData("\n" + script + "//"));
}
