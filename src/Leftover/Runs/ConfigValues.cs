using System.Reflection;
using System.Text.Json.Nodes;

namespace Leftover.Runs;

/// <summary>Reads a plain value as the type a property has.</summary>
/// <param name="folder">Where relative paths start.</param>
internal sealed class ConfigValues(string folder)
{
    /// <summary>The value, or what is wrong with it.</summary>
    public (object? Value, string? Problem) Read(Type type, ConfigNode node, PropertyInfo? property)
    {
        if (type == typeof(JsonObject)) return node is ConfigMap map ? (map.ToJson(), null) : (null, $"is {node.Kind}; it must be a group of keys.");
        if (typeof(JsonNode).IsAssignableFrom(type) || type == typeof(object)) return (node.ToJson(), null);
        if (node is not ConfigScalar { Text: { } text }) return (null, $"is {node.Kind}; it must be {Wanted(type)}.");

        if (type == typeof(string)) return (property?.GetCustomAttribute<RecipePathAttribute>() is null ? text : Path.GetFullPath(text, folder), null);
        if (type.IsEnum) return ReadEnum(type, text);
        if (type == typeof(bool)) return ConfigScalars.TryBool(text, out bool truth) ? (truth, null) : Wrong(type, text);
        if (type == typeof(int))
        {
            if (!ConfigScalars.TryInteger(text, out long small)) return Wrong(type, text);
            return small is >= int.MinValue and <= int.MaxValue ? ((int)small, null) : (null, $"is {text}; that is too large.");
        }

        if (type == typeof(long)) return ConfigScalars.TryInteger(text, out long integer) ? (integer, null) : Wrong(type, text);
        if (type == typeof(double)) return ConfigScalars.TryNumber(text, out double number) ? (number, null) : Wrong(type, text);
        if (type == typeof(float))
            return ConfigScalars.TryNumber(text, out double wide) && float.IsFinite((float)wide) ? ((float)wide, null) : Wrong(type, text);
        throw new InvalidOperationException($"A recipe cannot hold a {type.Name} ({property?.DeclaringType?.Name}.{property?.Name}).");
    }

    private static (object? Value, string? Problem) ReadEnum(Type type, string text)
    {
        string[] names = [.. Enum.GetValues(type).Cast<Enum>().Select(ConfigSchema.Name)];
        int index = Array.FindIndex(names, n => Bare(n) == Bare(text));
        if (index >= 0) return (Enum.GetValues(type).GetValue(index), null);
        string end = Spelling.Closest(text, names) is null ? "." : "";
        return (null, $"is '{text}', which is unknown{Spelling.Hint(text, names)}{end} Known: {string.Join(", ", names)}.");
    }

    /// <summary>Letters and digits only, so that share_gpt, sharegpt and ShareGPT are one.</summary>
    private static string Bare(string text) => string.Concat(text.Where(char.IsLetterOrDigit)).ToLowerInvariant();

    private static (object? Value, string? Problem) Wrong(Type type, string text) => (null, $"is '{text}'; it must be {Wanted(type)}.");

    private static string Wanted(Type type) =>
        type == typeof(bool) ? "true or false"
        : type == typeof(int) || type == typeof(long) ? "a whole number"
        : type == typeof(double) || type == typeof(float) ? "a finite number"
        : type.IsEnum ? $"one of {string.Join(", ", Enum.GetValues(type).Cast<Enum>().Select(ConfigSchema.Name))}"
        : "a text";
}
