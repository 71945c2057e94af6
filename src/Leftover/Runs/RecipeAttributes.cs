namespace Leftover.Runs;

/// <summary>Marks a text that is a path: in a recipe it is relative to the recipe's folder.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class RecipePathAttribute : Attribute;

/// <summary>A property's name in a recipe, where snake_case of its own name is not it.</summary>
/// <param name="name">The key.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class RecipeKeyAttribute(string name) : Attribute
{
    /// <summary>The key.</summary>
    public string Name { get; } = name;
}

/// <summary>The property that a plain value stands for: <c>model: gpt2</c> means <c>model: {path: gpt2}</c>.</summary>
/// <param name="property">The property's name.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ShorthandAttribute(string property) : Attribute
{
    /// <summary>The property's name.</summary>
    public string Property { get; } = property;
}

/// <summary>Marks a property whose own keys stand beside those of the record that holds it.</summary>
/// <param name="discriminator">The key that says which kind it is; a plain value stands for it.</param>
/// <param name="kind">The record that the keys belong to; they are checked against it.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class FlattenAttribute(string discriminator, Type? kind = null) : Attribute
{
    /// <summary>The record that the keys belong to, or null where that is not known here.</summary>
    public Type? Kind { get; } = kind;

    /// <summary>The key that says which kind it is.</summary>
    public string Discriminator { get; } = discriminator;
}
