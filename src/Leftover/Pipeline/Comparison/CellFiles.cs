using System.Globalization;
using System.Text.Json;
using Leftover.Evaluation;
using Leftover.Evaluation.Comparison;
using Leftover.Runs;

namespace Leftover.Pipeline.Comparison;

/// <summary>The folder of one training of a comparison, <c>cells/NOISE/METHOD/SEED</c>: the training's own files while it runs, <c>cell.json</c> once it is measured.</summary>
/// <param name="folder">The folder.</param>
internal sealed class CellFiles(string folder)
{
    private const string CellFile = "cell.json", TimeFile = "time.json";

    private static readonly JsonSerializerOptions s_json = new(RunResults.Json) { WriteIndented = false };

    /// <summary>The folder of a cell in a run folder.</summary>
    public static CellFiles Of(RunContext context, double noise, string method, long seed) =>
        new(context.PathOf("cells", $"noise-{(100 * noise).ToString("0.##", CultureInfo.InvariantCulture)}", method, $"seed-{seed.ToString(CultureInfo.InvariantCulture)}"));

    /// <summary>Where the training works.</summary>
    public string Folder => folder;

    /// <summary>The cell where it is done, of the same inputs; null where it is to be made.</summary>
    public ComparedCell? Read(string key) => ReadJson<ComparedCell>(CellFile) is { } cell && cell.Key == key ? cell : null;

    /// <summary>How long the training took; null where nobody knows.</summary>
    public CellTime? ReadTime() => ReadJson<CellTime>(TimeFile);

    /// <summary>Writes the cell; with it the cell is done.</summary>
    public void Write(ComparedCell cell) => WriteJson(CellFile, cell);

    /// <summary>Writes down how long the training took.</summary>
    public void Write(CellTime time) => WriteJson(TimeFile, time);

    /// <summary>True where a training began here and came to its end, or to a checkpoint.</summary>
    public bool HasBegun => File.Exists(Path.Combine(folder, "training.json")) || Directory.Exists(Path.Combine(folder, "checkpoints"));

    /// <summary>Takes away what belongs to a cell of other inputs.</summary>
    public void DropStale(string key)
    {
        if (ReadJson<ComparedCell>(CellFile) is { } cell && cell.Key != key) Directory.Delete(folder, recursive: true);
    }

    /// <summary>Takes away what a measured cell needs no more, and that is large.</summary>
    /// <param name="keepsAdvantages">False takes the table of advantages too.</param>
    public void DropModel(bool keepsAdvantages)
    {
        File.Delete(Path.Combine(folder, "training.json"));
        if (!keepsAdvantages) File.Delete(Path.Combine(folder, "advantages.jsonl"));
        string model = Path.Combine(folder, "model");
        if (Directory.Exists(model)) Directory.Delete(model, recursive: true);
    }

    private T? ReadJson<T>(string name)
        where T : class
    {
        string path = Path.Combine(folder, name);
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<T>(File.ReadAllText(path), s_json) : null;
        }
        catch (JsonException)                                   // damaged: it is made again
        {
            return null;
        }
    }

    private void WriteJson<T>(string name, T value) => AtomicFile.WriteAllText(Path.Combine(Directory.CreateDirectory(folder).FullName, name), JsonSerializer.Serialize(value, s_json) + "\n");
}

/// <summary>How long a training took, measured once, when it came to its end: the one thing here that differs from run to run, and so in a file of its own.</summary>
/// <param name="Seconds">From its first step of the process that ended it to its last, generation and validations included.</param>
/// <param name="IsWhole">False where an earlier process had trained a part of it.</param>
public sealed record CellTime(double Seconds, bool IsWhole);
