using System.Globalization;
using Leftover.Algorithms;
using Leftover.Batches;
using Leftover.Benchmarks.Peers;
using Leftover.Models;
using Leftover.Tensors;
using Leftover.Tensors.Kernels;
using Leftover.Tensors.Optimizers;
using Leftover.Training;

namespace Leftover.Benchmarks;

/// <summary>Memory as the system counts it, in processes of their own: SmolLM2's full fine-tuning at its peak, and whether a long training grows.</summary>
/// <remarks>
/// The floor of full fine-tuning is weights, gradients and two moments in fp32. <c>--tokens 2048</c> of a batch; <c>key=value</c> for the recipe
/// is measured beside the plain one, for example <c>training.gradient_checkpointing=true</c>.
/// </remarks>
internal static class MemoryBenchmark
{
    private const int Steps = 2, EarlyStep = 50, LateStep = 500;                   // the arena has its whole size in the second step
    private const double Mebibyte = 1 << 20;

    public static int Run(string[] args)
    {
        var options = BenchmarkOptions.Parse(args, rounds: 1, ["--tokens", "--child"]);
        switch (options["--child"])
        {
            case "full": return FineTune(options);
            case "long": return TrainLong();
        }
        if (!OperatingSystem.IsLinux()) throw new PlatformNotSupportedException("Peak memory is read from /proc, which Linux alone has.");

        int tokens = options.Number("--tokens", 2048);
        List<BenchmarkLine> lines = [FullLine("", tokens, Child(options, "full", tokens))];
        string[] changes = [.. options.Recipe.Select(change => $"{change.Key}={change.Value}")];
        if (changes.Length > 0) lines.Add(FullLine(", " + string.Join(", ", changes), tokens, Child(options, "full", tokens, changes)));
        double[] sizes = Child(options, "long", tokens);
        lines.Add(BenchmarkLine.Counted($"4 layers, width 128: growth from step {EarlyStep} to step {LateStep}", "MiB", false, (sizes[1] - sizes[0]) / Mebibyte, note: $"{sizes[0] / Mebibyte:F1} MiB, then {sizes[1] / Mebibyte:F1}"));
        return options.Show(BenchmarkResult.Now("memory", lines));
    }

    private static BenchmarkLine FullLine(string change, int tokens, double[] child) =>
        BenchmarkLine.Counted($"SmolLM2-135M, full fine-tuning, fp32, {tokens} tokens a batch{change}: peak", "MiB", false, child[0] / Mebibyte, child[1] / Mebibyte,
            $"{child[2]:F0} input tokens packed; the floor is weights, gradients and two moments");

    private static double[] Child(BenchmarkOptions options, string what, int tokens, params string[] changes)
    {
        string program = Environment.ProcessPath!;
        string[] self = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [Environment.GetCommandLineArgs()[0]] : [];
        string output = ChildProcess.Run(program, Directory.GetCurrentDirectory(), null,
            [.. self, "memory", "--child", what, "--tokens", $"{tokens}", "--threads", $"{ThreadTeam.Shared.Size}", "--shared", options.Shared, .. changes]);
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1].Split(' ').Select(number => double.Parse(number, CultureInfo.InvariantCulture))];
    }

    private static int FineTune(BenchmarkOptions options)
    {
        using var helpful = new HelpfulSteps(options);
        IReadOnlyList<TrainingRow> rows = helpful.RowsOfTokens(options.Number("--tokens", 2048));
        using var trainer = new Trainer(helpful.Policy, new ALoL(), Pipeline.TrainingStage.SettingsOf(helpful.Training, Steps), _ => rows);
        foreach (StepReport report in trainer.Steps(1, Steps)) _ = report;
        double weights = helpful.Policy.Weights.Weights.Sum(weight => (double)weight.Rows * weight.Columns);
        Tell(Status("VmHWM"), 4 * sizeof(float) * weights, BatchPacker.Pack(rows).Tokens.Length);
        return 0;
    }

    private static int TrainLong()
    {
        using LanguageModel policy = LanguageModel.Create(new Gpt2Config { VocabularySize = 1000, ContextLength = 256, Width = 128, Layers = 4, Heads = 4, InnerWidth = 512, TiedHead = true }, seed: 1);
        TrainingRow[] Rows(int step)
        {
            var random = new RandomStream(step, "rows");
            int[] Ids(int most) => [.. Enumerable.Range(0, 1 + random.Next(most)).Select(_ => random.Next(1000))];
            return [.. Enumerable.Range(0, 8).Select(i => new TrainingRow(i, Ids(60), Ids(60)))];
        }

        using var trainer = new Trainer(policy, new NegativeLogLikelihood(), new TrainerSettings { Optimizer = new AdamWOptions(), LearningRate = _ => 1e-4f }, Rows);
        double early = 0;
        foreach (StepReport report in trainer.Steps(1, LateStep))
            if (report.Step == EarlyStep) early = Status("VmRSS");
        Tell(early, Status("VmRSS"));
        return 0;
    }

    private static void Tell(params double[] numbers) => Console.WriteLine(string.Join(' ', numbers.Select(number => number.ToString(CultureInfo.InvariantCulture))));

    // In bytes; the file has kibibytes.
    private static double Status(string name) =>
        1024 * double.Parse(File.ReadLines("/proc/self/status").First(line => line.StartsWith(name + ":", StringComparison.Ordinal)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
}
