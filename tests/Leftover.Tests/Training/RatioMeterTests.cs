using Leftover.Algorithms;
using Leftover.Training;

namespace Leftover.Tests.Training;

public class RatioMeterTests
{
    // Completion 1: token log-ratios ln 2, ln 2 (ratio 4); completion 2: ln ½ (ratio ½).
    private static readonly float s_ln2 = MathF.Log(2);

    [Fact]
    public void Ratios_are_of_whole_completions_where_the_algorithm_weighs_these()
    {
        RatioReport report = Gather(new ALoL().Weighting);
        Assert.Equal(2, report.Count);
        Assert.Equal((4 + 0.5) / 2, report.Mean, 1e-6);
        Assert.Equal(4.5 * 4.5 / (2 * (16 + 0.25)), report.EffectiveSampleSize, 1e-6);
        Assert.Equal(1.75, report.StandardDeviation, 1e-6);
        Assert.Equal((0.5, 0), (report.ShareHigh, report.ShareLow));
        Assert.Equal(Math.Log(2) / 2, report.MeanLogRatio, 1e-6);    // (2 ln 2 − ln 2) / 2
    }

    [Fact]
    public void Ratios_are_of_tokens_where_the_algorithm_weighs_these()
    {
        RatioReport report = Gather(new ALoLSequence { ClipRange = 0.4f }.Weighting);
        Assert.Equal(3, report.Count);
        Assert.Equal(1.5, report.Mean, 1e-6);
        Assert.Equal(2.0 / 3, report.ShareHigh, 1e-12);              // 2 > 1.4, twice
        Assert.Equal(1.0 / 3, report.ShareLow, 1e-12);               // ½ < 0.6
        Assert.Equal(Math.Log(2) / 2, report.MeanLogRatio, 1e-6);    // of whole completions all the same
    }

    [Fact]
    public void Without_weights_completions_are_held_against_the_default_range()
    {
        Assert.Null(new NegativeLogLikelihood().Weighting);
        Assert.Null(new RLoL { KlBeta = 0.1f }.Weighting);
        Assert.Equal(0.5, Gather(null).ShareHigh);
        Assert.Null(new RatioMeter(null).Report());
    }

    private static RatioReport Gather(Weighting? weighting)
    {
        RatioMeter meter = new(weighting);
        meter.Add([-1, -2], [-1 - s_ln2, -2 - s_ln2]);
        meter.Add([-1 - s_ln2], [-1]);
        return meter.Report()!;
    }
}
