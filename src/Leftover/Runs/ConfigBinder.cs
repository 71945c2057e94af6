using System.Reflection;
using System.Runtime.CompilerServices;

namespace Leftover.Runs;

/// <summary>Makes records of a recipe's tree, strictly, and gathers all that does not fit.</summary>
/// <param name="folder">Where relative paths start.</param>
internal sealed class ConfigBinder(string folder)
{
    private readonly List<RecipeProblem> _problems = [];
    private readonly ConfigValues _values = new(folder);

    public IReadOnlyList<RecipeProblem> Problems => _problems;

    /// <exception cref="RecipeException">There was a problem.</exception>
    public void ThrowIfAny(string name)
    {
        if (_problems.Count > 0) throw new RecipeException(name, _problems);
    }

    /// <summary>A value said once and bound twice is one problem.</summary>
    public void Report(string path, string origin, string message)
    {
        if (!_problems.Any(p => p.Origin == origin && p.Message == message)) _problems.Add(new RecipeProblem(path, origin, message));
    }

    /// <summary>The record of a node; null, and a problem, where it does not fit.</summary>
    public T? Bind<T>(ConfigNode node, string path) => (T?)Bind(typeof(T), node, path, null);

    private object? Bind(Type type, ConfigNode node, string path, PropertyInfo? property)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(RecipeSection)) return BindSection(node, path, property);
        if (ConfigSchema.ElementOf(type) is { } element) return BindList(type, element, node, path, property);
        if (ConfigSchema.ValueOf(type) is { } value) return BindMap(value, node, path, property);
        if (ConfigSchema.IsRecord(type)) return BindRecord(type, node, path);

        (object? bound, string? problem) = _values.Read(type, node, property);
        if (problem is not null) Report(path, node.Origin, problem);
        return bound;
    }

    private object? BindSection(ConfigNode node, string path, PropertyInfo? property)
    {
        FlattenAttribute? flatten = property?.GetCustomAttribute<FlattenAttribute>();
        string discriminator = flatten?.Discriminator ?? "type";
        if (node is ConfigScalar { Text: not null }) node = ConfigMap.Empty(node.Origin).With(discriminator, node);
        if (node is ConfigMap map && map[discriminator] is ConfigScalar { Text: not null })
        {
            object? bound = flatten?.Kind is { } kind ? BindRecord(kind, map, path) : null;
            return bound is null && flatten?.Kind is not null ? null : new RecipeSection(map, path, folder, bound);
        }

        Report(path, node.Origin, $"does not say its '{discriminator}'.");
        return null;
    }

    private object BindList(Type type, Type element, ConfigNode node, string path, PropertyInfo? property)
    {
        // One item may stand without its list.
        IReadOnlyList<ConfigNode> items = node is ConfigList list ? list.Items : node is ConfigScalar { Text: null } ? [] : [node];
        Array bound = Array.CreateInstance(element, items.Count);
        for (int i = 0; i < items.Count; i++)
        {
            string itemPath = node is ConfigList ? $"{path}[{i}]" : path;
            if (Bind(element, items[i], itemPath, property) is { } item) bound.SetValue(item, i);
        }

        if (type.IsArray || type.IsAssignableFrom(bound.GetType())) return bound;
        return Activator.CreateInstance(type, bound)!;
    }

    private object? BindMap(Type value, ConfigNode node, string path, PropertyInfo? property)
    {
        System.Collections.IDictionary bound = (System.Collections.IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(typeof(string), value))!;
        if (node is ConfigScalar { Text: null }) return bound;
        if (node is not ConfigMap map)
        {
            Report(path, node.Origin, $"is {node.Kind}; it must be keys with values, for example {{a: b}}.");
            return null;
        }

        foreach (ConfigEntry entry in map.Entries)
            if (Bind(value, entry.Value, $"{path}.{entry.Key}", property) is { } item) bound[entry.Key] = item;
        return bound;
    }

    private object? BindRecord(Type type, ConfigNode node, string path)
    {
        if (node is ConfigScalar { Text: null }) node = ConfigMap.Empty(node.Origin);
        IReadOnlyDictionary<string, Type>? kinds = ConfigSchema.Kinds(type);
        if (kinds is null) return FillOneKind(type, node, path);

        string discriminator = ConfigSchema.Discriminator(type);
        if (node is ConfigScalar) node = ConfigMap.Empty(node.Origin).With(discriminator, node);
        if (node is not ConfigMap map || map[discriminator] is not ConfigScalar { Text: { } name })
        {
            Report(path, node.Origin, $"does not say its '{discriminator}'. Known: {string.Join(", ", kinds.Keys)}.");
            return null;
        }

        Type? kind = kinds.FirstOrDefault(k => ConfigSchema.Normalize(k.Key) == ConfigSchema.Normalize(name)).Value;
        if (kind is not null) return Fill(kind, map, path, discriminator);
        string end = Spelling.Closest(name, kinds.Keys) is null ? "." : "";
        Report(Join(path, discriminator), map[discriminator]!.Origin, $"'{name}' is unknown{Spelling.Hint(name, kinds.Keys)}{end} Known: {string.Join(", ", kinds.Keys)}.");
        return null;
    }

    // Where only one kind of several can stand, it need not be named, but may be.
    private object? FillOneKind(Type type, ConfigNode node, string path)
    {
        if (ConfigSchema.KindOf(type) is not { } kind) return Fill(type, node, path, discriminator: null);
        if (node is ConfigMap map && map[kind.Discriminator] is { } said && ConfigSchema.Normalize((said as ConfigScalar)?.Text ?? "") != ConfigSchema.Normalize(kind.Name))
            Report(Join(path, kind.Discriminator), said.Origin, $"is {said.Kind}; it must be '{kind.Name}', or be left out.");
        return Fill(type, node, path, kind.Discriminator);
    }

    private object? Fill(Type type, ConfigNode node, string path, string? discriminator)
    {
        IReadOnlyList<PropertyInfo> properties = ConfigSchema.Properties(type);
        if (node is not ConfigMap && type.GetCustomAttribute<ShorthandAttribute>() is { } shorthand)
        {
            PropertyInfo property = properties.Single(p => p.Name == shorthand.Property);
            string key = property.GetCustomAttribute<FlattenAttribute>()?.Discriminator ?? ConfigSchema.Key(property);
            node = ConfigMap.Empty(node.Origin).With(key, node);
        }

        if (node is not ConfigMap map)
        {
            Report(path, node.Origin, $"is {node.Kind}; it must be a group of keys: {string.Join(", ", properties.Select(ConfigSchema.Key))}.");
            return null;
        }

        Dictionary<string, PropertyInfo> byKey = properties.Where(p => p.GetCustomAttribute<FlattenAttribute>() is null).ToDictionary(ConfigSchema.Key);
        PropertyInfo? flattened = properties.SingleOrDefault(p => p.GetCustomAttribute<FlattenAttribute>() is not null);
        object record = Create(type, byKey, map, path);
        ConfigMap rest = ConfigMap.Empty(map.Origin);
        foreach (ConfigEntry entry in map.Entries)
        {
            string key = ConfigSchema.Normalize(entry.Key);
            if (key == discriminator) continue;
            if (byKey.TryGetValue(key, out PropertyInfo? property)) Set(record, property, entry, path);
            else if (flattened is not null) rest = rest.With(entry.Key, entry.Value, entry.Origin);
            else Report(Join(path, entry.Key), entry.Origin, $"is unknown{ConfigHints.For(key, path, byKey.Keys)}");
        }

        if (flattened is not null) Set(record, flattened, new ConfigEntry("", rest, rest.Origin), path);
        ResolveDefaultPaths(record, properties);
        return record;
    }

    // A default is relative to the recipe's folder too.
    private void ResolveDefaultPaths(object record, IReadOnlyList<PropertyInfo> properties)
    {
        foreach (PropertyInfo property in properties)
        {
            if (property.GetCustomAttribute<RecipePathAttribute>() is null || property.GetValue(record) is not string { Length: > 0 } path) continue;
            if (!Path.IsPathFullyQualified(path)) property.SetValue(record, Path.GetFullPath(path, folder));
        }
    }

    private object Create(Type type, Dictionary<string, PropertyInfo> byKey, ConfigMap map, string path)
    {
        foreach ((string key, PropertyInfo property) in byKey)
        {
            bool isRequired = property.GetCustomAttribute<RequiredMemberAttribute>() is not null;
            if (isRequired && !map.Entries.Any(e => ConfigSchema.Normalize(e.Key) == key)) Report(Join(path, key), map.Origin, "is missing.");
        }

        if (type.GetConstructor(Type.EmptyTypes) is { } empty) return empty.Invoke(null);

        // A positional record: its own defaults, which the keys then replace.
        ConstructorInfo constructor = type.GetConstructors().MaxBy(c => c.GetParameters().Length)!;
        object?[] arguments = [.. constructor.GetParameters().Select(p =>
            p.HasDefaultValue ? p.DefaultValue : p.ParameterType.IsValueType ? Activator.CreateInstance(p.ParameterType) : null)];
        return constructor.Invoke(arguments);
    }

    private void Set(object record, PropertyInfo property, ConfigEntry entry, string path)
    {
        string key = Join(path, entry.Key);
        if (entry.Value is ConfigScalar { Text: null } && !IsList(property.PropertyType))
        {
            if (Nullability(property)) property.SetValue(record, null);
            else if (!ConfigSchema.IsRecord(property.PropertyType)) Report(key, entry.Origin, "is empty; give it a value or leave the key out.");
            return;
        }

        object? value = Bind(property.PropertyType, entry.Value, key, property);
        if (value is null) return;
        if (ConfigRanges.Problem(property, value) is { } problem) Report(key, entry.Value.Origin, problem);
        else property.SetValue(record, value);
    }

    private static bool IsList(Type type) => ConfigSchema.ElementOf(type) is not null || ConfigSchema.ValueOf(type) is not null;

    private static bool Nullability(PropertyInfo property) => new NullabilityInfoContext().Create(property).WriteState == NullabilityState.Nullable;

    private static string Join(string path, string key) => path.Length == 0 ? key : key.Length == 0 ? path : $"{path}.{key}";
}
