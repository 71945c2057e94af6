using System.Globalization;
using Leftover.Runs;

namespace Leftover.Advantages;

/// <summary>Rows and what is known of the reference policy on their prompts. Prompts of both are numbered together, from 0.</summary>
public sealed record ValueInputs
{
    /// <summary>The prompt of each training row.</summary>
    public required int[] RowPrompts { get; init; }

    /// <summary>What each training row earned.</summary>
    public required double[] RowRewards { get; init; }

    /// <summary>The prompt of each of the reference policy's own answers. Default none.</summary>
    public int[] DecodePrompts { get; init; } = [];

    /// <summary>What each of them earned. Default none.</summary>
    public double[] DecodeRewards { get; init; } = [];

    /// <summary>The prompts' hidden states, for <see cref="ValueKind.Head"/>; null where there are none.</summary>
    public PromptStates? States { get; init; }
}

/// <summary>V(x) of each training row.</summary>
/// <param name="rowValues">In the rows' order; reward units.</param>
/// <param name="fit">The trained heads, disposed with this; null where none were asked for.</param>
/// <param name="text">How the values came about, in a sentence or two.</param>
public sealed class ValueEstimate(double[] rowValues, ValueFit? fit, string text) : IDisposable
{
    /// <summary>In the rows' order; reward units.</summary>
    public double[] RowValues => rowValues;

    /// <summary>The trained heads and their report; null where none were asked for.</summary>
    public ValueFit? Fit => fit;

    /// <summary>How the values came about, in a sentence or two.</summary>
    public string Text => text;

    /// <inheritdoc/>
    public void Dispose() => fit?.Dispose();
}

/// <summary>Estimates V(x) of every training row as the options say.</summary>
public static class ValueEstimator
{
    /// <summary>Estimates, training heads where the options ask for one.</summary>
    /// <param name="options">What stands for V.</param>
    /// <param name="inputs">Rows and the reference policy's answers.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="observer">Who is told how far it is; null tells nobody.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <exception cref="ArgumentException">The options need what the inputs do not have.</exception>
    public static ValueEstimate Estimate(ValueOptions options, ValueInputs inputs, long seed, IRunObserver? observer = null, CancellationToken cancellation = default)
    {
        if (inputs.RowRewards.Length != inputs.RowPrompts.Length) throw new ArgumentException($"{inputs.RowPrompts.Length} rows need as many rewards; {inputs.RowRewards.Length} were given.", nameof(inputs));
        ValueEstimate estimate = options.Kind == ValueKind.Head ? FromHead(options, inputs, seed, observer, cancellation) : WithoutHead(options, inputs);
        if (estimate.Fit?.Report is { UsesConstant: true } or { TestPrompts: > 0, BeatsConstant: false }) observer?.Warn(estimate.Text);
        else observer?.Say(estimate.Text);
        return estimate;
    }

    private static ValueEstimate FromHead(ValueOptions options, ValueInputs inputs, long seed, IRunObserver? observer, CancellationToken cancellation)
    {
        PromptStates states = inputs.States ?? throw new ArgumentException("value.kind: head needs the prompts' hidden states, and there are none. Run the reference pass first, or choose another value.kind.", nameof(inputs));
        var trainer = new ValueTrainer(options, seed, observer);
        bool decodes = options.Targets == ValueTargetKind.Decodes || (options.Targets == ValueTargetKind.Auto && inputs.DecodePrompts.Length > 0);
        if (decodes)
        {
            NeedDecodes(inputs, "value.targets: decodes");
            ValueFit fit = trainer.Fit(states, ValueTargets.Of(inputs.DecodePrompts, inputs.DecodeRewards), cancellation);
            int[] prompts = [.. inputs.RowPrompts.Distinct()];
            return new ValueEstimate(ByRow(inputs, prompts, fit.Predict(states, prompts)), fit, fit.Report.Text);
        }
        ValueTargets logged = ValueTargets.Of(inputs.RowPrompts, inputs.RowRewards);
        (ValueFit crossFit, double[] values) = trainer.CrossFit(states, logged, cancellation);
        return new ValueEstimate(ByRow(inputs, logged.Prompts, values), crossFit, crossFit.Report.Text);
    }

    private static ValueEstimate WithoutHead(ValueOptions options, ValueInputs inputs)
    {
        int[] prompts = inputs.RowPrompts;
        double[] rewards = inputs.RowRewards, decodes = inputs.DecodeRewards;
        switch (options.Kind)
        {
            case ValueKind.DecodesMean:
                NeedDecodes(inputs, "value.kind: decodes_mean");
                return new ValueEstimate(ValueBaselines.MeanOfDecodes(prompts, inputs.DecodePrompts, decodes), null, $"V is the mean reward of the reference policy's own answers to a prompt ({decodes.Length} answers).");
            case ValueKind.LoggedMean:
                return new ValueEstimate(ValueBaselines.MeanOfLogged(prompts, rewards), null, "V is the mean reward of a prompt's logged answers, the row's own included; a prompt with one answer has no advantage.");
            case ValueKind.LeaveOneOut:
                return new ValueEstimate(ValueBaselines.LeaveOneOut(prompts, rewards, decodes.Length > 0 ? decodes.Average() : null), null, "V is the mean reward of the other logged answers to a row's prompt.");
            case ValueKind.Constant:
                (double value, string what) = options.Constant is { } given ? (given, "as value.constant says")
                    : decodes.Length > 0 ? (decodes.Average(), "the mean reward of the reference policy's own answers") : (rewards.Average(), "the mean logged reward");
                return new ValueEstimate(ValueBaselines.Constant(prompts.Length, value), null, $"V is {value.ToString("G6", CultureInfo.InvariantCulture)} for every prompt, {what}.");
            default:
                throw new ArgumentOutOfRangeException(nameof(options), options.Kind, "The kind of value is unknown.");
        }
    }

    private static double[] ByRow(ValueInputs inputs, IReadOnlyList<int> prompts, double[] values)
    {
        Dictionary<int, double> byPrompt = prompts.Zip(values).ToDictionary(pair => pair.First, pair => pair.Second);
        return [.. inputs.RowPrompts.Select(prompt => byPrompt[prompt])];
    }

    private static void NeedDecodes(ValueInputs inputs, string option)
    {
        if (inputs.DecodePrompts.Length == 0)
            throw new ArgumentException($"{option} needs the reference policy's own answers, and there are none. Give validation prompts (data.validation), or set value.targets: logged or value.kind: leave_one_out.", nameof(inputs));
    }
}
