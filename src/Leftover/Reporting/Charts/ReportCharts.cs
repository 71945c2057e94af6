using Leftover.Evaluation;

namespace Leftover.Reporting.Charts;

/// <summary>All charts of a report, in the order in which they stand there.</summary>
internal static class ReportCharts
{
    private const int MostRewards = 12;

    /// <summary>Rewards by policy, reward against KL, and how rewards and lengths are spread.</summary>
    public static IReadOnlyList<Chart> OfResults(ReportInput input)
    {
        RunResults results = input.Results;
        if (results.Methods.Count == 0) return [];
        List<Chart?> charts = [.. ResultTables.Rewards(results).Take(MostRewards).Select((reward, i) => RewardChart.Of(results, reward, i))];
        string? ranking = Verdict.RankingReward(results);
        if (ranking is not null) charts.Insert(1, RewardKlChart.Of(results, ranking));
        if (ranking is not null) charts.Add(DistributionChart.OfReward(input, ranking));
        charts.Add(DistributionChart.OfLength(input));
        return [.. charts.OfType<Chart>()];
    }

    /// <summary>How each reward of the train set is spread.</summary>
    public static IReadOnlyList<Chart> OfRewards(RunResults results) => [.. (results.TrainRewards ?? []).Take(MostRewards).Select(TrainRewardChart.Of)];

    /// <summary>Learning curves.</summary>
    public static IReadOnlyList<Chart> OfTraining(RunResults results, IReadOnlyList<MetricSeries> logs)
    {
        (MetricSeries Log, int Index, int? Step)[] methods = [.. logs.Select(log => (log, results.IndexOf(log.Method), results.Methods.FirstOrDefault(method => method.Name == log.Method)?.Step))];
        Chart?[] charts = [TrainingCharts.Evaluation(methods), TrainingCharts.EffectiveSampleSize(methods), .. methods.Select(method => TrainingCharts.Loss(method.Log, method.Index))];
        return [.. charts.OfType<Chart>()];
    }

    /// <summary>One histogram for each set of methods that judged the rows alike.</summary>
    public static IReadOnlyList<Chart> OfAdvantages(IReadOnlyList<AdvantageSet> sets) => [.. sets.Select(AdvantageChart.Of).OfType<Chart>()];
}
