namespace Leftover.Runs;

/// <summary>A value that wins over the recipe's.</summary>
/// <param name="Key">The dotted key; a number picks an item of a list, <c>*</c> all of them.</param>
/// <param name="Value">The value, as it would stand in YAML: a text, or a list or map in brackets.</param>
/// <param name="Origin">How it was said, for messages.</param>
public sealed record RecipeOverride(string Key, string Value, string Origin)
{
    /// <summary>An override of the form <c>training.steps=10</c>.</summary>
    /// <exception cref="RecipeException">There is no '=' in it, or no key before it.</exception>
    public static RecipeOverride Parse(string text)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals > 0) return new RecipeOverride(text[..equals].Trim(), text[(equals + 1)..], text);
        throw new RecipeException("The command line", [new RecipeProblem(text, "argument", "has no value; an override reads key=value, for example training.steps=100.")]);
    }

    /// <summary>What a flag of <see cref="RecipeFlags"/> sets.</summary>
    /// <param name="flag">The flag's name or alias, with or without dashes.</param>
    /// <param name="value">Its value; null for a bare flag.</param>
    /// <exception cref="RecipeException">There is no such flag, or its value is missing.</exception>
    public static RecipeOverride OfFlag(string flag, string? value)
    {
        string name = flag.TrimStart('-');
        RecipeFlag? found = RecipeFlags.Find(name);
        if (RecipeFlags.NotHere.TryGetValue(ConfigSchema.Normalize(name), out string? reason))
            throw new RecipeException("The command line", [new RecipeProblem($"--{name}", "flag", $"cannot be followed: {reason}.")]);
        if (found is null)
            throw new RecipeException("The command line", [new RecipeProblem($"--{name}", "flag", $"is unknown{Spelling.Hint(ConfigSchema.Normalize(name), RecipeFlags.Names)}")]);
        if (found.Key == "training.resume" && value == "auto") value = "true";      // what Hugging Face's tools call it
        if ((value ?? found.Implied) is { } text) return new RecipeOverride(found.Key, text, $"--{name}");
        throw new RecipeException("The command line", [new RecipeProblem($"--{name}", "flag", "needs a value.")]);
    }
}
