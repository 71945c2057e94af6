using System.Text.Json.Nodes;

namespace Leftover.Runs;

/// <summary>A value of a recipe before it is bound to a record, with the place it was said at.</summary>
/// <param name="Origin">For example <c>line 12</c> or <c>--max_steps</c>.</param>
internal abstract record ConfigNode(string Origin)
{
    /// <summary>The value as JSON; a plain scalar that reads as a number or a truth value becomes one.</summary>
    public abstract JsonNode? ToJson();

    /// <summary>What it is, in an error.</summary>
    public abstract string Kind { get; }

    /// <summary><paramref name="over"/> laid on <paramref name="under"/>: maps are joined key by key, all else is replaced.</summary>
    public static ConfigNode Merge(ConfigNode under, ConfigNode over) =>
        under is ConfigMap a && over is ConfigMap b ? a.MergedWith(b) : over;
}

/// <summary>A single value; null where nothing was written.</summary>
internal sealed record ConfigScalar(string? Text, bool IsQuoted, string Origin) : ConfigNode(Origin)
{
    public override string Kind => Text is null ? "empty" : $"'{Text}'";

    public override JsonNode? ToJson()
    {
        if (Text is null) return null;
        if (IsQuoted) return JsonValue.Create(Text);
        if (ConfigScalars.TryBool(Text, out bool truth)) return JsonValue.Create(truth);
        if (ConfigScalars.TryInteger(Text, out long integer)) return JsonValue.Create(integer);
        return ConfigScalars.TryNumber(Text, out double number) ? JsonValue.Create(number) : JsonValue.Create(Text);
    }
}

/// <summary>A list of values.</summary>
internal sealed record ConfigList(IReadOnlyList<ConfigNode> Items, string Origin) : ConfigNode(Origin)
{
    public override string Kind => "a list";

    public override JsonNode ToJson() => new JsonArray([.. Items.Select(i => i.ToJson())]);
}

/// <summary>A key and its value.</summary>
internal sealed record ConfigEntry(string Key, ConfigNode Value, string Origin);

/// <summary>Keys and values, in the order they were written.</summary>
internal sealed record ConfigMap(IReadOnlyList<ConfigEntry> Entries, string Origin) : ConfigNode(Origin)
{
    public override string Kind => "a group of keys";

    public static ConfigMap Empty(string origin) => new([], origin);

    public ConfigNode? this[string key] => Entries.FirstOrDefault(e => e.Key == key)?.Value;

    /// <summary>This map with one key set, in its place where it was there, else at the end.</summary>
    public ConfigMap With(string key, ConfigNode value, string? origin = null)
    {
        ConfigEntry entry = new(key, value, origin ?? value.Origin);
        return Entries.Any(e => e.Key == key)
            ? this with { Entries = [.. Entries.Select(e => e.Key == key ? entry : e)] }
            : this with { Entries = [.. Entries, entry] };
    }

    public ConfigMap Without(string key) => this with { Entries = [.. Entries.Where(e => e.Key != key)] };

    public ConfigMap MergedWith(ConfigMap over)
    {
        ConfigMap merged = this;
        foreach (ConfigEntry entry in over.Entries)
        {
            ConfigNode value = merged[entry.Key] is { } under ? Merge(under, entry.Value) : entry.Value;
            merged = merged.With(entry.Key, value, entry.Origin);
        }

        return merged with { Origin = over.Origin };
    }

    public override JsonNode ToJson()
    {
        JsonObject json = [];
        foreach (ConfigEntry entry in Entries) json[entry.Key] = entry.Value.ToJson();
        return json;
    }
}
