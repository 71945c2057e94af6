using System.Globalization;

namespace Leftover.Runs;

/// <summary>Sets a value deep in a recipe's tree, by its dotted key.</summary>
internal static class ConfigPath
{
    /// <summary>The key that a plain value stands for, by the section it stands in.</summary>
    private static readonly Dictionary<string, string> _shorthands = new()
    {
        ["model"] = "path",
        ["algorithm"] = "name",
        ["methods"] = "name",
        ["rewards"] = "type",
        ["train"] = "path",
        ["validation"] = "path",
        ["held_out"] = "path",
    };

    /// <summary>The tree with one value set, or what stands against it.</summary>
    public static (ConfigNode Tree, string? Problem) Set(ConfigNode tree, string key, ConfigNode value)
    {
        string[] segments = key.Split('.');
        return Set(tree, segments, 0, value);
    }

    private static (ConfigNode, string?) Set(ConfigNode? node, string[] segments, int depth, ConfigNode value)
    {
        if (depth == segments.Length) return (value, null);
        string segment = segments[depth];
        if (segment == "*") return SetAll(node, segments, depth, value);
        if (int.TryParse(segment, NumberStyles.None, CultureInfo.InvariantCulture, out int index)) return SetItem(node, index, segments, depth, value);

        ConfigMap? map = AsMap(node, Section(segments, depth), value.Origin);
        if (map is null) return (node!, $"goes into {node!.Kind}, which has no keys.");
        segment = ConfigSchema.Normalize(segment);
        (ConfigNode inner, string? problem) = Set(map[segment], segments, depth + 1, value);
        return (problem is null ? map.With(segment, inner) : map, problem);
    }

    private static (ConfigNode, string?) SetItem(ConfigNode? node, int index, string[] segments, int depth, ConfigNode value)
    {
        List<ConfigNode> items = node is ConfigList list ? [.. list.Items] : node is null ? [] : [node];
        if (index >= items.Count) return (node ?? ConfigMap.Empty(value.Origin), $"asks for item {index} of a list of {items.Count}; items are numbered from 0.");
        (items[index], string? problem) = Set(items[index], segments, depth + 1, value);
        return (new ConfigList(items, node!.Origin), problem);
    }

    private static (ConfigNode, string?) SetAll(ConfigNode? node, string[] segments, int depth, ConfigNode value)
    {
        List<ConfigNode> items = node is ConfigList list ? [.. list.Items] : node is null or ConfigScalar { Text: null } ? [] : [node];
        string section = Section(segments, depth);
        if (items.Count == 0) return (node ?? ConfigMap.Empty(value.Origin), $"needs a list of {section} in the recipe, and there is none.");

        IReadOnlyList<ConfigNode> values = Spread(value, items.Count);
        if (values.Count != items.Count) return (node!, $"has {values.Count} values for {items.Count} {section}.");
        for (int i = 0; i < items.Count; i++)
        {
            (items[i], string? problem) = Set(items[i], segments, depth + 1, values[i]);
            if (problem is not null) return (node!, problem);
        }

        return (new ConfigList(items, node!.Origin), null);
    }

    /// <summary>A list as it is, a text with commas as a list, and a single value as often as it is wanted.</summary>
    private static IReadOnlyList<ConfigNode> Spread(ConfigNode value, int count)
    {
        if (value is ConfigList list) return list.Items;
        if (value is ConfigScalar { Text: { } text } && text.Contains(',', StringComparison.Ordinal))
            return [.. text.Split(',').Select(part => new ConfigScalar(part.Trim(), false, value.Origin))];
        return [.. Enumerable.Repeat(value, count)];
    }

    private static ConfigMap? AsMap(ConfigNode? node, string section, string origin) => node switch
    {
        null or ConfigScalar { Text: null } => ConfigMap.Empty(origin),
        ConfigMap map => map,
        ConfigScalar scalar when _shorthands.TryGetValue(section, out string? key) => ConfigMap.Empty(scalar.Origin).With(key, scalar),
        _ => null,
    };

    /// <summary>The last name before a segment: <c>train</c> for the item in data.train.0.</summary>
    private static string Section(string[] segments, int depth)
    {
        int i = depth - 1;
        while (i >= 0 && segments[i].All(c => char.IsAsciiDigit(c) || c == '*')) i--;
        return i < 0 ? "" : segments[i];
    }
}
