using System.Text.Json.Nodes;

namespace Leftover.Models.Layers;

/// <summary>How fast each pair of a head's channels turns with the position, and how long contexts stretch that.</summary>
/// <remarks>
/// Su et al. 2021, arXiv:2104.09864: pair i of a head of d channels turns by position · θ^(−2i/d). The longer-context kinds change these
/// frequencies once; the dynamic ones, which change them with the sequence's length, are not supported.
/// </remarks>
public sealed record RopeSettings
{
    /// <summary><c>default</c>, <c>linear</c>, <c>llama3</c> or <c>yarn</c>.</summary>
    public string Kind { get; init; } = "default";

    /// <summary>θ, the base. Default 10000.</summary>
    public double Theta { get; init; } = 10000;

    /// <summary>How many times longer than in pre-training sequences may be; all kinds but <c>default</c>. Default 1.</summary>
    public double Factor { get; init; } = 1;

    /// <summary>The context of pre-training in tokens; <c>llama3</c> and <c>yarn</c>.</summary>
    public int OriginalContext { get; init; }

    /// <summary><c>llama3</c>: waves longer than the original context over this are stretched whole. Default 1.</summary>
    public double LowFrequencyFactor { get; init; } = 1;

    /// <summary><c>llama3</c>: waves shorter than the original context over this are left alone. Default 4.</summary>
    public double HighFrequencyFactor { get; init; } = 4;

    /// <summary><c>yarn</c>: pairs that turn more often than this in the original context are left alone. Default 32.</summary>
    public double BetaFast { get; init; } = 32;

    /// <summary><c>yarn</c>: pairs that turn less often than this are stretched whole. Default 1.</summary>
    public double BetaSlow { get; init; } = 1;

    /// <summary><c>yarn</c>: whether the two limits are widened to whole pairs. Default true.</summary>
    public bool Truncate { get; init; } = true;

    /// <summary>What cos and sin are multiplied by. Default 1; for <c>yarn</c> 0.1·ln(factor) + 1, unless the file says otherwise.</summary>
    public double AttentionFactor { get; init; } = 1;

    /// <summary>Reads <c>rope_parameters</c> (Transformers 5) or <c>rope_theta</c> and <c>rope_scaling</c> (Transformers 4).</summary>
    internal static RopeSettings Read(ConfigReader config, int contextLength)
    {
        double theta = config.Positive("rope_theta", 10000);
        config.Refuse("partial_rotary_factor", IsOne);
        ConfigReader? scaling = config.Nested("rope_parameters");
        string name = scaling is null ? "rope_scaling" : "rope_parameters";
        if (scaling is null) scaling = config.Nested("rope_scaling");
        else config.Ignore("rope_scaling");
        if (scaling is null) return new RopeSettings { Theta = theta };
        RopeSettings settings = Read(scaling, theta, contextLength);
        config.Include(scaling, name);
        return settings;
    }

    private static RopeSettings Read(ConfigReader scaling, double theta, int contextLength)
    {
        string kind = scaling.Text("rope_type", scaling.Text("type", "default"));
        scaling.Refuse("partial_rotary_factor", IsOne);
        theta = scaling.Positive("rope_theta", theta);
        if (kind is not ("default" or "linear" or "llama3" or "yarn"))
            scaling.Problem("rope_type", $"is \"{kind}\", which is not supported. Known: default, linear, llama3, yarn.");
        if (kind is "default")
        {
            scaling.Ignore("factor", "original_max_position_embeddings");
            return new RopeSettings { Theta = theta };
        }
        var settings = new RopeSettings { Kind = kind, Theta = theta, Factor = scaling.Positive("factor") };
        if (kind is "linear") return settings;
        settings = settings with { OriginalContext = scaling.Count("original_max_position_embeddings", kind is "yarn" ? contextLength : null) };
        return kind is "llama3"
            ? settings with { LowFrequencyFactor = scaling.Positive("low_freq_factor"), HighFrequencyFactor = scaling.Positive("high_freq_factor") }
            : ReadYarn(scaling, settings);
    }

