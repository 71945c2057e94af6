namespace Leftover.Runs;

/// <summary>Results of stages, each in a folder <c>STAGE/KEY</c> whose key is a hash of all that the result depends on.</summary>
/// <remarks>
/// A folder is made under another name, its manifest is written last, and then it is renamed: what stands under a key is whole. A folder without
/// a manifest, or with a file missing or cut, is no hit and is made again. One process at a time makes a result.
/// </remarks>
/// <param name="root">The cache's folder; it need not exist.</param>
public sealed class StageCache(string root)
{
    private const string PartialEnding = ".partial", LockEnding = ".lock";

    /// <summary>The cache's folder.</summary>
    public string Root => root;

    /// <summary>The folder of a result, or null where there is none.</summary>
    /// <param name="stage">The stage, for example <c>reference</c>.</param>
    /// <param name="key">The result's address.</param>
    /// <exception cref="IOException">Under this key stands another result.</exception>
    public string? Find(string stage, string key) => Find(stage, key, null);

    /// <summary>The folder of the result of these inputs, or null where there is none.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="inputs">All that the result depends on, by name.</param>
    /// <exception cref="IOException">Under their key stands the result of other inputs.</exception>
    public string? Find(string stage, IReadOnlyDictionary<string, string> inputs) => Find(stage, ContentHash.Key(inputs), inputs);

    /// <summary>The folder of a result, which is made where there is none.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="key">The result's address: a hash of all that it depends on, the version included.</param>
    /// <param name="create">Writes the result's files into the folder it is given.</param>
    /// <param name="keepPartial">True hands what an interrupted making left to the next one, which goes on from there; false begins anew.</param>
    /// <exception cref="IOException">Under this key stands another result, or another run is making it.</exception>
    public string GetOrCreate(string stage, string key, Action<string> create, bool keepPartial = false) => GetOrCreate(stage, key, null, create, keepPartial);

    /// <summary>The folder of the result of these inputs, which is made where there is none.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="inputs">All that the result depends on, by name: they are written into its manifest.</param>
    /// <param name="create">Writes the result's files into the folder it is given.</param>
    /// <param name="keepPartial">True hands what an interrupted making left to the next one.</param>
    /// <exception cref="IOException">Under their key stands the result of other inputs, or another run is making it.</exception>
    public string GetOrCreate(string stage, IReadOnlyDictionary<string, string> inputs, Action<string> create, bool keepPartial = false) =>
        GetOrCreate(stage, ContentHash.Key(inputs), inputs, create, keepPartial);

    private string GetOrCreate(string stage, string key, IReadOnlyDictionary<string, string>? inputs, Action<string> create, bool keepPartial)
    {
        if (Find(stage, key, inputs) is { } found) return found;

        string entry = PathOf(stage, key);
        string lockFolder = entry + LockEnding;
        using (FolderLock.Take(lockFolder))
        {
            found = Find(stage, key, inputs);       // another run may have made it meanwhile
            if (found is null) Create(stage, key, inputs, create, keepPartial, entry);
        }

        RemoveEmpty(lockFolder);
        return entry;
    }

    private static void Create(string stage, string key, IReadOnlyDictionary<string, string>? inputs, Action<string> create, bool keepPartial, string entry)
    {
        string partial = entry + PartialEnding;
        if (!keepPartial && Directory.Exists(partial)) Directory.Delete(partial, recursive: true);
        Directory.CreateDirectory(partial);
        try
        {
            create(partial);
        }
        catch when (!keepPartial)
        {
            Directory.Delete(partial, recursive: true);
            throw;
        }

        new Manifest { Stage = stage, Key = key, Inputs = inputs ?? new Dictionary<string, string>() }.Write(partial);
        if (Directory.Exists(entry)) Directory.Delete(entry, recursive: true);      // torn, or it would have been found
        Directory.Move(partial, entry);
    }

    private string? Find(string stage, string key, IReadOnlyDictionary<string, string>? inputs)
    {
        string entry = PathOf(stage, key);
        if (Manifest.Read(entry) is not { } manifest) return null;
        if (manifest.Stage != stage || manifest.Key != key)
            throw new IOException($"{entry}: its manifest is that of {manifest.Stage}/{manifest.Key}, so what lies there was moved or copied. Delete the folder, then run again.");
        if (inputs is null || manifest.Inputs.Count == 0) return entry;

        string[] unlike = [.. inputs.Keys.Union(manifest.Inputs.Keys).Where(name => inputs.GetValueOrDefault(name) != manifest.Inputs.GetValueOrDefault(name)).Order(StringComparer.Ordinal)];
        if (unlike.Length == 0) return entry;
        IEnumerable<string> lines = unlike.Select(name => $"  {name}: cached with {manifest.Inputs.GetValueOrDefault(name) ?? "nothing"}, wanted with {inputs.GetValueOrDefault(name) ?? "nothing"}");
        throw new IOException($"{entry}: the cached result was made of other inputs:\n{string.Join('\n', lines)}\n  Delete the folder, then run again.");
    }

    private string PathOf(string stage, string key)
    {
        if (!IsName(stage)) throw new ArgumentException($"The stage '{stage}' is no name of a folder: letters, digits, '-' and '_'.", nameof(stage));
        if (!IsName(key)) throw new ArgumentException($"The key '{key}' is no name of a folder: letters, digits, '-' and '_'.", nameof(key));
        return Path.Combine(root, stage, key);

        static bool IsName(string name) => name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
    }

    /// <summary>Takes an emptied lock folder away; where another run has just taken it, it stays.</summary>
    private static void RemoveEmpty(string folder)
    {
        try
        {
            Directory.Delete(folder);
        }
        catch (IOException)
        {
            // Another run's lock is in it.
        }
    }
}
