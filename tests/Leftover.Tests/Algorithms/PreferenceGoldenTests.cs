using System.Text.Json;
using Leftover.Algorithms;
using Leftover.Batches;
using Leftover.Tensors;
using Leftover.Tests.Golden;
using static Leftover.Tests.LossGolden;

namespace Leftover.Tests.Algorithms;

/// <summary>Objectives that compare answers, against autograd in double precision: every variant of every case.</summary>
/// <remarks>
/// Losses and gradients must agree to 2e-5. Beyond that, a loss may be off by what rounding its inputs to single precision does to it, which the golden
/// gradient tells: Σ |dL/dx|·|x|·2⁻²⁴ over the token log-probabilities and as much again for the reference's.
/// </remarks>
[Trait("Category", "Golden")]
public class PreferenceGoldenTests
{
    public static TheoryData<string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (string file in (ReadOnlySpan<string>)["preference_dpo.json", "preference_kto.json", "preference_reference_free.json", "preference_margin.json", "preference_lists.json"])
                foreach (string name in Names(file)) cases.Add(file, name);
            return cases;
        }
    }

    [GoldenTheory("losses/preference_dpo.json")]
    [MemberData(nameof(Cases))]
    public void Losses_and_gradients_are_those_of_the_oracle(string file, string name)
    {
        JsonElement one = Case(file, name), whole = Read(file);
        var problems = new List<string>();
        int built = 0;
        foreach (JsonProperty expected in one.GetProperty("expected").EnumerateObject())
        {
            built++;
            JsonElement variant = whole.TryGetProperty("variants", out JsonElement variants) ? variants.GetProperty(expected.Name) : default;
            Algorithm algorithm = AlgorithmOf(file, expected.Name, variant);
            (float[] logProbs, CompletionBatch batch, int[] own) = Inputs(file, one, algorithm);
            AlgorithmRun run = AlgorithmRun.Of(algorithm, logProbs, batch);
            JsonElement value = expected.Value;
            double[] gradient = value.Doubles("grad_logp");
            double rounding = RoundingOf(gradient, one);
            double loss = value.TryGetProperty("total", out JsonElement total) ? total.GetDouble() : value.GetProperty("mean").GetDouble();
            Compare32($"{expected.Name} loss", [loss], [run.Loss], problems, rounding);
            if (value.TryGetProperty("loss", out JsonElement losses)) Compare32($"{expected.Name} losses", losses.Doubles(), run.Losses, problems, rounding * batch.Groups);
            // Its two terms are β/4 each and may cancel; what is left holds little but their rounding.
            double cancelling = algorithm is Dpo { LossType: [DpoLoss.ApoDown] } ? Relative32 * 0.1 / 4 / batch.Groups : 0;
            Compare32($"{expected.Name} gradient", gradient, [.. own.Select(t => run.Gradient[t])], problems, cancelling);
            if (algorithm is Kto) Assert.All(Enumerable.Range(0, logProbs.Length).Except(own), t => Assert.Equal(0, run.Gradient[t]));         // other prompts' answers only measure
            foreach ((string figure, double mean) in Figures(value, one)) Compare32($"{expected.Name} {figure}", [mean], [(float)run.Figures[figure]], problems, 1e-6);
        }
        Assert.True(problems.Count == 0, string.Join('\n', problems));
        Assert.True(built > 0);
    }

    // What the metrics show of a case, where the oracle knows it.
    private static IEnumerable<(string Figure, double Mean)> Figures(JsonElement value, JsonElement one)
    {
        if (value.TryGetProperty("chosen_reward", out JsonElement chosen)) yield return ("rewards/chosen", chosen.Doubles().Average());
        if (value.TryGetProperty("rejected_reward", out JsonElement rejected)) yield return ("rewards/rejected", rejected.Doubles().Average());
        if (value.TryGetProperty("kl", out JsonElement kl)) yield return ("kl", kl.GetDouble());
        if (!value.TryGetProperty("reward", out JsonElement rewards)) yield break;
        foreach (IGrouping<bool, double> kind in rewards.Doubles().Zip(one.Booleans("desirable")).GroupBy(row => row.Second, row => row.First)) yield return (kind.Key ? "rewards/chosen" : "rewards/rejected", kind.Average());
    }

    private static double RoundingOf(double[] gradient, JsonElement one)
    {
        double[] logProbs = one.Doubles("logp"), reference = one.TryGetProperty("ref_logp", out JsonElement values) ? values.Doubles() : new double[logProbs.Length];
        return gradient.Select((g, t) => Math.Abs(g) * (Math.Abs(logProbs[t]) + Math.Abs(reference[t]))).Sum() * Math.Pow(2, -24);
    }

    private static Algorithm AlgorithmOf(string file, string name, JsonElement variant)
    {
        switch (file)
        {
            case "preference_dpo.json":
                variant.AssertKnown(file, name, "type", "weights", "beta", "smoothing", "ld_alpha", "alpha", "tau", "reference_free", "divergence", "weighting");
                return new Dpo
                {
                    LossType = variant.GetProperty("type") is { ValueKind: JsonValueKind.Array } several ? [.. several.EnumerateArray().Select(Named<DpoLoss>)] : [Named<DpoLoss>(variant.GetProperty("type"))],
                    LossWeights = variant.TryGetProperty("weights", out JsonElement weights) ? weights.Floats() : null,
                    Beta = Number(variant, "beta", 0),
                    LabelSmoothing = Number(variant, "smoothing", 0),
                    LdAlpha = Number(variant, "ld_alpha", 1),
                    AlphaDivergenceCoef = Number(variant, "alpha", 1),
                    DiscopopTau = Number(variant, "tau", 0.05f),
                    ReferenceFree = variant.TryGetProperty("reference_free", out JsonElement free) && free.GetBoolean(),
                    UseWeighting = variant.TryGetProperty("weighting", out JsonElement weighting) && weighting.GetBoolean(),
                    Divergence = variant.TryGetProperty("divergence", out JsonElement divergence) ? Named<PairDivergence>(divergence) : PairDivergence.ReverseKl,
                };
            case "preference_kto.json":
                variant.AssertKnown(file, name, "type", "beta", "desirable_weight", "undesirable_weight");
                return new Kto { LossType = Named<KtoLoss>(variant.GetProperty("type")), Beta = Number(variant, "beta", 0), DesirableWeight = Number(variant, "desirable_weight", 0), UndesirableWeight = Number(variant, "undesirable_weight", 0) };
            case "preference_margin.json":
                variant.AssertKnown(file, name, "margin", "score");
                return new Slic { Margin = Number(variant, "margin", 0), AverageLogProb = variant.GetProperty("score").GetString() == "mean", NllWeight = 0 };
            case "preference_lists.json":
                return name switch
                {
                    "pro" => new Pro { LogEpsilon = 1e-10f },
                    "pro eps=0" => new Pro(),
                    "pro no sft" => new Pro { LogEpsilon = 1e-10f, SftWeight = 0 },
                    "pro, mask as released" => new Pro { LogEpsilon = 1e-10f, ReleasedMask = true },
                    "rrhf" => new Rrhf(),
                    _ => throw new InvalidDataException($"{file}: the variant '{name}' has no check here; add one."),
                };
            case "preference_reference_free.json":
                variant.AssertKnown(file, name, "type", "beta", "gamma", "nll_weight", "smoothing", "alpha");
                return variant.GetProperty("type").GetString() switch
                {
                    "orpo" => new Orpo { Beta = Number(variant, "beta", 0) },
                    "simpo" => new SimPo { Beta = Number(variant, "beta", 0), Gamma = Number(variant, "gamma", 0), CpoAlpha = Number(variant, "nll_weight", 0), LabelSmoothing = Number(variant, "smoothing", 0), Alpha = Number(variant, "alpha", 0) },
                    _ => new Cpo { LossType = Named<CpoLoss>(variant.GetProperty("type")), Beta = Number(variant, "beta", 0), CpoAlpha = Number(variant, "nll_weight", 0), LabelSmoothing = Number(variant, "smoothing", 0) },
                };
            default:
                throw new InvalidDataException($"{file} has no check here; add one.");
        }

        T Named<T>(JsonElement text)
        {
            try
            {
                return JsonSerializer.Deserialize<T>(text.GetRawText(), s_snake)!;
            }
            catch (JsonException)
            {
                throw new InvalidDataException($"{file}: the variant '{name}' is of the type {text}, which is not built; build it.");
            }
        }
    }

    // Log-probabilities, the batch, and the tokens whose gradients the case gives.
    private static (float[] LogProbs, CompletionBatch Batch, int[] Own) Inputs(string file, JsonElement one, Algorithm algorithm)
    {
        int[] offsets = one.Ints("offsets");
        float[] logProbs = one.Floats("logp"), reference = one.TryGetProperty("ref_logp", out _) ? one.Floats("ref_logp") : [];
        int completions = offsets.Length - 1;
        switch (file)
        {
            case "preference_kto.json":                     // each answer followed by another prompt's, whose tokens are one here
                return Kto(offsets, logProbs, reference, one.Booleans("desirable"), one.Floats("kl_policy_logp"), one.Floats("kl_ref_logp"));
            case "preference_lists.json":
                int[] own = [.. Enumerable.Range(0, logProbs.Length)];
                if (algorithm.ReadsPads) (logProbs, offsets, own) = Padded(logProbs, offsets, one.Floats("pad_logp"));
                return (logProbs, AlgorithmRun.Batch(offsets, reference, one.Floats("reward"), new float[completions], groupOffsets: [0, completions], bestOfGroup: [one.GetProperty("sft_index").GetInt32()]), own);
            default:
                int[] pairs = [.. Enumerable.Range(0, completions / 2 + 1).Select(g => 2 * g)];
                float[] squares = one.TryGetProperty("log_sum_sq_probs", out _) ? one.Floats("log_sum_sq_probs") : [];
                return (logProbs, AlgorithmRun.Batch(offsets, reference, new float[completions], new float[completions], groupOffsets: pairs, logSumSquares: squares), [.. Enumerable.Range(0, logProbs.Length)]);
        }
    }

    // A pad after each answer.
    private static (float[] LogProbs, int[] Offsets, int[] Own) Padded(float[] logProbs, int[] offsets, float[] pads) => (
        [.. pads.SelectMany((pad, i) => logProbs[offsets[i]..offsets[i + 1]].Append(pad))], [.. offsets.Select((offset, i) => offset + i)],
        [.. pads.SelectMany((_, i) => Enumerable.Range(offsets[i] + i, offsets[i + 1] - offsets[i]))]);

    private static (float[] LogProbs, CompletionBatch Batch, int[] Own) Kto(int[] offsets, float[] logProbs, float[] reference, bool[] desirable, float[] others, float[] othersReference)
    {
        List<float> all = [], allReference = [], advantages = [];
        List<int> ends = [0], own = [];
        for (int i = 0; i < desirable.Length; i++)
        {
            own.AddRange(Enumerable.Range(all.Count, offsets[i + 1] - offsets[i]));
            all.AddRange(logProbs[offsets[i]..offsets[i + 1]]);
            allReference.AddRange(reference[offsets[i]..offsets[i + 1]]);
            ends.Add(all.Count);
            all.Add(others[i]);
            allReference.Add(othersReference[i]);
            ends.Add(all.Count);
            advantages.AddRange([desirable[i] ? 1 : -1, 0]);
        }
        return ([.. all], AlgorithmRun.Batch([.. ends], [.. allReference], new float[advantages.Count], [.. advantages], groupOffsets: [.. Enumerable.Range(0, desirable.Length + 1).Select(g => 2 * g)]), [.. own]);
    }

    private static readonly JsonSerializerOptions s_snake = new() { Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) } };

    private static float Number(JsonElement variant, string property, float otherwise) => variant.TryGetProperty(property, out JsonElement value) ? (float)value.GetDouble() : otherwise;
}
