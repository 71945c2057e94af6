using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Leftover.Runs;

/// <summary>The keys a record has in a recipe.</summary>
internal static class ConfigSchema
{
    /// <summary>The properties that a recipe may set, in the order they are declared, the base record's first.</summary>
    public static IReadOnlyList<PropertyInfo> Properties(Type record) =>
        [.. record.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(p => p.SetMethod is { IsPublic: true } && p.GetIndexParameters().Length == 0)
            .Where(p => p.GetCustomAttribute<JsonIgnoreAttribute>() is null)
            .OrderBy(p => Depth(p.DeclaringType!))];

    /// <summary>A property's key.</summary>
    public static string Key(PropertyInfo property) =>
        property.GetCustomAttribute<RecipeKeyAttribute>()?.Name
        ?? property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name
        ?? JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name);

    /// <summary>A key or the name of an enum's value with dashes and underscores as one, and no case.</summary>
    public static string Normalize(string key) => key.Replace('-', '_').ToLowerInvariant();

    /// <summary>The name of an enum's value in a recipe.</summary>
    public static string Name(Enum value) =>
        value.GetType().GetField(value.ToString())!.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name
        ?? JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    /// <summary>The names of all kinds of a record that has several, each with its type; null for a record that has one.</summary>
    public static IReadOnlyDictionary<string, Type>? Kinds(Type record)
    {
        JsonDerivedTypeAttribute[] kinds = [.. record.GetCustomAttributes<JsonDerivedTypeAttribute>(inherit: false)];
        return kinds.Length == 0 ? null : kinds.ToDictionary(k => (string)k.TypeDiscriminator!, k => k.DerivedType);
    }

    /// <summary>What a record is called among the kinds of the record it derives from, and the key that says so; null for one that is no such kind.</summary>
    public static (string Discriminator, string Name)? KindOf(Type record)
    {
        for (Type? parent = record.BaseType; parent is not null; parent = parent.BaseType)
            if (Kinds(parent)?.FirstOrDefault(kind => kind.Value == record).Key is { } name) return (Discriminator(parent), name);
        return null;
    }

    /// <summary>The key that says which kind of a record is meant.</summary>
    public static string Discriminator(Type record) =>
        record.GetCustomAttribute<JsonPolymorphicAttribute>(inherit: true)?.TypeDiscriminatorPropertyName ?? "type";

    /// <summary>True for a record of keys, false for plain values, lists and free maps.</summary>
    public static bool IsRecord(Type type) =>
        type.IsClass && type != typeof(string) && type != typeof(RecipeSection) && !typeof(JsonNode).IsAssignableFrom(type)
        && !typeof(System.Collections.IEnumerable).IsAssignableFrom(type);

    /// <summary>The element type of a list property, or null where it is no list.</summary>
    public static Type? ElementOf(Type type)
    {
        if (type.IsArray) return type.GetElementType();
        if (!type.IsGenericType) return null;
        Type open = type.GetGenericTypeDefinition();
        return open == typeof(IReadOnlyList<>) || open == typeof(List<>) || open == typeof(IList<>) || open == typeof(IEnumerable<>)
            || open == typeof(IReadOnlyCollection<>) ? type.GetGenericArguments()[0] : null;
    }

    /// <summary>The value type of a map from names, or null where it is none.</summary>
    public static Type? ValueOf(Type type)
    {
        if (!type.IsGenericType) return null;
        Type open = type.GetGenericTypeDefinition();
        bool isMap = open == typeof(IReadOnlyDictionary<,>) || open == typeof(Dictionary<,>) || open == typeof(IDictionary<,>);
        return isMap && type.GetGenericArguments()[0] == typeof(string) ? type.GetGenericArguments()[1] : null;
    }

    /// <summary>Every dotted key under a record, through its records but not into lists.</summary>
    public static IEnumerable<string> AllKeys(Type record, string prefix = "")
    {
        foreach (PropertyInfo property in Properties(record))
        {
            string key = prefix + Key(property);
            yield return key;
            if (!IsRecord(property.PropertyType) || Kinds(property.PropertyType) is not null) continue;
            foreach (string inner in AllKeys(property.PropertyType, key + ".")) yield return inner;
        }
    }

    private static int Depth(Type type) => type.BaseType is { } parent ? Depth(parent) + 1 : 0;
}
