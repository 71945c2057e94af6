using System.Text.Json;
using System.Text.Json.Serialization;

namespace Leftover.Training;

/// <summary>Where a training stands: <c>trainer_state.json</c> of a checkpoint.</summary>
public sealed record TrainingState
{
    private static readonly JsonSerializerOptions s_json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true, NewLine = "\n", NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    /// <summary>The last step that was taken.</summary>
    public required int Step { get; init; }

    /// <summary>A hash of all that the training depends on; a training of something else does not continue it.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>The step with the best validation score so far; null before the first evaluation.</summary>
    public int? BestStep { get; init; }

    /// <summary>Its score; higher is better.</summary>
    public double? BestScore { get; init; }

    /// <summary>What the steps so far left behind for later ones, by name.</summary>
    public IReadOnlyDictionary<string, double>? Memory { get; init; }

    /// <summary>The state as text.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, s_json) + "\n";

    /// <summary>The state of a text, or null where it is none.</summary>
    public static TrainingState? Parse(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<TrainingState>(json, s_json);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
