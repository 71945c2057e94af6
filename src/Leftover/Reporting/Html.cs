using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace Leftover.Reporting;

/// <summary>HTML as elements, so that no text can become markup; what is written is well-formed XML too.</summary>
internal static class Html
{
    private static readonly HashSet<string> s_void = ["meta", "br", "hr", "link", "col", "input"];

    /// <summary>An element. Strings become text, whatever characters they hold; an element without content still gets an end tag.</summary>
    public static XElement Element(string name, params object?[] content)
    {
        var element = new XElement(name);
        Add(element, content);
        if (element.IsEmpty && !s_void.Contains(name)) element.Add("");
        return element;
    }

    /// <summary>An attribute.</summary>
    public static XAttribute Attribute(string name, string value) => new(name, Clean(value));

    /// <summary>The class attribute.</summary>
    public static XAttribute Class(string value) => Attribute("class", value);

    /// <summary>A text another wrote: its own direction of writing, its own line breaks.</summary>
    public static XElement Foreign(string text) => Element("div", Class("text"), Attribute("dir", "auto"), text);

    /// <summary>The text with line ends as \n and, in place of what may stand in no document (control characters, halves of surrogate pairs), the replacement character.</summary>
    public static string Clean(string text)
    {
        text = text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        StringBuilder? clean = null;
        for (int i = 0; i < text.Length; i++)
        {
            bool pair = i + 1 < text.Length && XmlConvert.IsXmlSurrogatePair(text[i + 1], text[i]);
            if (!pair && !XmlConvert.IsXmlChar(text[i]))
            {
                clean ??= new StringBuilder(text);
                clean[i] = '\uFFFD';
            }
            if (pair) i++;
        }
        return clean?.ToString() ?? text;
    }

    /// <summary>The page's bytes: UTF-8, no byte order mark.</summary>
    public static byte[] Bytes(XElement page)
    {
        using var stream = new MemoryStream();
        stream.Write("<!DOCTYPE html>\n"u8);
        var settings = new XmlWriterSettings { OmitXmlDeclaration = true, Encoding = new UTF8Encoding(false), NewLineHandling = NewLineHandling.None };
        using (XmlWriter writer = XmlWriter.Create(stream, settings)) page.Save(writer);
        stream.Write("\n"u8);
        return stream.ToArray();
    }

    private static void Add(XElement element, IEnumerable<object?> content)
    {
        foreach (object? item in content)
        {
            switch (item)
            {
                case null: break;
                case string text: element.Add(new XText(Clean(text))); break;
                case XObject node: element.Add(node); break;
                case IEnumerable<object?> items: Add(element, items); break;
                default: throw new ArgumentException($"{item.GetType()} is no content of an element.", nameof(content));
            }
        }
    }
}
