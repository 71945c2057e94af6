using System.Globalization;
using Leftover.Algorithms;
using Leftover.Batches;
using Leftover.Benchmarks.Peers;
using Leftover.Models;
using Leftover.Reference;
using Leftover.Runs;
using Leftover.Tensors.Optimizers;
using Leftover.Training;

namespace Leftover.Benchmarks;

/// <summary>A-LoL from rows to weights on HH's helpful rows with GPT-2 124M: seconds a row, the reference pass spread over three epochs.</summary>
/// <remarks>
/// The peer is the same in the shape its authors gave it: padded batches, logits at all positions, the reference's forward in each step. The
/// unit of the prototype's step makes machines comparable. Then an epoch over ever more rows: a token must cost the same. <c>--sizes 8,16,32,64</c>,
/// <c>--no-peers</c>, <c>--prototype FOLDER</c>.
/// </remarks>
internal static class PipelineBenchmark
{
    private const int Rows = 32, RowsOfStep = 4, Epochs = 3, FrozenBatchTokens = 2048;

    public static int Run(string[] args)
    {
        var options = BenchmarkOptions.Parse(args, rounds: 3, ["--sizes", "--prototype"], ["--no-peers"]);
        int[] sizes = [.. (options["--sizes"] ?? "8,16,32,64").Split(',').Select(size => int.Parse(size, CultureInfo.InvariantCulture))];
        bool peers = options["--no-peers"] is null;
        PyTorch? torch = peers ? PyTorch.Find(options) : null;
        PrototypeStep? prototype = peers ? PrototypeStep.Find(options["--prototype"] ?? Path.Combine(options.Shared, "prototypes")) : null;
        using LanguageModel policy = Gpt2Step.NewModel();
        policy.ComputeType = options.Type;
        TrainingRow[] rows = WithReference(policy, HelpfulRows.Read(options.Shared, Math.Max(Rows, sizes.Max())));
        using Trainer trainer = NewTrainer(policy, step => [.. rows.Skip((step - 1) * RowsOfStep).Take(RowsOfStep)]);
        void Train(int count)
        {
            foreach (StepReport report in trainer.Steps(1, (count + RowsOfStep - 1) / RowsOfStep)) _ = report;
        }

        Train(Rows);
        List<BenchmarkLine> lines = [.. AgainstPeers(options, policy, rows[..Rows], Train, torch, prototype), .. OverSizes(options, policy, rows, sizes, Train)];
        List<string> missing = [];
        if (peers && torch is null) missing.Add(PyTorch.Install);
        if (peers && prototype is null) missing.Add("the prototype's step: Gpt2Step.cs and Gemm.cs in the folder of --prototype");
        return options.Show(BenchmarkResult.Now("pipeline", lines, missing));
    }

