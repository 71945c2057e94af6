using System.Text.Json.Serialization;
using Leftover.Data;
using Leftover.Rewards.Text;

namespace Leftover.Rewards;

/// <summary>What a length is counted in.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LengthUnit>))]
public enum LengthUnit
{
    /// <summary>Pieces between white space.</summary>
    [JsonStringEnumMemberName("words")] Words,

    /// <summary>Unicode code points.</summary>
    [JsonStringEnumMemberName("characters")] Characters,

    /// <summary>Tokens of the policy's tokenizer.</summary>
    [JsonStringEnumMemberName("tokens")] Tokens,
}

/// <summary>How a score falls with the distance from a wanted length.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LengthFalloff>))]
public enum LengthFalloff
{
    /// <summary>max(0, 1 − distance/width).</summary>
    [JsonStringEnumMemberName("triangular")] Triangular,

    /// <summary>e^(−½ (distance/width)²).</summary>
    [JsonStringEnumMemberName("gaussian")] Gaussian,
}

/// <summary>1 for a completion of the wanted length, less the further it is off; in [0, 1].</summary>
public sealed record LengthReward() : RewardSource("length")
{
    /// <summary>What is counted. Default words.</summary>
    public LengthUnit Unit { get; init; } = LengthUnit.Words;

    /// <summary>The wanted length; ≥ 0. In place of <see cref="Min"/> and <see cref="Max"/>, and with a <see cref="Width"/>.</summary>
    public double? Target { get; init; }

    /// <summary>The least length that scores 1; ≥ 0. Default none.</summary>
    public double? Min { get; init; }

    /// <summary>The greatest length that scores 1; at least <see cref="Min"/>. Default none.</summary>
    public double? Max { get; init; }

    /// <summary>How fast the score falls outside; > 0, in units of length. Default, with <see cref="Min"/> or <see cref="Max"/>: at once to 0.</summary>
    public double? Width { get; init; }

    /// <summary>The shape of the fall over <see cref="Width"/>. Default triangular.</summary>
    public LengthFalloff Falloff { get; init; } = LengthFalloff.Triangular;

    /// <inheritdoc/>
    [JsonIgnore]
    public override RewardRange Range => RewardRange.Unit;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Problems()
    {
        List<string> problems = [];
        if (Target is null && Min is null && Max is null) problems.Add("target, min and max are missing; give a target with a width, or min, max or both.");
        if (Target is not null && (Min is not null || Max is not null)) problems.Add("target stands beside min or max; give one or the other.");
        foreach ((string key, double? value) in new[] { ("target", Target), ("min", Min), ("max", Max) })
            if (value is { } length && !(length >= 0 && double.IsFinite(length))) problems.Add($"{key} is {length}; it must be at least 0.");
        if (Min > Max) problems.Add($"min is {Min} and max {Max}; min must be at most max.");
        if (Width is { } width && !(width > 0 && double.IsFinite(width))) problems.Add($"width is {width}; it must be above 0.");
        if (Target is not null && Width is null) problems.Add("width is missing; a target needs one, in units of length.");
        return problems;
    }

    /// <inheritdoc/>
    protected override double[] ScoreRows(IReadOnlyList<RewardInput> rows)
    {
        double[] scores = new double[rows.Count];
        for (int i = 0; i < scores.Length; i++) scores[i] = ScoreOf(LengthOf(rows, i));
        return scores;
    }

    private double LengthOf(IReadOnlyList<RewardInput> rows, int row) => Unit switch
    {
        LengthUnit.Words => TextUnits.Words(rows[row].Completion).Count,
        LengthUnit.Characters => TextUnits.CountCharacters(rows[row].Completion),
        _ => rows[row].CompletionTokens
            ?? throw new DataException($"The reward '{Name}' counts tokens, and {RowName(rows, row)} was not tokenised. Score it where a tokenizer is given, or count words."),
    };

    private double ScoreOf(double length)
    {
        double low = Target ?? Min ?? 0, high = Target ?? Max ?? double.PositiveInfinity;
        double distance = Math.Max(0, Math.Max(low - length, length - high));
        if (Width is not { } width) return distance == 0 ? 1 : 0;
        double off = distance / width;
        return Falloff == LengthFalloff.Gaussian ? Math.Exp(-off * off / 2) : Math.Max(0, 1 - off);
    }
}
