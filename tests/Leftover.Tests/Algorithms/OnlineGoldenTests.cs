using System.Text.Json;
using Leftover.Algorithms;
using Leftover.Batches;
using Leftover.Tensors;
using Leftover.Tensors.Memory;
using Leftover.Tests.Golden;
using static Leftover.Tests.LossGolden;

namespace Leftover.Tests.Algorithms;

/// <summary>PPO, RLOO and GRPO: rewards of tokens, advantages and controllers in double precision to 1e-9, losses and gradients in single precision to 2e-5.</summary>
[Trait("Category", "Golden")]
public class OnlineGoldenTests
{
    public static TheoryData<string> PpoCases => Names("ppo.json");

    public static TheoryData<string> Controllers => Names("ppo_controllers.json");

    public static TheoryData<string> GroupCases => Names("grpo_rloo.json");

    [GoldenTheory("losses/ppo.json")]
    [MemberData(nameof(PpoCases))]
    public void Ppo_shapes_rewards_and_judges_tokens_as_the_oracle_does(string name)
    {
        JsonElement one = Case("ppo.json", name), expected = one.GetProperty("expected"), gae = Read("ppo.json").GetProperty("gae");
        int[] offsets = one.Ints("offsets");
        double[] old = one.Doubles("old_logp"), reference = one.Doubles("ref_logp"), scores = one.Doubles("score"), values = one.Doubles("old_value");
        foreach (JsonProperty shaping in expected.GetProperty("shaping").EnumerateObject())
        {
            string[] parts = shaping.Name.Split(" coefficient=");
            double[] kl = [.. old.Zip(reference, (o, r) => TokenRewards.Kl(Enum.Parse<KlPenalty>(parts[0], ignoreCase: true), o, r))];
            AssertClose(shaping.Value.Doubles("kl"), kl, shaping.Name);
            AssertClose(shaping.Value.Doubles("reward"), TokenRewards.Of(kl, scores, offsets, double.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture)), shaping.Name);
        }
        double[] rewards = expected.GetProperty("shaping").GetProperty("k1 coefficient=0.2").Doubles("reward");
        foreach (JsonProperty advantages in expected.GetProperty("gae").EnumerateObject())
        {
            bool whitens = advantages.Name.StartsWith("whitened rewards", StringComparison.Ordinal);
            double[] constants = whitens ? [1, 0.95] : gae.Doubles(advantages.Name);
            (double[] own, double[] returns) = GeneralizedAdvantages.Of(whitens ? TokenRewards.Whiten(rewards, shift: false) : rewards, values, offsets, constants[0], constants[1]);
            AssertClose(advantages.Value.Doubles("advantage"), own, advantages.Name);
            AssertClose(advantages.Value.Doubles("return"), returns, advantages.Name);
            AssertClose(advantages.Value.Doubles("whitened"), TokenRewards.Whiten(own), advantages.Name);
            AssertClose(advantages.Value.Doubles("whitened biased"), TokenRewards.Whiten(own, unbiased: false), advantages.Name);
            AssertClose(advantages.Value.Doubles("whitened no shift"), TokenRewards.Whiten(own, shift: false), advantages.Name);
        }
    }

    [GoldenTheory("losses/ppo.json")]
    [MemberData(nameof(PpoCases))]
    public void Ppo_loses_what_the_oracle_loses(string name)
    {
        JsonElement one = Case("ppo.json", name), expected = one.GetProperty("expected"), judged = expected.GetProperty("gae").GetProperty("gamma=1 lambda=0.95");
        int[] offsets = one.Ints("offsets");
        CompletionBatch batch = AlgorithmRun.Batch(offsets, one.Floats("ref_logp"), one.Floats("score"), new float[offsets.Length - 1],
            rollout: new RolloutTokens { OldLogProbs = one.Floats("old_logp"), Advantages = judged.Floats("whitened"), Returns = judged.Floats("return"), OldValues = one.Floats("old_value") });
        var problems = new List<string>();
        foreach (JsonProperty variant in Read("ppo.json").GetProperty("loss").EnumerateObject())
        {
            JsonElement value = expected.GetProperty("loss").GetProperty(variant.Name);
            JsonElement clip = variant.Value.GetProperty("value_clip");
            var ppo = new Ppo { Cliprange = (float)variant.Value.GetProperty("clip").GetDouble(), CliprangeValue = clip.ValueKind == JsonValueKind.Null ? null : (float)clip.GetDouble(), VfCoef = (float)variant.Value.GetProperty("value_coefficient").GetDouble() };
            using var weights = new WeightSet();
            Weight logProbs = weights.Root.Vector("log_probs", offsets[^1]), values = weights.Root.Vector("values", offsets[^1]);
            weights.Allocate(trainable: true);
            one.Floats("logp").CopyTo(logProbs.Tensor.Data);
            one.Floats("value").CopyTo(values.Tensor.Data);
            using var arena = new Arena();
            using Tape tape = arena.Begin();
            Tensor loss = ppo.Loss(logProbs, values, batch);
            tape.Backward(loss);
            var figures = new FigureMeans();
            ppo.Measure(logProbs.Tensor.Data, values.Tensor.Data, batch, figures);

            double policy = value.GetProperty("policy_loss").GetDouble(), total = value.GetProperty("total").GetDouble();
            double rounding = value.Doubles("grad_logp").Zip(one.Doubles("logp"), one.Doubles("old_logp")).Sum(x => Math.Abs(x.First) * (Math.Abs(x.Second) + Math.Abs(x.Third) + 4)) * Math.Pow(2, -24);
            Compare32($"{variant.Name} policy loss", [policy], [ppo.Loss(logProbs, batch).Item()], problems, rounding);
            Compare32($"{variant.Name} total", [total], [loss.Item()], problems, rounding);
            Compare32($"{variant.Name} gradient", value.Doubles("grad_logp"), logProbs.Tensor.Gradient.ToArray(), problems);
            if (value.TryGetProperty("grad_value", out JsonElement gradient) && gradient.ValueKind == JsonValueKind.Array) Compare32($"{variant.Name} value gradient", gradient.Doubles(), values.Tensor.Gradient.ToArray(), problems, Math.Pow(2, -22) / offsets[^1]);
            Assert.Equal(value.GetProperty("clip_fraction").GetDouble(), figures.Means["policy/clipfrac_avg"], 12);
            Assert.Equal(value.GetProperty("approx_kl").GetDouble(), figures.Means["policy/approxkl_avg"], 6);
        }
        Assert.True(problems.Count == 0, string.Join('\n', problems));
    }

    [GoldenTheory("losses/ppo_controllers.json")]
    [MemberData(nameof(Controllers))]
    public void Controllers_and_running_moments_follow_the_oracle(string name)
    {
        JsonElement one = Case("ppo_controllers.json", name);
        if (one.TryGetProperty("kl", out JsonElement drifts))
        {
            double coefficient = one.GetProperty("start").GetDouble();
            List<double> coefficients = [];
            foreach ((double kl, int samples) in drifts.Doubles().Zip(one.Ints("samples")))
                coefficients.Add(coefficient = KlController.Next(coefficient, kl, one.GetProperty("target").GetDouble(), one.GetProperty("horizon").GetDouble(), samples));
            AssertClose(one.Doubles("expected"), coefficients, name);
            return;
        }
        var moments = new RunningMoments();
        foreach ((JsonElement batch, JsonElement expected) in one.GetProperty("batches").EnumerateArray().Zip(one.GetProperty("expected").EnumerateArray()))
        {
            moments = moments.With(batch.Doubles());
            AssertClose([expected.GetProperty("mean").GetDouble(), expected.GetProperty("std").GetDouble(), expected.GetProperty("count").GetDouble()], [moments.Mean, moments.Deviation, moments.Count], name);
        }
    }

    [GoldenTheory("losses/grpo_rloo.json")]
    [MemberData(nameof(GroupCases))]
    public void Group_advantages_are_those_of_the_oracle(string name)
    {
        JsonElement one = Case("grpo_rloo.json", name), advantages = one.GetProperty("expected").GetProperty("advantages");
        int generations = one.GetProperty("generations").GetInt32();
        double[] weights = one.Doubles("weights");
        double[][] rows = [.. one.GetProperty("rewards").EnumerateArray().Select(row => row.Doubles())], columns = [.. weights.Select((_, r) => rows.Select(row => row[r]).ToArray())];
        double[] scores = [.. rows.Select(row => row.Zip(weights, (r, w) => r * w).Sum())];
        foreach (JsonProperty expected in advantages.EnumerateObject())
        {
            double[] own = expected.Name switch
            {
                "grpo group" => GroupAdvantages.ToGroupMean(scores, generations, RewardScale.Group),
                "grpo batch" => GroupAdvantages.ToGroupMean(scores, generations, RewardScale.Batch),
                "dr_grpo (no scaling)" => GroupAdvantages.ToGroupMean(scores, generations, RewardScale.None),
                "normalize_then_sum" => GroupAdvantages.NormalizedThenSummed(columns, weights, generations),
                _ => Rloo(expected.Name),
            };
            AssertClose(expected.Value.Doubles(), own, expected.Name);
        }

        // RLOO's own judgement, from replies whose tokens have drifted by what the case says.
        double[] Rloo(string variant)
        {
            JsonElement options = Read("grpo_rloo.json").GetProperty("advantages").GetProperty(variant);
            options.AssertKnown("grpo_rloo.json", variant, "method", "beta", "normalise", "clip");
            if (options.GetProperty("method").GetString() != "rloo") throw new InvalidDataException($"grpo_rloo.json: the advantages '{variant}' have no check here; add one.");
            var rloo = new Rloo
            {
                Beta = options.TryGetProperty("beta", out JsonElement beta) ? beta.GetDouble() : 0,
                NormalizeAdvantages = options.TryGetProperty("normalise", out _),
                RewardClipRange = options.TryGetProperty("clip", out JsonElement clip) ? clip.Doubles() : null,
            };
            double[] kl = one.Doubles("sequence_kl");
            double[] judged = rloo.Judge(new Rollouts { Offsets = [.. Enumerable.Range(0, kl.Length + 1)], Generations = generations, Scores = scores, OldLogProbs = [.. kl.Select(x => (float)x)], ReferenceLogProbs = new float[kl.Length] }, new Dictionary<string, double>()).Advantages;
            if (rloo.Beta == 0) return judged;
            // The drift came in single precision: so much the advantages may be off, and no more.
            double[] wanted = advantages.GetProperty(variant).Doubles();
            for (int i = 0; i < judged.Length; i++) Assert.Equal(wanted[i], judged[i], 4 * Math.Pow(2, -24) * rloo.Beta * kl.Max(Math.Abs));
            return wanted;
        }
    }

    [GoldenTheory("losses/grpo_rloo.json")]
    [MemberData(nameof(GroupCases))]
    public void Grpo_and_rloo_lose_what_the_oracle_loses(string name)
    {
        JsonElement one = Case("grpo_rloo.json", name), expected = one.GetProperty("expected"), variants = Read("grpo_rloo.json").GetProperty("losses");
        int[] offsets = one.Ints("offsets");
        var rollout = new RolloutTokens { OldLogProbs = one.Floats("old_logp") };
        CompletionBatch BatchOf(string advantages) => AlgorithmRun.Batch(offsets, one.Floats("ref_logp"), new float[offsets.Length - 1], expected.GetProperty("advantages").Floats(advantages), rollout: rollout);
        var problems = new List<string>();
        foreach (JsonProperty variant in expected.GetProperty("losses").EnumerateObject())
        {
            Grpo grpo = GrpoOf(variant.Name, variants.GetProperty(variant.Name));
            CompletionBatch batch = BatchOf("grpo group");
            AlgorithmRun run = AlgorithmRun.Of(grpo, one.Floats("logp"), batch);
            double rounding = Rounding(variant.Value.Doubles("grad_logp"), one) + expected.GetProperty("advantages").GetProperty("grpo group").Doubles().Max(Math.Abs) * Math.Pow(2, -23);
            Compare32($"{variant.Name} loss", [variant.Value.GetProperty("loss").GetDouble()], [run.Loss], problems, grpo.LossType == GrpoLoss.Luspo ? 10 * rounding : rounding);
            Compare32($"{variant.Name} gradient", variant.Value.Doubles("grad_logp"), run.Gradient, problems);
        }
        foreach (JsonProperty variant in expected.GetProperty("rloo").EnumerateObject())
        {
            if (!variant.Name.StartsWith("clip ", StringComparison.Ordinal) || !float.TryParse(variant.Name[5..], System.Globalization.CultureInfo.InvariantCulture, out float clip))
                throw new InvalidDataException($"grpo_rloo.json: the variant '{variant.Name}' of rloo has no check here; add one.");
            AlgorithmRun own = AlgorithmRun.Of(new Rloo { Epsilon = clip }, one.Floats("logp"), BatchOf("rloo"));
            double rounding = Rounding(variant.Value.Doubles("grad_logp"), one);
            Compare32($"rloo {variant.Name} loss", [variant.Value.GetProperty("loss").GetDouble()], [own.Loss], problems, rounding);
            Compare32($"rloo {variant.Name} losses", variant.Value.Doubles("sequence_loss"), own.Losses, problems, rounding * own.Losses.Length);
            Compare32($"rloo {variant.Name} gradient", variant.Value.Doubles("grad_logp"), own.Gradient, problems);
        }
        Assert.True(problems.Count == 0, string.Join('\n', problems));
    }

    private static double Rounding(double[] gradient, JsonElement one) =>
        gradient.Zip(one.Doubles("logp"), one.Doubles("old_logp")).Sum(x => Math.Abs(x.First) * (Math.Abs(x.Second) + Math.Abs(x.Third))) * Math.Pow(2, -24);

    private static Grpo GrpoOf(string name, JsonElement variant)
    {
        variant.AssertKnown("grpo_rloo.json", name, "type", "beta", "low", "high", "level", "delta", "bias_correction", "off_policy_threshold", "max_completion_length", "positive_temperature", "negative_temperature", "k_pos", "lambda_pos", "k_neg", "lambda_neg");
        if (!Enum.TryParse(variant.GetProperty("type").GetString()!.Replace("_", "", StringComparison.Ordinal), ignoreCase: true, out GrpoLoss type))
            throw new InvalidDataException($"grpo_rloo.json: the variant '{name}' is of the type {variant.GetProperty("type")}, which is not built; build it.");
        float Number(string property, float otherwise) => variant.TryGetProperty(property, out JsonElement value) ? (float)value.GetDouble() : otherwise;
        return new Grpo
        {
            LossType = type,
            Beta = (float)variant.GetProperty("beta").GetDouble(),
            Epsilon = (float)variant.GetProperty("low").GetDouble(),
            EpsilonHigh = (float)variant.GetProperty("high").GetDouble(),
            Delta = variant.TryGetProperty("delta", out JsonElement delta) ? (float)delta.GetDouble() : null,
            ImportanceSamplingLevel = variant.GetProperty("level").GetString() == "sequence" ? RatioLevel.Sequence : RatioLevel.Token,
            UseBiasCorrectionKl = variant.TryGetProperty("bias_correction", out JsonElement corrected) && corrected.GetBoolean(),
            OffPolicyMaskThreshold = variant.TryGetProperty("off_policy_threshold", out JsonElement threshold) ? (float)threshold.GetDouble() : null,
            SapoTemperaturePos = Number("positive_temperature", 1),
            SapoTemperatureNeg = Number("negative_temperature", 1.05f),
            VespoKPos = Number("k_pos", 2),
            VespoLambdaPos = Number("lambda_pos", 3),
            VespoKNeg = Number("k_neg", 3),
            VespoLambdaNeg = Number("lambda_neg", 2),
            MaxCompletionLength = variant.TryGetProperty("max_completion_length", out JsonElement length) ? length.GetInt32() : 256,
        };
    }
}
