using System.Globalization;

namespace Leftover.Advantages;

/// <summary>How well a value head does on prompts it was not trained on, beside a constant.</summary>
public sealed record ValueReport
{
    /// <summary>Prompts whose targets moved the head's weights.</summary>
    public required int TrainingPrompts { get; init; }

    /// <summary>Prompts that tested it; 0 where nothing was held out.</summary>
    public required int TestPrompts { get; init; }

    /// <summary>Parts of a cross-fit; 1 where there is a single head.</summary>
    public int Folds { get; init; } = 1;

    /// <summary>Mean squared error on the training prompts in the best epoch; reward units squared.</summary>
    public required double TrainingMse { get; init; }

    /// <summary>Mean squared error on the test prompts; NaN where there are none.</summary>
    public required double TestMse { get; init; }

    /// <summary>That of the training targets' mean on the same prompts.</summary>
    public required double ConstantMse { get; init; }

    /// <summary>The standard error of the difference between the two, over prompts; NaN for fewer than two.</summary>
    public required double DifferenceStandardError { get; init; }

    /// <summary>The epoch whose weights were taken, of each head; 0 is the start.</summary>
    public required IReadOnlyList<int> BestEpochs { get; init; }

    /// <summary>Epochs run, over all heads.</summary>
    public required int Epochs { get; init; }

    /// <summary>The mean of all targets.</summary>
    public required double Constant { get; init; }

    /// <summary>True where the constant stands for V, because the head did not beat it.</summary>
    public bool UsesConstant { get; init; }

    /// <summary>1 − <see cref="TestMse"/> / <see cref="ConstantMse"/>: the share of the targets' variance that the head explains; 0 where they have none.</summary>
    public double RSquared => ConstantMse > 0 ? 1 - TestMse / ConstantMse : double.IsNaN(TestMse) ? double.NaN : 0;

    /// <summary>True where the head beats the constant on the test prompts by more than one standard error.</summary>
    public bool BeatsConstant => ConstantMse - TestMse > DifferenceStandardError;

    /// <summary>The report in a sentence or two.</summary>
    public string Text
    {
        get
        {
            if (Epochs == 0) return $"Value head: {TrainingPrompts} prompts with rewards are too few to train and test it. The constant {Number(Constant)} stands for V.";
            if (TestPrompts == 0) return $"Value head: training error {Number(TrainingMse)} on {TrainingPrompts} prompts; nothing was held out, so nothing is known of other prompts (set value.hold_out).";
            string figures = $"mean squared error {Number(TestMse)} on {TestPrompts} prompts it was not trained on, a constant's is {Number(ConstantMse)} (R² {Number(RSquared)})";
            if (BeatsConstant) return $"Value head: {figures}.";
            string verdict = UsesConstant
                ? $"The constant {Number(Constant)} stands for V; give more prompts, or set value.require_better_than_constant: false to take the head all the same."
                : "It is used all the same, as value.require_better_than_constant: false asks.";
            return $"Value head: {figures}: no better than the constant by more than one standard error. {verdict}";
        }
    }

    private static string Number(double number) => number.ToString("G4", CultureInfo.InvariantCulture);
}