    private static RopeSettings ReadYarn(ConfigReader scaling, RopeSettings settings)
    {
        // With mscale and mscale_all_dim the factor is a ratio of two such terms.
        double usual = MagnitudeScale(settings.Factor, 1);
        if (scaling.Has("mscale") && scaling.Has("mscale_all_dim"))
            usual = MagnitudeScale(settings.Factor, scaling.Positive("mscale")) / MagnitudeScale(settings.Factor, scaling.Positive("mscale_all_dim"));
        else scaling.Ignore("mscale", "mscale_all_dim");
        return settings with
        {
            BetaFast = scaling.Positive("beta_fast", 32),
            BetaSlow = scaling.Positive("beta_slow", 1),
            Truncate = scaling.Flag("truncate", true),
            AttentionFactor = scaling.Positive("attention_factor", usual),
        };
    }

    private static double MagnitudeScale(double factor, double scale) => factor <= 1 ? 1 : 0.1 * scale * Math.Log(factor) + 1;

    private static bool IsOne(JsonNode node) => node is JsonValue value && value.TryGetValue(out double number) && number == 1;

    /// <summary>Radians a position for each pair of a head of <paramref name="dimensions"/> channels, [dimensions/2].</summary>
    public double[] Frequencies(int dimensions)
    {
        var frequencies = new double[dimensions / 2];
        for (int i = 0; i < frequencies.Length; i++)
        {
            double own = Math.Pow(Theta, -2.0 * i / dimensions);
            frequencies[i] = Kind switch
            {
                "linear" => own / Factor,
                "llama3" => Mix(own, Llama3Share(own)),
                "yarn" => Mix(own, YarnShare(i, dimensions)),
                _ => own,
            };
        }
        return frequencies;
    }

    /// <summary>Between the frequency as it is (share 1) and stretched by the factor (share 0).</summary>
    private double Mix(double own, double share) => share * own + (1 - share) * own / Factor;

    /// <summary>1 for short waves, 0 for long ones, a straight line in the number of waves per original context between.</summary>
    private double Llama3Share(double frequency)
    {
        double waves = OriginalContext * frequency / (2 * Math.PI);
        return Math.Clamp((waves - LowFrequencyFactor) / (HighFrequencyFactor - LowFrequencyFactor), 0, 1);
    }

    /// <summary>Peng et al. 2023, arXiv:2309.00071, §3.2: a ramp over the pairs' numbers between those that turn β_fast and β_slow times in the original context.</summary>
    private double YarnShare(int pair, int dimensions)
    {
        double low = PairThatTurns(BetaFast, dimensions), high = PairThatTurns(BetaSlow, dimensions);
        if (Truncate) (low, high) = (Math.Floor(low), Math.Ceiling(high));
        low = Math.Max(low, 0);
        high = Math.Min(high, dimensions - 1);
        if (low == high) high += 0.001;
        return 1 - Math.Clamp((pair - low) / (high - low), 0, 1);
    }

    private double PairThatTurns(double times, int dimensions) =>
        dimensions * Math.Log(OriginalContext / (times * 2 * Math.PI)) / (2 * Math.Log(Theta));

    /// <summary>As <c>rope_parameters</c> of a config.json.</summary>
    internal JsonObject ToJson()
    {
        var json = new JsonObject { ["rope_theta"] = Theta, ["rope_type"] = Kind };
        if (Kind is not "default") json["factor"] = Factor;
        if (Kind is "llama3" or "yarn") json["original_max_position_embeddings"] = OriginalContext;
        if (Kind is "llama3") (json["low_freq_factor"], json["high_freq_factor"]) = (LowFrequencyFactor, HighFrequencyFactor);
        if (Kind is "yarn") (json["beta_fast"], json["beta_slow"], json["truncate"], json["attention_factor"]) = (BetaFast, BetaSlow, Truncate, AttentionFactor);
        return json;
    }
}
