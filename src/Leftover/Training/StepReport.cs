namespace Leftover.Training;

/// <summary>What one optimizer step did.</summary>
/// <param name="Step">Its number, from 1.</param>
/// <param name="Loss">The step's loss before the update: the mean over its completions.</param>
/// <param name="GradientNorm">The gradient's Euclidean norm before clipping.</param>
/// <param name="LearningRate">The rate of the update.</param>
/// <param name="Tokens">Input tokens that went through the model.</param>
/// <param name="Completions">Completions in the step.</param>
public sealed record StepReport(int Step, double Loss, double GradientNorm, double LearningRate, int Tokens, int Completions)
{
    /// <summary>The mean over completions of ln π_θ(y|x), in nats.</summary>
    public double LogProb { get; init; }

    /// <summary>Floating-point operations that the step's matrix products needed, a multiply-add being two; 0 where nobody counted.</summary>
    public double Operations { get; init; }

    /// <summary>How the policy has moved from the reference on this step's completions; null where the reference was not read.</summary>
    public RatioReport? Ratio { get; init; }

    /// <summary>Updates of the weights in the step. Default 1.</summary>
    public int Updates { get; init; } = 1;

    /// <summary>What the algorithm and the source of its rows measured, by the names of metrics.</summary>
    public IReadOnlyDictionary<string, double> Figures { get; init; } = new Dictionary<string, double>();

    /// <summary>Where the step's time went, in seconds, by what it was.</summary>
    public IReadOnlyDictionary<string, double> Seconds { get; init; } = new Dictionary<string, double>();
}

/// <summary>Importance ratios ρ = π_θ/π_ref: of single tokens where the algorithm weighs these, else of whole completions.</summary>
/// <param name="Count">How many there are.</param>
/// <param name="MeanLogRatio">Mean of ln ρ of whole completions, in nats (k1 on the logged completions).</param>
/// <param name="Mean">Mean of ρ.</param>
/// <param name="StandardDeviation">Standard deviation of ρ (over n).</param>
/// <param name="EffectiveSampleSize">(Σρ)² / (n·Σρ²), in (0, 1].</param>
/// <param name="ShareHigh">Share of ρ above 1 + ε, where the algorithm clips; above 1.9 where it does not.</param>
/// <param name="ShareLow">Share below 1 − ε, or 0.1.</param>
public sealed record RatioReport(int Count, double MeanLogRatio, double Mean, double StandardDeviation, double EffectiveSampleSize, double ShareHigh, double ShareLow);
