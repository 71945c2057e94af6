using System.Text.Json;
using System.Text.Json.Nodes;
using Leftover.Data;

namespace Leftover.Runs;

/// <summary>A run's folder while the run has it: nobody else writes into it.</summary>
/// <remarks>
/// <c>run.json</c> holds the resolved recipe, the versions and the hashes of the inputs; <c>metrics.jsonl</c>, TensorBoard's events and
/// <c>samples.jsonl</c> stand beside it, for the whole run or in a folder a method.
/// </remarks>
public sealed class RunFolder : IDisposable
{
    private const string RunFile = "run.json";

    private readonly FolderLock _lock;

    private RunFolder(string path, FolderLock held) => (Root, _lock) = (path, held);

    /// <summary>The folder.</summary>
    public string Root { get; }

    /// <summary>Takes the folder of a run, which is created where it is missing, and writes its run.json.</summary>
    /// <param name="recipe">The resolved recipe; its <c>output</c> is the folder.</param>
    /// <param name="inputs">Hashes of what went in, by name.</param>
    /// <exception cref="IOException">Another run has the folder.</exception>
    public static RunFolder Open(Recipe recipe, IReadOnlyDictionary<string, string>? inputs = null)
    {
        RunFolder folder = new(recipe.Output, FolderLock.Take(recipe.Output));
        folder.Describe(recipe, inputs ?? new Dictionary<string, string>());
        return folder;
    }

    /// <summary>Takes the folder of a run, which is created where it is missing, and writes nothing yet: <see cref="Describe"/> does, once the run is known to be possible.</summary>
    /// <exception cref="IOException">Another run has the folder.</exception>
    public static RunFolder Take(string path) => new(path, FolderLock.Take(path));

    /// <summary>A file or folder in it; its own folder is created.</summary>
    public string PathOf(params string[] parts)
    {
        string path = Path.Combine([Root, .. parts]);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return path;
    }

    /// <summary>Writes run.json anew, for example once the hashes of all inputs are known.</summary>
    /// <param name="recipe">The resolved recipe.</param>
    /// <param name="inputs">Hashes of what went in, by name.</param>
    /// <param name="memory">What memory each training was planned to need; null leaves it out.</param>
    public void Describe(Recipe recipe, IReadOnlyDictionary<string, string> inputs, JsonNode? memory = null)
    {
        JsonObject run = new()
        {
            ["format"] = 1,
            ["name"] = recipe.Name ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(Root)),
            ["seed"] = recipe.Seed,
            ["dtype"] = recipe.Dtype.Resolve().Describe(),
            ["versions"] = Names(Versions.OfThisProcess()),
            ["inputs"] = Names(inputs.OrderBy(i => i.Key, StringComparer.Ordinal)),
            ["recipe"] = RecipeWriter.ToJson(recipe),
        };
        if (memory is not null) run["memory"] = memory;
        AtomicFile.WriteAllText(Path.Combine(Root, RunFile), RecipeWriter.Indented(run) + "\n");
    }

    /// <summary>The recipe of a run's folder, as it was run.</summary>
    /// <exception cref="DataException">The folder has no run.json, or it cannot be read.</exception>
    /// <exception cref="RecipeException">Its recipe does not fit this version; all problems are listed.</exception>
    public static Recipe ReadRecipe(string folder)
    {
        string path = Path.Combine(folder, RunFile);
        MissingFile.ThrowIfMissing(path, "the description of a run");
        try
        {
            JsonNode recipe = JsonNode.Parse(File.ReadAllText(path))?["recipe"] ?? throw new DataException($"{path} has no 'recipe'; it is not the run.json of a run. Name the folder of a run.");
            return RecipeLoader.Parse(recipe.ToJsonString(), Path.GetFullPath(folder), path);
        }
        catch (JsonException e)
        {
            throw new DataException($"{path}({(e.LineNumber ?? 0) + 1}) is no JSON at its byte {e.BytePositionInLine}. Run the recipe again, or take the file out of a backup.", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();

    private static JsonObject Names(IEnumerable<KeyValuePair<string, string>> values) => new(values.Select(v => KeyValuePair.Create(v.Key, (JsonNode?)v.Value)));
}
