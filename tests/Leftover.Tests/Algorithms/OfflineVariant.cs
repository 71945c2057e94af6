using System.Text.Json;
using Leftover.Algorithms;

namespace Leftover.Tests.Algorithms;

/// <summary>A variant of the golden files, as an algorithm and as a formula in double precision that shares no code with it.</summary>
internal sealed class OfflineVariant(JsonElement variant)
{
    private readonly string _name = variant.GetProperty("algorithm").GetString()!;

    /// <summary>True where the weight is a ratio without bounds.</summary>
    public bool IsUnclipped => variant.TryGetProperty("clip", out JsonElement clip) && clip.ValueKind == JsonValueKind.Null;

    public Algorithm Algorithm => _name switch
    {
        "nll" => new NegativeLogLikelihood(),
        "wbc" => new WeightedBehaviorCloning(),
        "r_gold" => new RewardGold { Floor = (float)Number("floor") },
        "r_lol" => new RLoL { ClipRange = (float?)Clip },
        "a_lol" => new ALoL { ClipRange = (float?)Clip },
        "a_lol_seq" => new ALoLSequence { ClipRange = (float?)Clip },
        "a_lol_ref_free" => new ALoLReferenceFree { Clamp = variant.GetProperty("clamp").GetBoolean() },
        "a_lol_kl" => new ALoLKl { KlBeta = (float)Number("beta") },
        "r_lol_kl" => new RLoL { KlBeta = (float)Number("beta") },
        _ => throw new InvalidDataException($"The golden algorithm '{_name}' is unknown."),
    };

    private double? Clip => IsUnclipped ? null : Number("clip");

    /// <summary>The losses by completion and the gradient of their mean, straight from METHOD §1.2.</summary>
    /// <param name="largestLogRatio">Where an unclipped weight ends; ∞ is the formula itself.</param>
    public (double[] Losses, double[] Gradient) Oracle(double[] logProbs, double[] reference, int[] offsets, double[] rewards, double[] advantages, double largestLogRatio)
    {
        int completions = offsets.Length - 1;
        double[] losses = new double[completions], gradient = new double[logProbs.Length];
        for (int b = 0; b < completions; b++)
        {
            double drift = 0;
            for (int t = offsets[b]; t < offsets[b + 1]; t++) drift += logProbs[t] - reference[t];
            for (int t = offsets[b]; t < offsets[b + 1]; t++)
            {
                double positive = Math.Max(advantages[b], 0);
                double coefficient = _name switch
                {
                    "nll" => 1,
                    "wbc" or "r_lol_kl" => rewards[b],
                    "r_gold" => rewards[b] * Math.Max(Math.Exp(logProbs[t]), Number("floor")),
                    "r_lol" => rewards[b] * Ratio(drift, largestLogRatio),
                    "a_lol" => positive * Ratio(drift, largestLogRatio),
                    "a_lol_seq" => positive * Ratio(logProbs[t] - reference[t], largestLogRatio),
                    "a_lol_ref_free" => variant.GetProperty("clamp").GetBoolean() ? positive : advantages[b],
                    "a_lol_kl" => positive,
                    _ => throw new InvalidDataException($"The golden algorithm '{_name}' is unknown."),
                };
                double beta = _name is "a_lol_kl" or "r_lol_kl" ? Number("beta") : 0;
                losses[b] += -coefficient * logProbs[t] + beta * (logProbs[t] - reference[t]);
                gradient[t] = (beta - coefficient) / completions;
            }
        }
        return (losses, gradient);
    }

    private double Ratio(double logRatio, double largest)
    {
        double ratio = Math.Exp(Math.Min(logRatio, largest));
        return Clip is { } epsilon ? Math.Min(Math.Max(ratio, 1 - epsilon), 1 + epsilon) : ratio;
    }

    private double Number(string property) => variant.GetProperty(property).GetDouble();
}
