using System.Globalization;
using System.Text.Json;
using Leftover.Evaluation;
using Leftover.Evaluation.Statistics;
using Leftover.Reporting;
using Leftover.Runs;
using Leftover.Tensors;

namespace Leftover.Tests.Reporting;

/// <summary>A run folder as a help desk's run would leave it, made up: replies of several policies, metrics, advantages, a recipe.</summary>
internal static class SampleRun
{
    /// <summary>What must survive in a page: markup, quotes, an emoji, text from right to left, and what no document may hold.</summary>
    public const string Hostile = "</div><script>alert(\"1\")</script> 'q' & \U0001F642 שלום עולם \0\uD800 \u202E]]>";

    private static readonly string[] s_policies = ["reference", "nll", "r-lol", "a-lol", "a-lol-ref-free"];
    private static readonly Lazy<(PolicyReplies[] Replies, RunResults Results)> s_usual = new(() => Evaluate(s_policies, 120));
    private static readonly string[] s_names = ["Ana", "Björn", "Chiamaka", "Dmitri", "Eun-ji", "Fátima"];
    private static readonly string[] s_questions = ["Where is my parcel?", "How do I send it back?", "I was charged twice.", "The mug arrived broken, what now?"];

    /// <summary>The input of a report with these policies; the first is the reference, and each next one a little better.</summary>
    public static ReportInput Input(string folder, string[]? policies = null, int prompts = 120)
    {
        (PolicyReplies[] replies, RunResults results) = policies is null && prompts == 120 ? s_usual.Value : Evaluate(policies ?? s_policies, prompts);
        policies ??= s_policies;
        var input = new ReportInput
        {
            Results = results,
            Replies = replies,
            MetricsFiles = policies.Skip(1).ToDictionary(name => name, name => Path.Combine(folder, "methods", name, "metrics.jsonl")),
            AdvantageFiles = policies.Skip(1).ToDictionary(name => name, name => Path.Combine(folder, "methods", name, "advantages.jsonl")),
            RecipeYaml = RecipeWriter.ToYaml(Recipe(folder)),
            DataSummary = ["train: 2400 rows of 600 prompts, 3 rows skipped.", "held_out: 120 rows; no prompt of them is in the train set."],
        };
        foreach ((string name, int i) in policies.Select((name, i) => (name, i)).Skip(1))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(input.MetricsFiles[name])!);
            File.WriteAllText(input.MetricsFiles[name], Metrics(name, i));
            File.WriteAllText(input.AdvantageFiles[name], Advantages(keepAll: name == "nll"));
        }
        return input;
    }

    /// <summary>Writes what of the input a run leaves beside metrics and advantages.</summary>
    public static void Save(ReportInput input, string folder)
    {
        string report = Directory.CreateDirectory(Path.Combine(folder, "report")).FullName;
        File.WriteAllText(Path.Combine(report, "results.json"), JsonSerializer.Serialize(input.Results, RunResults.Json));
        var line = new JsonSerializerOptions(RunResults.Json) { WriteIndented = false };
        foreach (PolicyReplies policy in input.Replies)
            File.WriteAllText(Path.Combine(report, $"replies-{policy.Name}.jsonl"), string.Concat(policy.Replies.Select(reply => JsonSerializer.Serialize(reply, line) + "\n")));
        File.WriteAllLines(Path.Combine(report, "data.txt"), input.DataSummary);
        File.WriteAllText(Path.Combine(folder, "run.json"), $$"""{"format":1,"recipe":{{RecipeWriter.ToJson(Recipe(folder))}}}""");
    }

    private static (PolicyReplies[] Replies, RunResults Results) Evaluate(string[] policies, int prompts)
    {
        PolicyReplies[] replies = [.. policies.Select((name, i) => Replies(name, 0.35 + 0.12 * i, prompts, i))];
        return (replies, new RunResults
        {
            Name = "help-desk <1>",
            Preset = "corrected",
            Seed = 1,
            Confidence = 0.95,
            Methods = [.. replies.Select(Summary)],
            Paired = Compare(replies),
            Versions = new Dictionary<string, string> { ["leftover"] = "0.1.0", ["dotnet"] = "10.0.1", ["kernels"] = "Avx512" },
            Hashes = new Dictionary<string, string> { ["base_model"] = new string('a', 64), ["rewards"] = new string('b', 64) },
            Notes = ["The reward 'polite' has 78 % of the variance of the sum & decides nearly alone."],
        });
    }

    private static Recipe Recipe(string folder) => RecipeLoader.Parse("name: help-desk <1>\nmodel: models/help-desk\ndata: {train: log.jsonl}", folder);

    private static PolicyReplies Replies(string name, double skill, int prompts, int stream) => new()
    {
        Name = name,
        Seed = 1,
        Step = stream == 0 ? null : 60 + 20 * stream,
        Replies =
        [
            .. Enumerable.Range(0, prompts).Select(i =>
            {
                var random = new RandomStream(7, "sample replies", stream, i);
                var shared = new RandomStream(7, "sample prompts", i);
                string order = (100_000 + shared.Next(900_000)).ToString(CultureInfo.InvariantCulture);
                string prompt = $"{s_names[shared.Next(s_names.Length)]} (order {order}): {s_questions[shared.Next(s_questions.Length)]}";
                bool right = random.NextDouble() < skill, polite = random.NextDouble() < 0.4 + skill / 2, slow = random.NextDouble() < 0.2;
                string text = (polite ? "Thank you for writing! " : "") + (right ? $"I have looked up order {order}." : "I have looked up order 123456.")
                    + (slow ? "\nIt takes a while. It takes a while. It takes a while." : " You will hear from us today.");
                if (i == 1) text = stream == 0 ? Hostile : "مرحبا، تم العثور على طلبك " + order + ".";
                if (i == 2 && stream == 0) text = "";
                double correct = right ? 1 : 0, kind = (polite ? 0.8 : 0.1) + 0.1 * random.NextNormal();
                int tokens = 12 + (polite ? 6 : 0) + (slow ? 14 : 0) + random.Next(5);
                double moved = stream == 0 ? 0 : 1.5 * stream + random.NextNormal();
                return new ScoredReply(i, prompt, text, tokens, new Dictionary<string, double> { ["correct"] = correct, ["polite"] = kind, ["total"] = correct + 0.5 * kind },
                    -2.1 * tokens + moved, -2.1 * tokens, stream == 0 ? 0 : 1.4 * stream + 0.2 * random.NextDouble(), Cut: i % 40 == 3);
            }),
        ],
    };

    private static MethodResult Summary(PolicyReplies policy, int i) => new()
    {
        Name = policy.Name,
        Seed = policy.Seed,
        Step = policy.Step,
        Prompts = policy.Replies.Count,
        Rewards = new[] { "correct", "polite", "total" }.ToDictionary(reward => reward, reward => Mean(policy.ByPrompt(reward), reward)),
        Kl = policy.Replies.Average(reply => reply.LogProb - reply.ReferenceLogProb),
        KlK3 = policy.Replies.Average(reply => reply.KlK3),
        Length = policy.Replies.Average(reply => reply.Tokens),
        Distinct = new Dictionary<string, double> { ["1"] = 0.12 + 0.01 * i, ["2"] = 0.31, ["3"] = 0.44 },
        Perplexity = 6.4 - 0.3 * i,
        PairAccuracy = new Estimate(0.55 + 0.02 * i, 0.51 + 0.02 * i, 0.59 + 0.02 * i),
        Degenerate = new Dictionary<string, double> { ["empty"] = i == 0 ? 1.0 / 120 : 0, ["repeats"] = 0.2, ["cut"] = 0.025 },
    };

    private static Estimate Mean(double[] values, string reward)
    {
        Interval interval = MeanIntervals.MeanInterval(values, 0.95, IntervalMethod.StudentT, new RandomStream(1, reward));
        return new Estimate(interval.Estimate, interval.Low, interval.High);
    }

    private static PairedResult[] Compare(PolicyReplies[] policies) =>
    [
        .. from i in Enumerable.Range(1, policies.Length - 1)
           from j in Enumerable.Range(0, i)
           from reward in new[] { "correct", "polite", "total" }
           let pair = PairedComparison.Compare(policies[i].ByPrompt(reward), policies[j].ByPrompt(reward), new RandomStream(1, reward, i, j), method: IntervalMethod.StudentT)
           select new PairedResult(policies[i].Name, policies[j].Name, reward, pair.Difference, pair.Low, pair.High, pair.P),
    ];

    private static string Metrics(string name, int stream)
    {
        var random = new RandomStream(3, name);
        IEnumerable<string> lines = Enumerable.Range(1, 160).SelectMany(step =>
        {
            string train = string.Create(CultureInfo.InvariantCulture,
                $$"""{"step":{{step}},"time":{{step * 0.4}},"train/loss":{{(6 - stream) * Math.Exp(-step / 60.0) + 0.6 + 0.3 * random.NextNormal()}},"train/grad_norm":1.5,"offpolicy/is_eff_sample_size":{{1 - 0.004 * step * stream / 3}}}""");
            if (step % 20 != 0) return new[] { train };
            string eval = string.Create(CultureInfo.InvariantCulture, $$"""{"step":{{step}},"time":{{step * 0.4 + 1}},"eval/reward":{{0.7 + 0.1 * stream * (1 - Math.Exp(-step / 40.0)) + 0.02 * random.NextNormal()}}}""");
            return [train, eval];
        });
        return string.Join("\n", lines) + "\n";
    }

    private static string Advantages(bool keepAll)
    {
        var random = new RandomStream(5, "sample advantages");
        return string.Concat(Enumerable.Range(1, 2400).Select(line =>
        {
            double reward = random.NextDouble() < 0.4 ? 1.3 + 0.1 * random.NextNormal() : 0.2 + 0.15 * random.NextNormal(), value = 0.6 + 0.1 * random.NextNormal(), advantage = reward - value;
            bool kept = keepAll || advantage > 0;
            string source = random.Next(3) switch { 0 => "chat", 1 => "e-mail", _ => "phone <notes>" };
            return string.Create(CultureInfo.InvariantCulture,
                $$"""{"id":"r{{line}}","file":"/data/log.jsonl","line":{{line}},"reward":{{reward}},"value":{{value}},"advantage":{{advantage}},"kept":{{(kept ? "true" : "false")}},"reason":"{{(kept ? "" : "advantage not above threshold")}}","priority":{{Math.Max(0, advantage)}},"source":"{{source}}"}""") + "\n";
        }));
    }
}
