using System.Globalization;
using Leftover.Evaluation;
using Leftover.Reporting;

namespace Leftover.Tests.Reporting;

public sealed class WeightEpochsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("leftover-epochs").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void An_epochs_figures_are_those_of_all_its_ratios_at_once()
    {
        double[][] steps = [[1, 2], [0.5, 4], [1, 1], [3, 0.05]];   // two answers a step, four in an epoch
        IReadOnlyList<WeightsOfEpoch> epochs = WeightEpochs.Of(Log(steps.Select((ratios, i) => (i + 1, ratios))), rows: 4);

        Assert.Equal(2, epochs.Count);
        Check(epochs[0], 1, 2, [1, 2, 0.5, 4]);
        Check(epochs[1], 2, 4, [1, 1, 3, 0.05]);
        Assert.Equal(0.5, epochs[0].ClippedHigh, 1e-12);             // 2 and 4 above 1.9
        Assert.Equal(0.25, epochs[1].ClippedLow, 1e-12);             // 0.05 below 0.1
    }

    [Fact]
    public void A_last_step_that_runs_over_the_end_of_a_pass_is_no_epoch_of_its_own()
    {
        // Five rows in steps of two: four steps are a pass and most of a second, three are a pass and a fifth.
        IReadOnlyList<WeightsOfEpoch> epochs = WeightEpochs.Of(Log([(1, [1, 2]), (2, [1, 3]), (3, [2, 2]), (4, [5, 1])]), rows: 5);
        Assert.Equal([(1, 2), (2, 4)], epochs.Select(epoch => (epoch.Epoch, epoch.LastStep)));
        Check(WeightEpochs.Of(Log([(1, [1, 2]), (2, [1, 3]), (3, [2, 2])]), rows: 5).Single(), 1, 3, [1, 2, 1, 3, 2, 2]);
    }

    [Fact]
    public void Steps_that_are_not_logged_are_stood_for_by_the_next_that_is()
    {
        // Logged every second step, two answers each: step 2 ends the first epoch of four, step 4 the second.
        IReadOnlyList<WeightsOfEpoch> epochs = WeightEpochs.Of(Log([(2, [1, 2]), (4, [1, 3])]), rows: 4);
        Assert.Equal([(1, 2), (2, 4)], epochs.Select(epoch => (epoch.Epoch, epoch.LastStep)));
    }

    [Fact]
    public void A_log_without_weights_has_no_epochs()
    {
        string path = Path.Combine(_folder, "metrics.jsonl");
        File.WriteAllText(path, "{\"step\":1,\"train/completions\":4,\"train/loss\":2}\n");
        Assert.Empty(WeightEpochs.Of(MetricSeries.Read("nll", path), rows: 4));
    }

    private static void Check(WeightsOfEpoch epoch, int number, int lastStep, double[] ratios)
    {
        Assert.Equal((number, lastStep), (epoch.Epoch, epoch.LastStep));
        Assert.Equal(ratios.Average(), epoch.Mean, 1e-12);
        Assert.Equal(ratios.Sum() * ratios.Sum() / (ratios.Length * ratios.Sum(x => x * x)), epoch.EffectiveShare, 1e-12);
    }

    private MetricSeries Log(IEnumerable<(int Step, double[] Ratios)> steps)
    {
        string path = Path.Combine(_folder, "metrics.jsonl");
        File.WriteAllLines(path, steps.Select(step =>
        {
            double mean = step.Ratios.Average(), deviation = Math.Sqrt(step.Ratios.Average(x => (x - mean) * (x - mean))), n = step.Ratios.Length;
            double high = step.Ratios.Count(x => x > 1.9) / n, low = step.Ratios.Count(x => x < 0.1) / n;
            return string.Create(CultureInfo.InvariantCulture,
                $$"""{"step":{{step.Step}},"train/completions":{{n}},"offpolicy/is_count":{{n}},"offpolicy/is_mean":{{mean:R}},"offpolicy/is_std":{{deviation:R}},"offpolicy/ratio_fraction_high":{{high:R}},"offpolicy/ratio_fraction_low":{{low:R}}}""");
        }));
        return MetricSeries.Read("a-lol", path);
    }
}
