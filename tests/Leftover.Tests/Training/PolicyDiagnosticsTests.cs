using Leftover.Training;

namespace Leftover.Tests.Training;

public class PolicyDiagnosticsTests
{
    // Two completions: log-ratios ln 2, ln 2 and −ln 4.
    private static readonly float[] s_logProbs = [-1 + MathF.Log(2), -2 + MathF.Log(2), -3 - MathF.Log(4)], s_reference = [-1, -2, -3];
    private static readonly int[] s_offsets = [0, 2, 3];

    [Fact]
    public void Ratios_of_tokens_and_of_completions_are_those_worked_out_by_hand()
    {
        var diagnostics = new PolicyDiagnostics(clipRange: 0.9);
        diagnostics.Add(s_logProbs, s_reference, s_offsets);
        OffPolicyReport report = diagnostics.All!;

        // Tokens: ρ = 2, 2, 1/4. Completions: ρ = 4, 1/4.
        Assert.Equal(4.25 / 3, report.Tokens.Mean, 1e-6);
        Assert.Equal(Math.Sqrt((4 + 4 + 1 / 16.0) / 3 - Math.Pow(4.25 / 3, 2)), report.Tokens.StandardDeviation, 1e-6);
        Assert.Equal((0.25, 2.0), (Math.Round(report.Tokens.Minimum, 6), Math.Round(report.Tokens.Maximum, 6)));
        Assert.Equal(4.25 * 4.25 / (3 * (8 + 1 / 16.0)), report.Tokens.EffectiveSampleSize, 1e-6);
        Assert.Equal((8 + 1 / 16.0) / 3 - 1, report.Tokens.ChiSquared, 1e-6);
        Assert.Equal(2.125, report.Sequences.Mean, 1e-6);
        Assert.Equal(4.25 * 4.25 / (2 * (16 + 1 / 16.0)), report.Sequences.EffectiveSampleSize, 1e-6);
        Assert.Equal((2.0 / 3, 0.0), (report.Tokens.FractionHigh, report.Tokens.FractionLow));       // 2 > 1.9, 0.25 ≥ 0.1
        Assert.Equal((0.5, 0.0), (report.Sequences.FractionHigh, report.Sequences.FractionLow));
    }

    [Fact]
    public void Divergences_take_the_data_as_the_references_own()
    {
        var diagnostics = new PolicyDiagnostics();
        diagnostics.Add(s_logProbs, s_reference, s_offsets);
        double ln2 = Math.Log(2);
        Assert.Equal((-ln2 - ln2 + 2 * ln2) / 3, diagnostics.All!.Kl, 1e-6);                          // −mean ln ρ
        Assert.Equal((2 * (2 - 1 - ln2) + (0.25 - 1 + 2 * ln2)) / 3, diagnostics.All.KlK3, 1e-6);     // mean ρ − 1 − ln ρ
        Assert.Equal(0, diagnostics.All.SequenceKl, 1e-6);                                            // (−2 ln 2 + 2 ln 2) / 2
        Assert.Equal(-3, diagnostics.All.LogProb, 1e-6);                                              // (−3 + 2 ln 2 − 3 − 2 ln 2) / 2
    }

    [Fact]
    public void At_the_reference_nothing_has_moved()
    {
        var diagnostics = new PolicyDiagnostics();
        diagnostics.Add(s_reference, s_reference, s_offsets);
        OffPolicyReport report = diagnostics.Kept!;
        Assert.Equal((0, 0, 0), (report.Kl, report.KlK3, report.SequenceKl));
        foreach (RatioStatistics ratios in new[] { report.Tokens, report.Sequences })
            Assert.Equal(new RatioStatistics(1, 0, 1, 1, 1, 0, 0, 0), ratios with { EffectiveSampleSize = Math.Round(ratios.EffectiveSampleSize, 12) });
        Assert.Null(diagnostics.Dropped);
    }

    [Fact]
    public void Kept_and_dropped_rows_are_reported_apart_and_together_in_any_batching()
    {
        var whole = new PolicyDiagnostics();
        whole.Add(s_logProbs, s_reference, s_offsets, [true, false]);
        var parts = new PolicyDiagnostics();
        parts.Add(s_logProbs.AsSpan(2), s_reference.AsSpan(2), [0, 1], [false]);
        parts.Add(s_logProbs.AsSpan(0, 2), s_reference.AsSpan(0, 2), [0, 2], [true]);

        Assert.Equal((1, 1, 2), (whole.Kept!.Completions, whole.Dropped!.Completions, whole.All!.Completions));
        Assert.Equal(-Math.Log(2), whole.Kept.Kl, 1e-6);
        Assert.Equal(2 * Math.Log(2), whole.Dropped.Kl, 1e-6);
        IReadOnlyDictionary<string, double> metrics = whole.Metrics();
        Assert.Equal(metrics, parts.Metrics());
        Assert.Equal(whole.Kept.Sequences.Mean, metrics["offpolicy/kept/seq_is_mean"]);
        Assert.Equal(whole.Dropped.Tokens.FractionLow, metrics["offpolicy/dropped/ratio_fraction_low"]);
        Assert.Equal(whole.All.Tokens.EffectiveSampleSize, metrics["offpolicy/is_eff_sample_size"]);
    }

    [Fact]
    public void Huge_ratios_stay_finite()
    {
        var diagnostics = new PolicyDiagnostics();
        diagnostics.Add([0, -5000, 0], [-5000, 0, -1], [0, 1, 2, 3]);
        Assert.All(diagnostics.Metrics().Values, value => Assert.True(double.IsFinite(value)));
        Assert.Equal(1 / 3.0, diagnostics.All!.Sequences.EffectiveSampleSize, 1e-6);                  // one completion weighs all
    }

    [Fact]
    public void Without_rows_there_is_no_report() => Assert.Empty(new PolicyDiagnostics().Metrics());

    [Fact]
    public void Lengths_that_do_not_fit_are_named() =>
        Assert.Contains("2 log-probabilities, 1 of the reference", Assert.Throws<ArgumentException>(() => new PolicyDiagnostics().Add([0, 0], [0], [0, 2])).Message);
}
