using Leftover.Advantages;
using Leftover.Tensors;

namespace Leftover.Tests.Advantages;

public class ValueTrainerTests
{
    private const int Width = 16;
    private static readonly ValueOptions s_options = new() { Epochs = 30 };

    [Fact]
    public void A_head_learns_what_the_states_tell_and_beats_the_constant_on_prompts_it_never_saw()
    {
        (PromptStates states, ValueTargets targets) = Planted(160);
        using ValueFit fit = new ValueTrainer(s_options, seed: 1).Fit(states, targets);
        Assert.True(fit.Report.BeatsConstant, fit.Report.Text);
        Assert.True(fit.Report.RSquared > 0.5, fit.Report.Text);
        Assert.Equal((128, 32), (fit.Report.TrainingPrompts, fit.Report.TestPrompts));

        // Prompts of the same kind that took no part at all.
        (PromptStates others, ValueTargets truth) = Planted(60, seed: 99);
        double[] values = fit.Predict(others, truth.Prompts);
        Assert.True(truth.ErrorOf(values) < 0.5 * truth.ErrorOf(ValueBaselines.Constant(60, targets.Mean)));
    }

    [Fact]
    public void Where_the_states_tell_nothing_the_constant_stands_for_the_value_and_the_report_says_so()
    {
        (PromptStates states, ValueTargets targets) = Planted(160);
        double[] shuffled = [.. targets.Means];
        new RandomStream(5, "labels").Shuffle<double>(shuffled);
        using ValueFit fit = new ValueTrainer(s_options, seed: 1).Fit(states, targets with { Means = shuffled });
        Assert.False(fit.Report.BeatsConstant, fit.Report.Text);
        Assert.True(fit.Report.UsesConstant);
        Assert.Empty(fit.Heads);
        Assert.Contains("The constant", fit.Report.Text);
        Assert.All(fit.Predict(states, [0, 1, 2]), value => Assert.Equal(targets.Mean, value, 12));

        using ValueFit forced = new ValueTrainer(s_options with { RequireBetterThanConstant = false }, seed: 1).Fit(states, targets with { Means = shuffled });
        Assert.Single(forced.Heads);
        Assert.Contains("used all the same", forced.Report.Text);
    }

    [Fact]
    public void The_same_seed_trains_the_same_head_and_another_seed_another()
    {
        (PromptStates states, ValueTargets targets) = Planted(60);
        double[] Values(long seed)
        {
            using ValueFit fit = new ValueTrainer(s_options with { Epochs = 3, Dropout = 0.1, RequireBetterThanConstant = false }, seed).Fit(states, targets);
            return fit.Predict(states, [0, 1, 2, 3]);
        }
        Assert.Equal(Values(1), Values(1));
        Assert.NotEqual(Values(1), Values(2));
    }

    [Fact]
    public void Crossfitted_values_do_not_depend_on_the_prompts_own_reward()
    {
        (PromptStates states, ValueTargets targets) = Planted(50);
        ValueOptions options = s_options with { Epochs = 3, Folds = 5, RequireBetterThanConstant = false };
        (ValueFit fit, double[] values) = new ValueTrainer(options, seed: 1).CrossFit(states, targets);
        double[] changed = [.. targets.Means];
        changed[17] = changed.Min() + 0.9 * (changed.Max() - changed.Min()) - changed[17] * 0.5;
        (ValueFit other, double[] otherValues) = new ValueTrainer(options, seed: 1).CrossFit(states, targets with { Means = changed });
        using (fit)
        using (other)
        {
            Assert.Equal(values[17], otherValues[17]);
            Assert.True(values.Zip(otherValues, (a, b) => a != b).Count(differs => differs) >= 30);       // heads that saw it: those of the four other folds
            Assert.Equal((5, 50), (fit.Report.Folds, fit.Report.TestPrompts));
            Assert.Equal(5, fit.Heads.Count);
        }
    }

