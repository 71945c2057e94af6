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
    // What is known and not built, each with its reason; a variant that is neither here nor built fails.
    private static readonly Dictionary<string, string> s_notBuilt = new(StringComparer.Ordinal)
    {
        ["aot"] = "sorts over the batch",
        ["aot_unpaired"] = "sorts over the batch",
        ["aot smoothing=0.1"] = "sorts over the batch",
        ["aot smoothing=0.125"] = "sorts over the batch",
        ["aot_unpaired smoothing=0.1"] = "sorts over the batch",
        ["aot_unpaired smoothing=0.125"] = "sorts over the batch",
        ["sft"] = "is nll",
        ["sigmoid + sft"] = "is a mixture of objectives",
        ["sigmoid weighted (WPO)"] = "needs the sum of squared probabilities of each token",
        ["pro, mask as released"] = "is the authors' mistake",
        ["pro"] = "has 1e-10 in its logarithm; `pro eps=0` is ours",
        ["apo_zero_unpaired"] = "is KTO without its drift",
    };

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
            if (s_notBuilt.ContainsKey(expected.Name)) continue;
            if (!IsBestFirst(one) && expected.Name is "rrhf" or "pro eps=0" or "pro") continue;         // a list's first answer is its best here, and that is what is learned
            built++;
            JsonElement variant = whole.TryGetProperty("variants", out JsonElement variants) ? variants.GetProperty(expected.Name) : default;
            Algorithm algorithm = AlgorithmOf(file, expected.Name, variant);
            (float[] logProbs, CompletionBatch batch) = Inputs(file, one);
            AlgorithmRun run = AlgorithmRun.Of(algorithm, logProbs, batch);
            JsonElement value = expected.Value;
            double[] gradient = value.Doubles("grad_logp");
            double rounding = RoundingOf(gradient, one);
            double loss = value.TryGetProperty("total", out JsonElement total) ? total.GetDouble() : value.GetProperty("mean").GetDouble();
            Compare32($"{expected.Name} loss", [loss], [run.Loss], problems, rounding);
            if (value.TryGetProperty("loss", out JsonElement losses)) Compare32($"{expected.Name} losses", losses.Doubles(), run.Losses, problems, rounding * batch.Groups);
            int[] own = [.. Enumerable.Range(0, logProbs.Length).Where(t => !IsOthers(t))], other = [.. Enumerable.Range(0, logProbs.Length).Where(IsOthers)];
            // Its two terms are β/4 each and may cancel; what is left holds little but their rounding.
            double cancelling = algorithm is Dpo { LossType: DpoLoss.ApoDown } ? Relative32 * 0.1 / 4 / batch.Groups : 0;
            Compare32($"{expected.Name} gradient", gradient, [.. own.Select(t => run.Gradient[t])], problems, cancelling);
            Assert.All(other, t => Assert.Equal(0, run.Gradient[t]));                         // they only measure

            // KTO's other prompts' answers are every second completion.
            bool IsOthers(int token) => file == "preference_kto.json" && Array.FindLastIndex(batch.Offsets, offset => offset <= token) % 2 == 1;
        }
        Assert.True(problems.Count == 0, string.Join('\n', problems));
        Assert.True(built > 0);
    }

    private static bool IsBestFirst(JsonElement one) =>
        !one.TryGetProperty("sft_index", out JsonElement best) || (best.GetInt32() == 0 && one.Doubles("reward")[0] == one.Doubles("reward").Max());

    private static double RoundingOf(double[] gradient, JsonElement one)
    {
        double[] logProbs = one.Doubles("logp"), reference = one.TryGetProperty("ref_logp", out JsonElement values) ? values.Doubles() : new double[logProbs.Length];
        return gradient.Select((g, t) => Math.Abs(g) * (Math.Abs(logProbs[t]) + Math.Abs(reference[t]))).Sum() * Math.Pow(2, -24);
    }

    private static Algorithm AlgorithmOf(string file, string name, JsonElement variant) => file switch
    {
        "preference_dpo.json" => new Dpo
        {
            LossType = JsonSerializer.Deserialize<DpoLoss>($"\"{variant.GetProperty("type").GetString()}\"", s_snake),
            Beta = Number(variant, "beta", 0),
            LabelSmoothing = Number(variant, "smoothing", 0),
            LdAlpha = Number(variant, "ld_alpha", 1),
            AlphaDivergenceCoef = Number(variant, "alpha", 1),
            ReferenceFree = variant.TryGetProperty("reference_free", out _),
            Divergence = variant.TryGetProperty("divergence", out JsonElement divergence) ? JsonSerializer.Deserialize<PairDivergence>(divergence.GetRawText(), s_snake) : PairDivergence.ReverseKl,
        },
        "preference_kto.json" => new Kto { Beta = Number(variant, "beta", 0), DesirableWeight = Number(variant, "desirable_weight", 0), UndesirableWeight = Number(variant, "undesirable_weight", 0) },
        "preference_margin.json" => new Slic { Margin = Number(variant, "margin", 0), AverageLogProb = variant.GetProperty("score").GetString() == "mean", NllWeight = 0 },
        "preference_lists.json" => name switch
        {
            "pro eps=0" => new Pro(),
            "pro no sft" => new Pro { SftWeight = 0 },
            "rrhf" => new Rrhf(),
            _ => throw new InvalidDataException($"{file}: the variant '{name}' has no check here; add one."),
        },
        _ => variant.GetProperty("type").GetString() switch
        {
            "orpo" => new Orpo { Beta = Number(variant, "beta", 0) },
            "simpo" => new SimPo { Beta = Number(variant, "beta", 0), Gamma = Number(variant, "gamma", 0), CpoAlpha = Number(variant, "nll_weight", 0), LabelSmoothing = Number(variant, "smoothing", 0), Alpha = Number(variant, "alpha", 0) },
            string type => new Cpo { LossType = JsonSerializer.Deserialize<CpoLoss>($"\"{type}\"", s_snake), Beta = Number(variant, "beta", 0), CpoAlpha = Number(variant, "nll_weight", 0), LabelSmoothing = Number(variant, "smoothing", 0) },
            _ => throw new InvalidDataException($"{file}: the variant '{name}' has no check here; add one."),
        },
    };

    private static (float[] LogProbs, CompletionBatch Batch) Inputs(string file, JsonElement one)
    {
        int[] offsets = one.Ints("offsets");
        float[] logProbs = one.Floats("logp"), reference = one.TryGetProperty("ref_logp", out _) ? one.Floats("ref_logp") : [];
        int completions = offsets.Length - 1;
        switch (file)
        {
            case "preference_kto.json":                     // each answer followed by another prompt's, whose tokens are one here
                bool[] desirable = one.Booleans("desirable");
                return Kto(offsets, logProbs, reference, desirable, one.Floats("kl_policy_logp"), one.Floats("kl_ref_logp"));
            case "preference_lists.json":
                return (logProbs, AlgorithmRun.Batch(offsets, reference, one.Floats("reward"), new float[completions], groupOffsets: [0, completions]));
            default:
                return (logProbs, AlgorithmRun.Batch(offsets, reference, new float[completions], new float[completions], groupOffsets: [.. Enumerable.Range(0, completions / 2 + 1).Select(g => 2 * g)]));
        }
    }

    // The others' tokens stand at the end of the list of gradients: after all answers here, after each in the batch.
    private static (float[] LogProbs, CompletionBatch Batch) Kto(int[] offsets, float[] logProbs, float[] reference, bool[] desirable, float[] others, float[] othersReference)
    {
        List<float> all = [], allReference = [], advantages = [];
        List<int> ends = [0];
        for (int i = 0; i < desirable.Length; i++)
        {
            all.AddRange(logProbs[offsets[i]..offsets[i + 1]]);
            allReference.AddRange(reference[offsets[i]..offsets[i + 1]]);
            ends.Add(all.Count);
            all.Add(others[i]);
            allReference.Add(othersReference[i]);
            ends.Add(all.Count);
            advantages.AddRange([desirable[i] ? 1 : -1, 0]);
        }
        return ([.. all], AlgorithmRun.Batch([.. ends], [.. allReference], new float[advantages.Count], [.. advantages], groupOffsets: [.. Enumerable.Range(0, desirable.Length + 1).Select(g => 2 * g)]));
    }

    private static readonly JsonSerializerOptions s_snake = new() { Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) } };

    private static float Number(JsonElement variant, string property, float otherwise) => variant.TryGetProperty(property, out JsonElement value) ? (float)value.GetDouble() : otherwise;
}
