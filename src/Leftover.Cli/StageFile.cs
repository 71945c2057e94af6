using Leftover.Pipeline;

namespace Leftover.Cli;

/// <summary>The file of rows that a stage's verb writes: where the user says, or in the run folder.</summary>
internal sealed class StageFile : IDisposable
{
    private readonly OutputFolder? _folder;

    private StageFile(string path, OutputFolder? folder) => (Path, _folder) = (path, folder);

    /// <summary>Where it goes.</summary>
    public string Path { get; }

    /// <summary>Reads the data and finds the file's place.</summary>
    /// <param name="pipeline">The run.</param>
    /// <param name="wanted">Where the user wants it; null for the run folder, which is then taken.</param>
    /// <param name="name">Its name in the run folder.</param>
    /// <exception cref="Data.DataException">It cannot be written there.</exception>
    /// <exception cref="IOException">Another run has the folder.</exception>
    public static StageFile Open(RunPipeline pipeline, string? wanted, string name)
    {
        if (wanted is null) return new StageFile(pipeline.Context.PathOf(name), OutputFolder.Take(pipeline));
        JsonLines.CheckTarget(wanted);
        RecipeVerb.ReadData(pipeline);
        return new StageFile(wanted, null);
    }

    /// <summary>Writes the rows, whole or not at all.</summary>
    public void Write<T>(IEnumerable<T> rows) => JsonLines.Write(Path, rows);

    /// <inheritdoc/>
    public void Dispose() => _folder?.Dispose();
}
