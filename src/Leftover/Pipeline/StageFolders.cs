using System.Text.Json;
using Leftover.Runs;

namespace Leftover.Pipeline;

/// <summary>Stages' results of earlier runs, a folder each: <c>cache/&lt;stage&gt;/&lt;key&gt;/</c>, the key a hash of all that went in.</summary>
/// <remarks>A folder counts once its <c>manifest.json</c> stands, which is written last: what a killed process left behind is no result.</remarks>
public sealed class StageFolders(string root)
{
    private const string Manifest = "manifest.json", Partial = ".partial";

    /// <summary>A stage's result, made now where it is not there.</summary>
    /// <param name="stage">The stage's name.</param>
    /// <param name="key">A hash of all that the result depends on.</param>
    /// <param name="fill">Writes the result into the folder it is given.</param>
    /// <param name="keepPartial">True leaves what an interrupted stage has written for the next try, which continues it; false starts afresh.</param>
    /// <returns>The folder.</returns>
    /// <exception cref="IOException">Another run is making the same result at this moment, or the disk is full.</exception>
    public string GetOrCreate(string stage, string key, Action<string> fill, bool keepPartial = false)
    {
        string folder = Path.Combine(root, stage, key);
        if (File.Exists(Path.Combine(folder, Manifest))) return folder;

        string partial = folder + Partial;
        if (!keepPartial && Directory.Exists(partial)) Directory.Delete(partial, recursive: true);
        Directory.CreateDirectory(partial);
        using (FolderLock.Take(partial))
        {
            fill(partial);
            AtomicFile.WriteAllText(Path.Combine(partial, Manifest), JsonSerializer.Serialize(new { stage, key, version = RunContext.Version }) + "\n");
        }
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);      // without a manifest: not a result
        Directory.Move(partial, folder);
        return folder;
    }
}
