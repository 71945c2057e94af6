using System.Collections;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using YamlDotNet.Serialization;

namespace Leftover.Runs;

/// <summary>Writes a recipe, or any record of one, with all its values: what is read back is the same.</summary>
public static class RecipeWriter
{
    private static readonly JsonSerializerOptions _indented = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The record as JSON; keys as in a recipe, in their order of declaration. Nulls are written, since a default may be something else.</summary>
    public static JsonObject ToJson(object record)
    {
        JsonObject json = [];
        Type type = record.GetType();
        if (ConfigSchema.KindOf(type) is { } kind) json[kind.Discriminator] = kind.Name;

        foreach (PropertyInfo property in ConfigSchema.Properties(type))
        {
            JsonNode? value = Value(property.GetValue(record));
            if (property.GetCustomAttribute<FlattenAttribute>() is null) json[ConfigSchema.Key(property)] = value;
            else if (value is JsonObject inner) foreach ((string key, JsonNode? own) in inner) json[key] ??= own?.DeepClone();
        }

        return json;
    }

    /// <summary>The record as indented JSON text.</summary>
    public static string ToJsonText(object record) => Indented(ToJson(record));

    /// <summary>JSON as a text that people can read.</summary>
    internal static string Indented(JsonNode json) => json.ToJsonString(_indented);

    /// <summary>The record as YAML.</summary>
    public static string ToYaml(object record) =>
        new SerializerBuilder().WithQuotingNecessaryStrings().WithIndentedSequences().DisableAliases().Build().Serialize(Plain(ToJson(record))!);

    private static JsonNode? Value(object? value) => value switch
    {
        null => null,
        RecipeSection section => section.ToJson(),
        JsonNode json => json.DeepClone(),
        string text => JsonValue.Create(text),
        Enum name => JsonValue.Create(ConfigSchema.Name(name)),
        bool or int or long or float or double => JsonSerializer.SerializeToNode(value),
        IDictionary map => new JsonObject(map.Keys.Cast<string>().Select(k => KeyValuePair.Create(k, Value(map[k])))),
        IEnumerable list => new JsonArray([.. list.Cast<object?>().Select(Value)]),
        _ => ToJson(value),
    };

    private static object? Plain(JsonNode? json) => json switch
    {
        null => null,
        JsonObject map => map.ToDictionary(p => p.Key, p => Plain(p.Value)),
        JsonArray list => list.Select(Plain).ToList(),
        JsonValue value when value.TryGetValue(out string? text) => text,
        JsonValue value when value.TryGetValue(out bool truth) => truth,
        JsonValue value when value.TryGetValue(out long integer) => integer,
        JsonValue value when value.TryGetValue(out float single) => single,
        _ => json.GetValue<double>(),
    };
}
