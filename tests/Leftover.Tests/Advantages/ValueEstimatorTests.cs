using Leftover.Advantages;

namespace Leftover.Tests.Advantages;

public class ValueEstimatorTests
{
    // Prompts 0 … 9 have two rows each; prompts 10 … 29 have an answer of the reference.
    private static readonly ValueInputs s_inputs = new()
    {
        RowPrompts = [.. Enumerable.Range(0, 20).Select(i => i / 2)],
        RowRewards = [.. Enumerable.Range(0, 20).Select(i => i * 0.05)],
        DecodePrompts = [.. Enumerable.Range(10, 20)],
        DecodeRewards = [.. Enumerable.Range(0, 20).Select(i => 0.2 + i % 5 * 0.1)],
        States = ValueHeadTests.RandomStates(16, [.. Enumerable.Repeat(3, 30)], 4),
    };

    [Theory]
    [InlineData(ValueKind.Constant, 0.4)]
    [InlineData(ValueKind.DecodesMean, 0.4)]              // no row's prompt has an answer: the mean of all
    [InlineData(ValueKind.LoggedMean, 0.025)]
    [InlineData(ValueKind.LeaveOneOut, 0.05)]
    public void Kinds_without_a_head_are_means(ValueKind kind, double firstRow)
    {
        using ValueEstimate estimate = ValueEstimator.Estimate(new ValueOptions { Kind = kind }, s_inputs, seed: 1);
        Assert.Equal(firstRow, estimate.RowValues[0], 12);
        Assert.Equal(20, estimate.RowValues.Length);
        Assert.Null(estimate.Fit);
        Assert.NotEmpty(estimate.Text);
    }

    [Fact]
    public void A_given_constant_is_taken_and_without_answers_of_the_reference_the_logged_mean()
    {
        Assert.All(ValueEstimator.Estimate(new ValueOptions { Kind = ValueKind.Constant, Constant = -7 }, s_inputs, 1).RowValues, value => Assert.Equal(-7, value));
        ValueInputs logged = s_inputs with { DecodePrompts = [], DecodeRewards = [] };
        Assert.Equal(s_inputs.RowRewards.Average(), ValueEstimator.Estimate(new ValueOptions { Kind = ValueKind.Constant }, logged, 1).RowValues[5], 12);
    }

    [Fact]
    public void The_head_learns_from_answers_of_the_reference_where_there_are_any_and_otherwise_crossfits_the_log()
    {
        var options = new ValueOptions { Epochs = 2, RequireBetterThanConstant = false };
        using ValueEstimate decodes = ValueEstimator.Estimate(options, s_inputs, 1);
        Assert.Equal((1, 4), (decodes.Fit!.Report.Folds, decodes.Fit.Report.TestPrompts));       // a fifth of 20 prompts
        using ValueEstimate logged = ValueEstimator.Estimate(options with { Targets = ValueTargetKind.Logged }, s_inputs, 1);
        Assert.Equal((5, 10), (logged.Fit!.Report.Folds, logged.Fit.Report.TestPrompts));
        using ValueEstimate automatic = ValueEstimator.Estimate(options, s_inputs with { DecodePrompts = [], DecodeRewards = [] }, 1);
        Assert.Equal(logged.RowValues, automatic.RowValues);
        for (int row = 0; row < 20; row += 2) Assert.Equal(logged.RowValues[row], logged.RowValues[row + 1]);       // one prompt, one value
    }

    [Fact]
    public void What_is_missing_is_named_with_a_way_out()
    {
        ValueInputs bare = s_inputs with { DecodePrompts = [], DecodeRewards = [], States = null };
        Assert.Contains("value.kind: head needs the prompts' hidden states", Error(new ValueOptions()));
        Assert.Contains("value.kind: decodes_mean needs the reference policy's own answers", Error(new ValueOptions { Kind = ValueKind.DecodesMean }));
        Assert.Contains("value.targets: decodes needs", Assert.Throws<ArgumentException>(() => ValueEstimator.Estimate(new ValueOptions { Targets = ValueTargetKind.Decodes }, bare with { States = s_inputs.States }, 1)).Message);

        string Error(ValueOptions options) => Assert.Throws<ArgumentException>(() => ValueEstimator.Estimate(options, bare, 1)).Message;
    }
}
