using System.Text.Json;
using System.Text.Json.Serialization;
using Leftover.Data;

namespace Leftover.Runs;

/// <summary>How fast each stage of a run computed when it last did: <c>performance.json</c> in the run folder.</summary>
public sealed record RunPerformance
{
    /// <summary>The file's name.</summary>
    public const string FileName = "performance.json";

    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        NewLine = "\n",
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The layout's version; it grows when a name changes its meaning. Now 1.</summary>
    public int Format { get; init; } = 1;

    /// <summary>The stages, in the order in which they were first computed.</summary>
    public required IReadOnlyList<StagePerformance> Stages { get; init; }

    /// <summary>Reads a run folder's file; null where it has none.</summary>
    /// <exception cref="DataException">The file is damaged.</exception>
    public static RunPerformance? Read(string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path)) return null;
        try
        {
            if (JsonSerializer.Deserialize<RunPerformance>(File.ReadAllText(path), s_json) is { Stages: not null } performance) return performance;
        }
        catch (JsonException e)
        {
            throw new DataException($"{path}({(e.LineNumber ?? 0) + 1}) cannot be read: {e.Message} Delete it; the next stage that computes writes it again.", e);
        }
        throw new DataException($"{path} holds no stages. Delete it; the next stage that computes writes it again.");
    }

    /// <summary>Writes it into a run folder: a stage of the same name is replaced, the others stay.</summary>
    public void MergeInto(string folder)
    {
        IReadOnlyList<StagePerformance> before;
        try
        {
            before = Read(folder)?.Stages ?? [];
        }
        catch (DataException)                               // a record of speeds is no reason to stop a run
        {
            before = [];
        }
        Dictionary<string, StagePerformance> own = Stages.ToDictionary(stage => stage.Stage);
        StagePerformance[] merged = [.. before.Select(stage => own.Remove(stage.Stage, out StagePerformance? now) ? now : stage), .. Stages.Where(stage => own.ContainsKey(stage.Stage))];
        AtomicFile.WriteAllText(Path.Combine(folder, FileName), JsonSerializer.Serialize(this with { Stages = merged }, s_json) + "\n");
    }
}

/// <summary>What a stage computed, and in which time.</summary>
/// <param name="Stage">Its title, for example <c>Training a-lol</c>.</param>
/// <param name="Seconds">Time in which it computed; of a training that of its steps alone, without validations and checkpoints.</param>
/// <param name="Tokens">Tokens that went through the model; of a generation the new ones.</param>
/// <param name="Operations">Floating-point operations of the matrix products that were needed, a multiply-add being two.</param>
/// <param name="WeightBytes">Bytes of weights that had to be read, where the stage is bound by reading them; else 0.</param>
/// <param name="Kernels">The matrix product kernels.</param>
/// <param name="Dtype">The type whose products they are.</param>
/// <param name="Threads">Threads that computed.</param>
public sealed record StagePerformance(string Stage, double Seconds, long Tokens, double Operations, double WeightBytes, string Kernels, string Dtype, int Threads)
{
    /// <summary>Tokens a second.</summary>
    [JsonPropertyOrder(1)]
    public double TokensPerSecond => Seconds > 0 ? Tokens / Seconds : 0;

    /// <summary>10⁹ needed operations a second.</summary>
    [JsonPropertyOrder(1)]
    public double Gflops => Seconds > 0 ? Operations / Seconds / 1e9 : 0;

    /// <summary>10⁹ bytes of weights a second.</summary>
    [JsonPropertyOrder(1)]
    public double ReadGigabytes => Seconds > 0 ? WeightBytes / Seconds / 1e9 : 0;
}
