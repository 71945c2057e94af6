using System.Reflection;

namespace Leftover.Runs;

/// <summary>Brings a recipe's tree into the shape of the record: presets, short forms, defaults that depend on other keys.</summary>
internal static class RecipeShape
{
    /// <summary>Dashes in the keys of sections and of their options become underscores.</summary>
    public static ConfigMap NormalizeKeys(ConfigMap root)
    {
        return new ConfigMap([.. root.Entries.Select(e => Normalize(e, Inner(e.Value)))], root.Origin);

        static ConfigNode Inner(ConfigNode section) =>
            section is ConfigMap map ? map with { Entries = [.. map.Entries.Select(e => Normalize(e, e.Value))] } : section;

        static ConfigEntry Normalize(ConfigEntry entry, ConfigNode value) => entry with { Key = ConfigSchema.Normalize(entry.Key), Value = value };
    }

    /// <summary>The preset's values under the recipe's. An algorithm that the recipe names is not mixed with the preset's.</summary>
    public static ConfigMap WithPreset(ConfigMap said, string name)
    {
        ConfigMap under = PresetOf(said).Without("algorithms");
        bool namesAlgorithm = said["algorithm"] is ConfigScalar || (said["algorithm"] as ConfigMap)?["name"] is not null;
        if (said["methods"] is not null || namesAlgorithm) under = under.Without("algorithm");
        else if (said["algorithm"] is ConfigMap) under = under.With("algorithm", ConfigMap.Empty(name).With("name", under["algorithm"]!));
        return under.MergedWith(said);
    }

    /// <summary><c>prompt_column: q</c> in <c>data</c> or in one of its files is <c>columns: {prompt: q}</c>.</summary>
    public static ConfigMap WithColumns(ConfigMap root)
    {
        if (root["data"] is not ConfigMap data) return root;
        data = Gather(data);
        foreach (string set in (ReadOnlySpan<string>)["train", "validation", "held_out"])
        {
            ConfigNode? files = data[set];
            if (files is ConfigMap file) data = data.With(set, Gather(file));
            if (files is ConfigList list) data = data.With(set, list with { Items = [.. list.Items.Select(i => i is ConfigMap m ? Gather(m) : i)] });
        }

        return root.With("data", data);

        static ConfigMap Gather(ConfigMap map)
        {
            foreach (ConfigEntry entry in map.Entries)
            {
                string key = ConfigSchema.Normalize(entry.Key);
                if (!key.EndsWith("_column", StringComparison.Ordinal)) continue;
                ConfigMap columns = map["columns"] as ConfigMap ?? ConfigMap.Empty(entry.Origin);
                map = map.Without(entry.Key).With("columns", columns.With(key[..^"_column".Length], entry.Value));
            }

            return map;
        }
    }

    /// <summary><c>algorithm</c> is a list of one method; each method's training is laid on the recipe's.</summary>
    public static ConfigMap WithMethods(ConfigMap root, ConfigBinder binder)
    {
        if (root["algorithm"] is { } algorithm)
        {
            if (root["methods"] is not null) binder.Report("algorithm", algorithm.Origin, "stands beside 'methods'; keep one of them (methods.0.… reaches into the list).");
            else root = root.With("methods", new ConfigList([algorithm], algorithm.Origin));
            root = root.Without("algorithm");
        }

        IReadOnlyList<ConfigNode> methods = root["methods"] is ConfigList list ? list.Items : root["methods"] is { } one ? [one] : [];
        if (root["training"] is not ConfigMap training) return root.With("methods", new ConfigList(methods, root["methods"]?.Origin ?? root.Origin));
        return root.With("methods", new ConfigList([.. methods.Select(WithTraining)], root["methods"]?.Origin ?? root.Origin));

        ConfigNode WithTraining(ConfigNode method)
        {
            if (method is ConfigScalar { Text: not null }) method = ConfigMap.Empty(method.Origin).With("name", method);
            return method is ConfigMap map ? map.With("training", map["training"] is ConfigMap own ? training.MergedWith(own) : training) : method;
        }
    }

    /// <summary>What the preset says of single algorithms, under the methods that name them.</summary>
    public static ConfigMap WithPresetAlgorithms(ConfigMap root)
    {
        if (PresetOf(root)["algorithms"] is not ConfigMap known || root["methods"] is not ConfigList methods) return root;
        return root.With("methods", methods with { Items = [.. methods.Items.Select(method => method is ConfigMap map && SettingsOf(map) is { } settings ? settings.MergedWith(map) : method)] });

        ConfigMap? SettingsOf(ConfigMap method) => method["name"] is ConfigScalar { Text: { } name } ? known[ConfigSchema.Normalize(name)] as ConfigMap : null;
    }

    /// <summary>A recipe that names no folders runs in <c>runs/NAME</c> beside itself and caches in <c>runs/cache</c>.</summary>
    public static ConfigMap WithFolders(ConfigMap root, string name)
    {
        if (root["output"] is not ConfigScalar { Text: not null })
            root = root.With("output", new ConfigScalar(Path.Combine("runs", Path.GetFileNameWithoutExtension(name)), true, "default"));
        if (root["cache"] is not ConfigScalar { Text: not null } && root["output"] is ConfigScalar { Text: { } output })
            root = root.With("cache", new ConfigScalar(Path.Combine(Path.GetDirectoryName(output.TrimEnd('/')) is { Length: > 0 } parent ? parent : ".", "cache"), true, "default"));
        return root;
    }

    private static ConfigMap PresetOf(ConfigMap said)
    {
        string preset = (said["preset"] as ConfigScalar)?.Text?.ToLowerInvariant() is "paper" ? "paper" : "corrected";
        ConfigMap values = NormalizeKeys((ConfigMap)YamlConfig.Parse(PresetText(preset), $"preset {preset}"));
        return (ConfigMap)WithOrigin(values, $"preset {preset}");
    }

    private static string PresetText(string preset)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"Leftover.Runs.Presets.{preset}.yaml")
            ?? throw new InvalidOperationException($"The preset {preset} is not in the assembly.");
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }

    private static ConfigNode WithOrigin(ConfigNode node, string origin) => node switch
    {
        ConfigMap map => new ConfigMap([.. map.Entries.Select(e => new ConfigEntry(e.Key, WithOrigin(e.Value, origin), origin))], origin),
        ConfigList list => new ConfigList([.. list.Items.Select(i => WithOrigin(i, origin))], origin),
        _ => node with { Origin = origin },
    };
}
