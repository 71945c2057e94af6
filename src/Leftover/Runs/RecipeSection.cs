using System.Text.Json.Nodes;

namespace Leftover.Runs;

/// <summary>Keys of a recipe whose meaning another part of the library knows.</summary>
public sealed class RecipeSection
{
    private readonly ConfigMap _map;
    private readonly string _path;
    private readonly string _folder;

    private readonly object? _bound;

    internal RecipeSection(ConfigMap map, string path, string folder, object? bound) => (_map, _path, _folder, _bound) = (map, path, folder, bound);

    /// <summary>A key's plain value, or null where it is not there; the name of a kind as its own record spells it.</summary>
    public string? this[string key] => _bound is null ? (_map[key] as ConfigScalar)?.Text : (ToJson()[key] as JsonValue)?.ToString();

    /// <summary>All keys and values, defaults included where the section's meaning is known.</summary>
    public JsonObject ToJson() => _bound is null ? (JsonObject)_map.ToJson() : RecipeWriter.ToJson(_bound);

    /// <summary>The section as a record, checked: unknown keys, wrong kinds of values and values out of range.</summary>
    /// <exception cref="RecipeException">It does not fit; all problems are listed.</exception>
    public T Bind<T>()
    {
        if (_bound is T known) return known;
        ConfigBinder binder = new(_folder);
        T bound = binder.Bind<T>(_map, _path)!;
        binder.ThrowIfAny(_path);
        return bound;
    }
}
