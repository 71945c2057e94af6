using Leftover.Data;

namespace Leftover.Runs;

/// <summary>Reads a recipe: the preset, under what the file says, under what the command line says.</summary>
public static class RecipeLoader
{
    /// <summary>The recipe of a YAML or JSON file; relative paths in it start at its folder.</summary>
    /// <param name="path">The file.</param>
    /// <param name="overrides">Values that win over the file's, the last first.</param>
    /// <exception cref="DataException">There is no such file.</exception>
    /// <exception cref="RecipeException">The recipe cannot be run as it stands; all problems are listed.</exception>
    public static Recipe Load(string path, IReadOnlyList<RecipeOverride>? overrides = null)
    {
        MissingFile.ThrowIfMissing(path, "a recipe");
        string full = Path.GetFullPath(path);
        return Parse(File.ReadAllText(full), Path.GetDirectoryName(full)!, Path.GetFileName(full), overrides);
    }

    /// <summary>The recipe of a text.</summary>
    /// <param name="yaml">YAML or JSON; may be empty.</param>
    /// <param name="folder">Where relative paths in it start.</param>
    /// <param name="name">What messages call it, and what the run folder is named after.</param>
    /// <param name="overrides">Values that win over the text's, the last first.</param>
    /// <exception cref="RecipeException">The recipe cannot be run as it stands; all problems are listed.</exception>
    public static Recipe Parse(string yaml, string folder, string name = "recipe.yaml", IReadOnlyList<RecipeOverride>? overrides = null)
    {
        ConfigBinder binder = new(folder);
        ConfigNode root = YamlConfig.Parse(yaml, name);
        if (root is not ConfigMap said)
            throw new RecipeException(name, [new RecipeProblem("(text)", root.Origin, $"is {root.Kind}; a recipe is keys with values, for example 'model: path'.")]);

        said = RecipeShape.NormalizeKeys(said);
        foreach (RecipeOverride change in overrides ?? [])
        {
            // The command line is in the working folder, and so are its paths.
            ConfigNode value = WorkingFolderPaths.Resolve(change.Key, YamlConfig.ParseValue(change.Value, change.Origin));
            (ConfigNode changed, string? problem) = ConfigPath.Set(said, change.Key, value);
            if (problem is null) said = (ConfigMap)changed;
            else binder.Report(change.Key, change.Origin, problem);
        }

        ConfigMap whole = RecipeShape.WithPreset(said, name);
        whole = RecipeShape.WithColumns(whole);
        whole = RecipeShape.WithMethods(whole, binder);
        whole = RecipeShape.WithPresetAlgorithms(whole);
        whole = RecipeShape.WithFolders(whole, name);
        Recipe? recipe = binder.Bind<Recipe>(whole, "");
        if (recipe is not null) RecipeChecks.Report(recipe, binder);
        binder.ThrowIfAny(name);
        return recipe!;
    }
}
