using Leftover.Algorithms;
using Leftover.Data;
using Leftover.Evaluation.Comparison;
using Leftover.Runs;

namespace Leftover.Pipeline.Comparison;

/// <summary>Trains every method with every seed on the same caches and equal budgets, cell by cell, and writes the report of all.</summary>
/// <remarks>
/// Shared are data, tokens, reference policy, ln π_ref, values and rewards; only what depends on a seed is computed for each. A cell that is done is
/// a file, so a comparison that was stopped at any moment goes on, and its report has the same bytes as that of one left alone (docs/decisions/0019-compare.md).
/// </remarks>
public sealed class CompareStage(RunPipeline pipeline)
{
    private readonly RunContext _context = pipeline.Context;
    private readonly ComparisonOptions _options = pipeline.Context.Recipe.Compare;

    /// <summary>The shares of bad completions, the log as it is first.</summary>
    private double[] Levels => [.. _options.Noise.Prepend(0).Distinct().Order()];

    /// <summary>Makes what is missing and writes <c>report/compare.html</c>, <c>.md</c>, <c>.csv</c> and <c>.json</c>.</summary>
    /// <exception cref="DataException">There is nothing to compare, or what all methods share cannot be computed.</exception>
    public CompareResults Run()
    {
        Check();
        List<FailedCell> failed = [];
        List<ComparedCell> cells = [];
        var budget = new CellBudget(pipeline);
        int made = 0, wanted = Levels.Length * _options.Seeds.Count * (1 + pipeline.Methods.Count);
        foreach (double noise in Levels)
        {
            using RunPipeline? noisy = noise == 0 ? null : new RunPipeline(_context, NoisyLog.Of(pipeline.Data, pipeline.Rewards.Totals, noise, _context.Recipe.Seed));
            RunPipeline level = noisy ?? pipeline;
            Share(level);
            var runner = new CellRunner(level, noise);
            foreach (long seed in _options.Seeds)
            {
                cells.Add(runner.Reference(seed));
                made++;
                foreach ((Method method, string label, Algorithm algorithm) in pipeline.Methods)
                {
                    _context.Cancellation.ThrowIfCancellationRequested();
                    _context.Observer.Say($"Cell {++made} of {wanted}: {CellRunner.Title(label, seed, noise)}");
                    try
                    {
                        cells.Add(runner.Trained(budget.Of(method, label, algorithm), label, algorithm, seed));
                    }
                    catch (Exception e) when (e is not (OperationCanceledException or OutOfMemoryException))
                    {
                        _context.Observer.Warn($"{CellRunner.Title(label, seed, noise)} failed: {e.Message} The others go on; the same command tries this one again.");
                        failed.Add(new FailedCell(label, seed, noise, e.Message));
                    }
                }
            }
        }
        return CompareWriter.Write(pipeline, cells, failed, budget.Text);
    }

    private void Check()
    {
        if (pipeline.Methods.Count == 0) throw new DataException("There is nothing to compare: the recipe names no methods. List them under methods:, for example methods: [nll, a-lol].");
        if (pipeline.Methods.Any(method => method.Label == ReportStage.ReferenceName))
            throw new DataException($"A method is labelled '{ReportStage.ReferenceName}', which is what the reference policy is called. Give it another label.");
        ReportStage.CheckHeldOut(pipeline);
    }

    // What all cells need is made first: a mistake in it is no single cell's.
    private static void Share(RunPipeline level)
    {
        _ = level.Reference;
        _ = level.Rewards;
        _ = level.HeldOut;
        _ = level.Values;
        if (level.Methods.Any(method => method.Algorithm.UsesReference)) _ = level.ReferenceLogProbs;
    }
}
