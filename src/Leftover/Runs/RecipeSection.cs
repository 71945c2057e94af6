using System.Text.Json.Nodes;

namespace Leftover.Runs;

/// <summary>Keys of a recipe whose meaning another part of the library knows.</summary>
public sealed class RecipeSection
{
    private readonly ConfigMap _map;
    private readonly string _path;
    private readonly string _folder;

    internal RecipeSection(ConfigMap map, string path, string folder) => (_map, _path, _folder) = (map, path, folder);

    /// <summary>A key's plain value, or null where it is not there.</summary>
    public string? this[string key] => (_map[key] as ConfigScalar)?.Text;

    /// <summary>All keys and values.</summary>
    public JsonObject ToJson() => (JsonObject)_map.ToJson();

    /// <summary>The section as a record, checked: unknown keys, wrong kinds of values and values out of range.</summary>
    /// <exception cref="RecipeException">It does not fit; all problems are listed.</exception>
    public T Bind<T>()
    {
        ConfigBinder binder = new(_folder);
        T bound = binder.Bind<T>(_map, _path)!;
        binder.ThrowIfAny(_path);
        return bound;
    }
}
