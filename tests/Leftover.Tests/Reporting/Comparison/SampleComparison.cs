using Leftover.Evaluation;
using Leftover.Evaluation.Comparison;
using Leftover.Reporting;
using Leftover.Reporting.Comparison;
using Leftover.Tensors;

namespace Leftover.Tests.Reporting.Comparison;

/// <summary>A comparison as a help desk's would be, made up: methods that differ in skill, seeds that differ a little, prompts that differ in difficulty.</summary>
internal static class SampleComparison
{
    private static readonly string[] s_names = ["Ana", "Björn", "Chiamaka", "Dmitri", "Eun-ji", "Fátima"];
    private static readonly string[] s_matters = ["delivery", "refund", "address", "invoice", "return", "password"];

    /// <summary>Each method with its skill in [0, 1], the nats it moves, and how much of its skill bad completions take.</summary>
    public static readonly (string Name, double Skill, double Kl, double Frail)[] Methods =
    [
        ("reference", 0.35, 0, 0.3), ("nll", 0.4, 0.6, 0.35), ("wbc", 0.47, 1.1, 0.3), ("r-gold", 0.5, 1.4, 0.3), ("r-lol", 0.53, 1.9, 0.28), ("a-lol", 0.66, 2.4, 0.12), ("a-lol-ref-free", 0.64, 2.6, 0.14),
        ("a-lol-seq", 0.65, 2.5, 0.1), ("a-lol-kl", 0.55, 3.4, 0.2), ("dpo", 0.6, 5.1, 0.4), ("kto", 0.5, 3.1, 0.33), ("pro", 0.52, 2.9, 0.36), ("ppo", 0.63, 6.2, 0.15), ("rloo", 0.6, 4.4, 0.15), ("grpo", 0.61, 4.8, 0.15),
    ];

    /// <summary>The cells of all methods.</summary>
    public static ComparedCell[] Cells(int methods = 15, int seeds = 3, int prompts = 40, int samples = 1, params double[] noise) =>
        [.. from level in noise.Prepend(0) from method in Enumerable.Range(0, methods) from seed in Enumerable.Range(1, seeds) select Cell(method, seed, prompts, samples, level)];

    /// <summary>One cell.</summary>
    public static ComparedCell Cell(int method, long seed, int prompts, int samples = 1, double noise = 0)
    {
        (string name, double skill, double kl, double frail) = Methods[method];
        skill = Math.Max(0.05, skill - frail * noise + 0.02 * new RandomStream(seed, "sample seed", method).NextNormal());
        ScoredReply[] replies = [.. from prompt in Enumerable.Range(0, prompts) from sample in Enumerable.Range(0, samples) select Reply(method, seed, prompt, sample, skill, kl, noise)];
        int steps = method == 0 ? 0 : 300 + 10 * method;
        return new ComparedCell
        {
            Key = $"{name} {seed} {noise}",
            Method = name,
            Seed = seed,
            Noise = noise,
            Steps = steps,
            Step = method == 0 ? null : steps / 5 * 4,
            Tokens = method == 0 ? 0 : 199_000 + 100 * method,
            Operations = method == 0 ? 0 : (method > 11 ? 4 : 1) * 6.1e11,
            Curve = method == 0 ? [] : [.. Enumerable.Range(0, 6).Select(i => new CurvePoint(i * steps / 5, i * 40_000, 1.1 + 2 * (skill - 0.35) * (1 - Math.Exp(-i / 1.5)) + 0.03 * new RandomStream(seed, "sample curve", method, i).NextNormal()))],
            Perplexity = 3.2 + kl / 3,
            Replies = replies,
        };
    }

    /// <summary>All that a report is made of.</summary>
    public static CompareInput Input(IReadOnlyList<ComparedCell> cells, IReadOnlyList<FailedCell>? failed = null)
    {
        var builder = new CompareBuilder(cells, 0.95, 1, ["distinct"]);
        CompareResults compared = builder.Build(new RunResults
        {
            Name = "Help desk, made up",
            Preset = "corrected",
            Seed = 1,
            Confidence = 0.95,
            Methods = [],
            Paired = [],
            HoldOutRewards = ["distinct"],
            Versions = new Dictionary<string, string> { ["leftover"] = "0.1.0", ["dotnet"] = "10.0.1" },
            Hashes = new Dictionary<string, string> { ["base_model"] = new string('a', 16), ["rewards"] = new string('b', 16) },
            Notes = ["Values are those of the head."],
        }, "200,000 input tokens of training each", "a-lol");
        compared = compared with { Failed = failed ?? [] };
        return new CompareInput
        {
            Compared = compared,
            Cells = cells,
            Run = new ReportInput { Results = compared.Results, Replies = builder.Replies(), RecipeYaml = "name: Help desk, made up\n", DataSummary = ["train: 5100 completions of 1700 prompts"], SamplePrompts = 40 },
        };
    }

    private static ScoredReply Reply(int method, long seed, int prompt, int sample, double skill, double kl, double noise)
    {
        var shared = new RandomStream(7, "sample prompts", prompt);
        var random = new RandomStream(seed, "sample replies", method, prompt, sample, (long)(100 * noise));
        int number = 100 + shared.Next(900);
        string name = s_names[shared.Next(s_names.Length)], matter = s_matters[shared.Next(s_matters.Length)];
        double ease = shared.NextDouble() * 0.4 - 0.2;
        bool right = random.NextDouble() < skill + ease, topic = random.NextDouble() < skill + ease + 0.2, polite = random.NextDouble() < 0.3 + skill;
        string text = $"{(polite ? $"Dear {name}, thanks for your message: " : $"{name}, ")}{(topic ? $"the {matter} of" : "about")} order {(right ? number : 100 + random.Next(900))} is on its way.";
        if (prompt == 3 && method == 1) text = SampleRun.Hostile;
        var rewards = new Dictionary<string, double> { ["right_number"] = right ? 1 : 0, ["on_topic"] = topic ? 1 : 0, ["polite"] = polite ? 0.5 : 0.05 * random.NextNormal(), ["distinct"] = 0.9 + 0.05 * random.NextNormal() };
        rewards["total"] = rewards["right_number"] + rewards["on_topic"] + rewards["polite"];
        int tokens = 12 + text.Length / 5;
        double moved = method == 0 ? 0 : kl + random.NextNormal();
        return new ScoredReply(prompt, $"{name} here. What about the {matter} of order {number}?", text, tokens, rewards, -1.4 * tokens + moved, -1.4 * tokens, method == 0 ? 0 : kl * (0.8 + 0.4 * random.NextDouble()), Cut: prompt % 30 == 29);
    }
}
