using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Leftover.Runs;

/// <summary>YAML text (JSON is YAML too) as a tree that knows its lines.</summary>
internal static class YamlConfig
{
    /// <summary>The tree of a document; an empty one is an empty map.</summary>
    /// <exception cref="RecipeException">The text is not YAML.</exception>
    public static ConfigNode Parse(string text, string name) => Parse(text, name, mark => $"line {mark.Line}");

    /// <summary>A value written on the command line: a scalar, or a list or map in brackets.</summary>
    public static ConfigNode ParseValue(string text, string origin) =>
        text.Trim() is { Length: > 0 } trimmed && trimmed[0] is '[' or '{' or '"' or '\''
            ? Parse(text, origin, _ => origin)
            : new ConfigScalar(text.Trim() is "null" or "~" or "" ? null : text.Trim(), IsQuoted: false, origin);

    private static ConfigNode Parse(string text, string name, Func<Mark, string> origin)
    {
        YamlStream stream = [];
        try
        {
            stream.Load(new MergingParser(new Parser(new StringReader(text))));
        }
        catch (YamlException e)
        {
            throw new RecipeException(name, [new RecipeProblem("(text)", origin(e.Start), $"is no YAML: {e.Message} Mind indentation, colons and quotes there.")]);
        }

        return stream.Documents.Count == 0 ? ConfigMap.Empty(name) : Convert(stream.Documents[0].RootNode, origin);
    }

    private static ConfigNode Convert(YamlNode node, Func<Mark, string> origin) => node switch
    {
        YamlMappingNode map => new ConfigMap(
            [.. map.Children.Select(c => new ConfigEntry(Key(c.Key), Convert(c.Value, origin), origin(c.Key.Start)))], origin(node.Start)),
        YamlSequenceNode list => new ConfigList([.. list.Children.Select(c => Convert(c, origin))], origin(node.Start)),
        YamlScalarNode scalar => new ConfigScalar(IsNull(scalar) ? null : scalar.Value, scalar.Style != ScalarStyle.Plain, origin(node.Start)),
        _ => throw new InvalidOperationException($"A YAML node of type {node.NodeType} at {origin(node.Start)}."),
    };

    private static string Key(YamlNode key) => key is YamlScalarNode { Value: { } text } ? text : key.ToString();

    private static bool IsNull(YamlScalarNode scalar) =>
        scalar.Style == ScalarStyle.Plain && scalar.Value is null or "" or "~" or "null" or "Null" or "NULL";
}
