using Leftover.Advantages;
using Leftover.Algorithms;
using Leftover.Batches;
using Leftover.Models;
using Leftover.Pipeline;
using Leftover.Reference;
using Leftover.Runs;
using Leftover.Training;

namespace Leftover.Benchmarks;

/// <summary>A-LoL steps of SmolLM2-135M on HH's helpful rows, with the settings of <c>recipes/hh-helpful.yaml</c>.</summary>
/// <remarks>V(x) is the rows' mean reward, so that about half of them are kept as in a real run; ln π_ref is computed for the rows that are used.</remarks>
internal sealed class HelpfulSteps : IDisposable
{
    private readonly RunPipeline _pipeline;
    private readonly string _folder = Directory.CreateTempSubdirectory("leftover-benchmark-").FullName;
    private readonly SamplingPlan _plan;
    private readonly Dictionary<int, TrainingRow> _rows = [];
    private readonly AdvantageTable _table;

    public HelpfulSteps(BenchmarkOptions options)
    {
        Recipe recipe = RecipeLoader.Load(Path.Combine(BenchmarkOptions.Repository, "recipes", "hh-helpful.yaml"),
            [.. options.Recipe, RecipeOverride.Parse($"output={Path.Combine(_folder, "run")}"), RecipeOverride.Parse($"cache={Path.Combine(_folder, "cache")}")]);
        _pipeline = new RunPipeline(new RunContext { Recipe = recipe });
        Training = _pipeline.Methods[0].Method.Training;
        ScoredRow[] scored = _pipeline.ScoredRows();
        double[] values = [.. Enumerable.Repeat(scored.Average(row => row.Reward), scored.Length)];
        _table = AdvantageTable.Create(scored, values, new ALoL().Credit, new AdvantageOptions());
        _plan = SamplingPlan.For(_table, new SamplingOptions(), Training.BatchSize * Training.GradientAccumulation, recipe.Seed);
        Policy = _pipeline.Reference.Load(trainable: true);
    }

    /// <summary>The recipe's training options.</summary>
    public TrainingOptions Training { get; }

    /// <summary>SmolLM2, trainable.</summary>
    public LanguageModel Policy { get; }

    /// <summary>A trainer over these rows.</summary>
    public Trainer NewTrainer(int steps) => new(Policy, new ALoL(), TrainingStage.SettingsOf(Training, steps), RowsOfStep);

    /// <summary>The rows of a step, from 1.</summary>
    public IReadOnlyList<TrainingRow> RowsOfStep(int step) => Rows(_plan.Step(step));

    /// <summary>Rows of the kept ones in turn, so many that one packed batch has just at most this number of input tokens.</summary>
    public IReadOnlyList<TrainingRow> RowsOfTokens(int tokens)
    {
        List<int> chosen = [];
        for (int step = 1; ; step++)
        {
            foreach (int row in _plan.Step(step))
            {
                int length = _pipeline.Train.Rows[row].Length;
                if (length > tokens) return Rows([.. chosen]);
                if (chosen.Contains(row)) continue;
                chosen.Add(row);
                tokens -= length;
            }
        }
    }

    /// <summary>Operations that a step of these rows needs: each prompt once, the head on completion tokens alone.</summary>
    public double Operations(IReadOnlyList<TrainingRow> rows)
    {
        CompletionBatch batch = BatchPacker.Pack(rows);
        return new ModelWork(Policy.Config) { AttentionRows = StepBenchmark.AttentionRows }.Step(batch.Layout.Segments, batch.Rows.Length);
    }

    private TrainingRow[] Rows(int[] numbers)
    {
        TrainingRow[] missing = [.. numbers.Where(i => !_rows.ContainsKey(i)).Distinct().Select(i => _pipeline.Train.Rows[i] with { Reward = (float)_table.Rows[i].Scored.Reward, Advantage = (float)_table.Rows[i].Advantage })];
        float[][] logProbs = ReferencePass.TokenLogProbs(Policy, missing, null, "", null, 2048, SilentObserver.Instance, CancellationToken.None);
        for (int i = 0; i < missing.Length; i++) _rows[missing[i].Example] = missing[i] with { ReferenceTokenLogProbs = logProbs[i] };
        return [.. numbers.Select(i => _rows[i])];
    }

    public void Dispose()
    {
        Policy.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