    private static List<BenchmarkLine> AgainstPeers(BenchmarkOptions options, LanguageModel policy, TrainingRow[] rows, Action<int> train, PyTorch? torch, PrototypeStep? prototype)
    {
        double operations = Operations(policy, rows), forward = Chunks(rows).Sum(step => Forward(policy, step));
        string peerTokens = "";
        double Peer(bool tuned)
        {
            (double seconds, double prompt, double completion) = torch!.Row(tuned, options.TypeName, rows.Length);
            peerTokens = string.Create(CultureInfo.InvariantCulture, $"; the peer counts {prompt:F1} and {completion:F1}");
            return seconds;
        }

        List<(string Name, Func<double> Seconds)> others = [];
        if (torch is not null) others.AddRange(torch.Settings.Select(setting => (setting.Name, (Func<double>)(() => Peer(setting.Tuned)))));
        if (prototype is not null) others.Add((prototype.Name, () => prototype.Seconds(2)));
        Sample[][] samples = Rounds.Run(options.Rounds,
        [
            () => (operations + forward / Epochs) / Measure.SteadyPeak(options.Type) / rows.Length,
            () => (Measure.Seconds(() => train(rows.Length)) + Measure.Seconds(() => WithReference(policy, rows)) / Epochs) / rows.Length,
            .. others.Select(other => other.Seconds),
        ]);
        string name = $"A-LoL, GPT-2 124M, {options.TypeName}, a row";
        string note = string.Create(CultureInfo.InvariantCulture,
            $"{rows.Length} rows of {rows.Average(row => row.Prompt.Length):F1} prompt and {rows.Average(row => row.Completion.Length):F1} completion tokens on average{peerTokens}");
        List<BenchmarkLine> lines = [BenchmarkLine.Of(name, "s", false, samples[1], samples[0], note: note)];
        for (int i = 0; i < others.Count - (prototype is null ? 0 : 1); i++) lines.Add(BenchmarkLine.Of(name, "s", false, samples[1], samples[0], (others[i].Name, samples[2 + i])));
        if (prototype is not null)
        {
            Sample[] InSteps(Sample[] seconds) => Rounds.Combine(seconds, samples[^1], (row, step) => row / step);
            (string, Sample[])? tuned = torch is null ? null : (others[1].Name, InSteps(samples[3]));
            lines.Add(BenchmarkLine.Of("the same in steps of the prototype", "steps", false, InSteps(samples[1]), InSteps(samples[0]), tuned, $"a step of the {prototype.Name}: {BenchmarkTable.Number(Measure.Median(samples[^1].Select(sample => sample.Value)))} s"));
        }
        return lines;
    }

    private static List<BenchmarkLine> OverSizes(BenchmarkOptions options, LanguageModel policy, TrainingRow[] rows, int[] sizes, Action<int> train)
    {
        int[] tokens = [.. sizes.Select(size => Chunks(rows[..size]).Sum(step => BatchPacker.Pack(step).Tokens.Length))];
        Sample[][] samples = Rounds.Run(options.Rounds, [() => Measure.SteadyPeak(options.Type), .. sizes.Select<int, Func<double>>((size, i) => () => Measure.Seconds(() => train(size)) / tokens[i] * 1e6)]);
        List<BenchmarkLine> lines =
        [
            .. sizes.Select((size, i) => BenchmarkLine.Of($"an epoch of {size} kept rows, a token", "µs", false, samples[1 + i],
                Rounds.Select(samples[0], rate => Operations(policy, rows[..size]) / rate / tokens[i] * 1e6), note: $"{tokens[i]} input tokens")),
        ];
        double[] costs = [.. lines.Select(line => line.Ours)];
        return [.. lines, BenchmarkLine.Counted("the dearest size over the cheapest", "x", false, costs.Max() / costs.Min(), 1, "rows differ in length and in how much of them is predicted") with { Disturbed = lines.Exists(line => line.Disturbed), Others = lines.Average(line => line.Others) }];
    }

    private static TrainingRow[] WithReference(LanguageModel policy, TrainingRow[] rows)
    {
        float[][] logProbs = ReferencePass.TokenLogProbs(policy, rows, null, "", null, FrozenBatchTokens, SilentObserver.Instance, CancellationToken.None);
        return [.. rows.Select((row, i) => row with { ReferenceTokenLogProbs = logProbs[i] })];
    }

    private static Trainer NewTrainer(LanguageModel policy, Func<int, IReadOnlyList<TrainingRow>> rowsOfStep) =>
        new(policy, new ALoL(), new TrainerSettings { Optimizer = new AdamWOptions { WeightDecay = 0.01 }, LearningRate = _ => 1e-6f }, rowsOfStep);

    private static IEnumerable<TrainingRow[]> Chunks(TrainingRow[] rows) => rows.Chunk(RowsOfStep);

    private static double Operations(LanguageModel policy, TrainingRow[] rows) => 3 * Chunks(rows).Sum(step => Forward(policy, step));

    private static double Forward(LanguageModel policy, TrainingRow[] rows)
    {
        CompletionBatch batch = BatchPacker.Pack(rows);
        return new ModelWork(policy.Config) { AttentionRows = StepBenchmark.AttentionRows }.Forward(batch.Layout.Segments, batch.Rows.Length);
    }
}
