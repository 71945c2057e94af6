using Leftover.Batches;
using Leftover.Benchmarks.Peers;
using Leftover.Tensors.Kernels;
using Leftover.Training;

namespace Leftover.Benchmarks;

/// <summary>Whole training steps, optimizer included, against the matrix products that they need at the rate of multiply-adds in registers.</summary>
/// <remarks>
/// <c>--model gpt2</c> (the default): GPT-2 124M on 4 x 256 random tokens, beside the prototype's and PyTorch's; <c>--sequences</c> and
/// <c>--length</c> choose other batches, <c>--parts</c> tells the time of each kind of op, <c>--no-peers</c> leaves the others out.
/// <c>--model smollm2</c>: A-LoL steps of SmolLM2-135M on HH's helpful rows; <c>key=value</c> changes the recipe. <c>--dtype bf16</c> does either in bf16.
/// </remarks>
internal static class StepBenchmark
{
    /// <summary>Rows of queries that attention takes together in the floor: a product of less has no speed.</summary>
    public const int AttentionRows = 64;

    public static int Run(string[] args)
    {
        var options = BenchmarkOptions.Parse(args, rounds: 5, ["--model", "--steps", "--sequences", "--length", "--prototype"], ["--parts", "--no-peers"]);
        return options.Show((options["--model"] ?? "gpt2") switch
        {
            "gpt2" => Gpt2(options),
            "smollm2" => SmolLm2(options),
            string other => throw new ArgumentException($"--model is '{other}'; it must be gpt2 or smollm2."),
        });
    }

    private static BenchmarkResult Gpt2(BenchmarkOptions options)
    {
        int sequences = options.Number("--sequences", 4), length = options.Number("--length", 256), steps = options.Number("--steps", 2);
        bool peers = options["--no-peers"] is null && (sequences, length) == (4, 256);
        PrototypeStep? prototype = peers ? PrototypeStep.Find(options["--prototype"] ?? Path.Combine(options.Shared, "prototypes")) : null;
        PyTorch? torch = peers ? PyTorch.Find(options) : null;
        using var step = new Gpt2Step(sequences, length, options.Type);
        double operations = step.Operations;

        List<(string Name, Func<double> Seconds)> others = [];
        if (prototype is not null) others.Add((prototype.Name, () => prototype.Seconds(steps)));
        if (torch is not null) others.AddRange(torch.Settings.Select(setting => (setting.Name, (Func<double>)(() => torch.StepSeconds(setting.Tuned, options.TypeName)))));
        Sample[][] samples = Rounds.Run(options.Rounds,
            [() => operations / Measure.SteadyPeak(options.Type), () => Measure.Median(Enumerable.Range(0, steps).Select(_ => step.Run())), .. others.Select(other => other.Seconds)]);

        string name = $"GPT-2 124M step, {options.TypeName}, {sequences} x {length} tokens";
        List<BenchmarkLine> lines =
        [
            BenchmarkLine.Of(name, "s", false, samples[1], samples[0], note: $"{operations / 1e9:F0} GFLOP needed; arena {step.ArenaBytes >> 20} MiB"),
            .. others.Select((other, i) => BenchmarkLine.Of(name, "s", false, samples[1], samples[0], (other.Name, samples[2 + i]))),
            BenchmarkLine.Of("the same in tokens", "tokens/s", true, Rounds.Select(samples[1], seconds => sequences * length / seconds)),
        ];
        if (options["--parts"] is not null)
            foreach ((string part, double milliseconds) in step.Parts) Console.WriteLine($"  {part,-28}{milliseconds,9:F1} ms");
        List<string> missing = [];
        if (peers && prototype is null) missing.Add("the prototype's step: Gpt2Step.cs and Gemm.cs in the folder of --prototype, and a processor with AVX-512, which they are written for");
        if (peers && torch is null) missing.Add(PyTorch.Install);
        return BenchmarkResult.Now("step", lines, missing);
    }

    private static BenchmarkResult SmolLm2(BenchmarkOptions options)
    {
        int steps = options.Number("--steps", 3);
        using var helpful = new HelpfulSteps(options);
        IReadOnlyList<TrainingRow>[] rows = [.. Enumerable.Range(1, steps).Select(helpful.RowsOfStep)];
        double operations = rows.Sum(helpful.Operations);
        int tokens = rows.Sum(step => BatchPacker.Pack(step).Tokens.Length), completion = rows.Sum(step => step.Sum(row => row.Completion.Length));
        helpful.Policy.ComputeType = options.Type;
        using Trainer trainer = helpful.NewTrainer(steps);
        double Seconds() => Measure.Seconds(() =>
        {
            foreach (StepReport report in trainer.Steps(1, steps)) _ = report;
        });
        Seconds();
        Sample[][] samples = Rounds.Run(options.Rounds, () => operations / Measure.SteadyPeak(options.Type) / steps, () => Seconds() / steps);
        string note = $"{(double)tokens / steps:F0} input tokens a step, {(double)completion / steps:F0} of them predicted; {operations / steps / 1e9:F0} GFLOP needed";
        string changed = string.Concat(options.Recipe.Select(change => $", {change.Key}={change.Value}"));
        return BenchmarkResult.Now("step-smollm2",
        [
            BenchmarkLine.Of($"SmolLM2-135M A-LoL step, {options.TypeName}, HH helpful, {helpful.Training.BatchSize} rows{changed}", "s", false, samples[1], samples[0], note: note),
            BenchmarkLine.Of("the same in tokens", "tokens/s", true, Rounds.Select(samples[1], seconds => tokens / (seconds * steps))),
        ]);
    }
}