    [Fact]
    public void Without_a_hold_out_the_epoch_of_least_training_error_is_taken_as_in_the_authors_code()
    {
        (PromptStates states, ValueTargets targets) = Planted(48);
        var paper = new ValueOptions { MaxValue = 1, StartAtMean = false, Dropout = 0.1, LearningRate = 1e-5, Epochs = 10, Patience = 0, HoldOut = 0, RequireBetterThanConstant = false };
        using ValueFit fit = new ValueTrainer(paper, seed: 1).Fit(states, targets);
        Assert.Equal((48, 0, 10), (fit.Report.TrainingPrompts, fit.Report.TestPrompts, fit.Report.Epochs));
        Assert.InRange(fit.Report.BestEpochs[0], 1, 10);
        Assert.True(double.IsNaN(fit.Report.TestMse));
        Assert.Contains("nothing was held out", fit.Report.Text);
        Assert.Equal(new ValueRange(0, 1), fit.Heads[0].Range);
    }

    [Fact]
    public void Negative_rewards_are_learnt_as_well_as_positive_ones()
    {
        (PromptStates states, ValueTargets targets) = Planted(160);
        ValueTargets negative = targets with { Means = [.. targets.Means.Select(mean => 40 * mean - 50)] };
        using ValueFit plain = new ValueTrainer(s_options, seed: 1).Fit(states, targets), moved = new ValueTrainer(s_options, seed: 1).Fit(states, negative);
        Assert.Equal(plain.Report.RSquared, moved.Report.RSquared, 0.02);
        Assert.True(moved.Heads[0].Range.Low < negative.Means.Min() && moved.Heads[0].Range.High > negative.Means.Max() - 8);
    }

    [Fact]
    public void Too_few_prompts_leave_the_constant()
    {
        (PromptStates states, ValueTargets targets) = Planted(3);
        using ValueFit fit = new ValueTrainer(s_options, seed: 1).Fit(states, targets);
        Assert.True(fit.Report.UsesConstant);
        Assert.Contains("3 prompts with rewards are too few", fit.Report.Text);
        Assert.Equal(targets.Mean, fit.Predict(states, [2])[0], 12);
    }

    [Fact]
    public void Targets_are_the_mean_of_a_prompts_rewards_and_count_by_their_number()
    {
        ValueTargets targets = ValueTargets.Of([4, 1, 4, 4], [1, 5, 2, 3]);
        Assert.Equal([1, 4], targets.Prompts);
        Assert.Equal([5.0, 2], targets.Means);
        Assert.Equal([1, 3], targets.Counts);
        Assert.Equal(11.0 / 4, targets.Mean);
        Assert.Equal((1 + 3 * 4) / 4.0, targets.ErrorOf([6, 4]));            // misses 1 and 2
    }

    [Fact]
    public void Training_stops_when_it_is_told_to()
    {
        (PromptStates states, ValueTargets targets) = Planted(20);
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.Throws<OperationCanceledException>(() => new ValueTrainer(s_options, seed: 1).Fit(states, targets, stop.Token));
    }

    /// <summary>Prompts of random states whose reward is a bounded function of the mean of one channel, and a little noise.</summary>
    private static (PromptStates States, ValueTargets Targets) Planted(int prompts, long seed = 3)
    {
        int[] lengths = [.. Enumerable.Range(0, prompts).Select(i => 2 + i * 7 % 5)];
        float[][] numbers = new float[prompts][];
        double[] rewards = new double[prompts];
        for (int i = 0; i < prompts; i++)
        {
            var random = new RandomStream(seed, "planted", i);
            numbers[i] = [.. Enumerable.Range(0, lengths[i] * Width).Select(_ => (float)random.NextNormal())];
            double mean = Enumerable.Range(0, lengths[i]).Average(t => numbers[i][t * Width + 3]);
            rewards[i] = 1 / (1 + Math.Exp(-4 * mean)) + 0.05 * random.NextNormal();
        }
        return (new PromptStates(Width, lengths, (prompt, destination) => numbers[prompt].CopyTo(destination)), ValueTargets.Of([.. Enumerable.Range(0, prompts)], rewards));
    }
}
