using Leftover.Advantages;
using Leftover.Algorithms;
using Leftover.Evaluation;
using Leftover.Evaluation.Statistics;
using Leftover.Reporting;
using Leftover.Runs;

namespace Leftover.Pipeline;

/// <summary>Looks at what a method made of the log, at its importance weights, and at the value head.</summary>
internal static class DiagnosticsStage
{
    /// <summary>A method's diagnostics.</summary>
    /// <param name="pipeline">The run.</param>
    /// <param name="algorithm">The method's algorithm.</param>
    /// <param name="options">Its training.</param>
    /// <param name="metricsFile">Its <c>metrics.jsonl</c>.</param>
    public static MethodDiagnostics Of(RunPipeline pipeline, Algorithm algorithm, TrainingOptions options, string metricsFile)
    {
        AdvantageTable table = pipeline.Advantages(algorithm, options);
        AdvantageSummary summary = table.Summary;
        return new MethodDiagnostics
        {
            Rows = summary.Rows,
            Kept = summary.Kept,
            Dropped = summary.Dropped.ToDictionary(pair => pair.Key.Text(), pair => pair.Value, StringComparer.Ordinal),
            BySource = summary.BySource is [{ Source: "" }] ? [] : [.. summary.BySource.Select(source => new KeptOfSource(source.Source, source.Rows, source.Kept, source.Advantage.Mean))],
            ByReward = [.. pipeline.Rewards.Columns.Select(column => OfReward(column.Key, column.Value, table)), OfReward(ResultsBuilder.Total, pipeline.Rewards.Totals, table)],
            Epochs = algorithm.Weighting is not null && File.Exists(metricsFile) ? WeightEpochs.Of(MetricSeries.Read("", metricsFile), summary.Kept) : [],
        };
    }

    /// <summary>The value head's figures; null where there is none, or nothing tested it.</summary>
    public static ValueHeadResult? OfValues(ValueResult values) =>
        values.Report is { TestPrompts: > 0 } report && double.IsFinite(report.TestMse)
            ? new ValueHeadResult(report.TestPrompts, report.TestMse, report.ConstantMse, report.BeatsConstant, report.UsesConstant)
            : null;

    private static KeptByReward OfReward(string name, double[] scores, AdvantageTable table)
    {
        double[] kept = [.. scores.Where((_, row) => table.Rows[row].Kept)], dropped = [.. scores.Where((_, row) => !table.Rows[row].Kept)];
        double effect = kept.Length > 1 && dropped.Length > 1 ? EffectSizes.CohenD(kept, dropped) : double.NaN;
        return new KeptByReward(name, MeanOf(kept), MeanOf(dropped), double.IsFinite(effect) ? effect : null);

        static double? MeanOf(double[] values) => values.Length == 0 ? null : values.Average();
    }
}
