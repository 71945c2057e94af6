using Leftover.Evaluation;

namespace Leftover.Reporting;

/// <summary>Puts a training's importance weights together, epoch by epoch, out of the figures of its steps: a step holds too few answers to tell whether weights have collapsed.</summary>
/// <remarks>
/// Sums of ρ and ρ² follow from each step's count, mean and deviation, so where every step is logged these are the epoch's own numbers. Where only each n-th is,
/// they stand for the steps between.
/// </remarks>
internal static class WeightEpochs
{
    private const string Count = "offpolicy/is_count", Mean = "offpolicy/is_mean", Deviation = "offpolicy/is_std", High = "offpolicy/ratio_fraction_high", Low = "offpolicy/ratio_fraction_low";

    /// <summary>The epochs; empty where the log holds no weights.</summary>
    /// <param name="log">A training's metrics.</param>
    /// <param name="rows">Answers in an epoch: the rows kept.</param>
    public static IReadOnlyList<WeightsOfEpoch> Of(MetricSeries log, int rows)
    {
        Dictionary<int, double> completions = ByStep("train/completions"), means = ByStep(Mean), deviations = ByStep(Deviation), high = ByStep(High), low = ByStep(Low);
        SortedDictionary<int, Sums> epochs = [];
        double seen = 0;
        int before = 0;
        foreach ((int step, double count) in log.Of(Count))
        {
            if (rows < 1 || !completions.TryGetValue(step, out double inStep) || !means.TryGetValue(step, out double mean)) continue;
            double each = inStep * (step - before);                            // of this step and of those before it that were not logged
            int epoch = 1 + (int)Math.Min((seen + each / 2) / rows, int.MaxValue - 1);   // an epoch's last step belongs to where its middle lies
            seen += each;
            before = step;
            epochs[epoch] = epochs.GetValueOrDefault(epoch).Plus(step, each, count, mean, deviations.GetValueOrDefault(step), high.GetValueOrDefault(step), low.GetValueOrDefault(step));
        }
        // Steps hold whole batches, so the last pass may run over its end by one: what is left of it is no epoch of its own.
        if (epochs.Count > 1 && epochs.Last() is { Value.Answers: var left } last && left < rows / 2.0)
        {
            epochs.Remove(last.Key);
            epochs[epochs.Last().Key] = epochs.Last().Value.Plus(last.Value);
        }
        return [.. epochs.Select(pair => pair.Value.Report(pair.Key))];

        Dictionary<int, double> ByStep(string metric) => log.Of(metric).ToDictionary(point => point.Step, point => point.Value);
    }

    private readonly record struct Sums(int LastStep, double Answers, double Count, double Sum, double Squares, double High, double Low)
    {
        public Sums Plus(Sums later) =>
            new(later.LastStep, Answers + later.Answers, Count + later.Count, Sum + later.Sum, Squares + later.Squares, High + later.High, Low + later.Low);

        public Sums Plus(int step, double answers, double count, double mean, double deviation, double high, double low) =>
            new(step, Answers + answers, Count + count, Sum + count * mean, Squares + count * (deviation * deviation + mean * mean), High + count * high, Low + count * low);

        public WeightsOfEpoch Report(int epoch) => new(epoch, LastStep, Sum / Count, Sum * Sum / (Count * Squares), High / Count, Low / Count);
    }
}
