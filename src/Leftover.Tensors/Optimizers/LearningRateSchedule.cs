namespace Leftover.Tensors.Optimizers;

/// <summary>The learning rate of every update of a run.</summary>
/// <remarks>
/// The shapes and their edges are those of Hugging Face's schedulers, so that a recipe from there gives the same run here. Updates are counted from 0,
/// and warm-up starts at 0: with warm-up the first update changes nothing.
/// </remarks>
public sealed record LearningRateSchedule
{
    /// <summary>The shape. Default linear.</summary>
    public ScheduleKind Kind { get; init; } = ScheduleKind.Linear;

    /// <summary>The rate at the peak; no unit, above 0. Default 2e-5.</summary>
    public double PeakRate { get; init; } = 2e-5;

    /// <summary>Updates in which the rate rises from 0 to the peak; at least 0, and it may exceed the run. Default 0.</summary>
    public int WarmupSteps { get; init; }

    /// <summary>Updates of the whole run, warm-up included; at least 1.</summary>
    public int TotalSteps { get; init; } = 1;

    /// <summary>Cosine cycles after warm-up; above 0. Default: 0.5 for the cosines, 1 for <see cref="ScheduleKind.CosineWithRestarts"/>.</summary>
    public double? Cycles { get; init; }

    /// <summary>The exponent of <see cref="ScheduleKind.Polynomial"/>; at least 0. Default 1.</summary>
    public double Power { get; init; } = 1;

    /// <summary>Where <see cref="ScheduleKind.Polynomial"/> ends; below the peak. Default 1e-7.</summary>
    public double EndRate { get; init; } = 1e-7;

    /// <summary>Updates after which <see cref="ScheduleKind.InverseSqrt"/> counts from the peak; above 0. Default: the warm-up, or 10 000 without one.</summary>
    public int? TimeScale { get; init; }

    /// <summary>The share of the peak at which <see cref="ScheduleKind.CosineWithMinLr"/> and <see cref="ScheduleKind.WarmupStableDecay"/> end, in [0, 1]. Default 0.</summary>
    public double MinimumShare { get; init; }

    /// <summary>Updates of the decay of <see cref="ScheduleKind.WarmupStableDecay"/>; the plateau is what is left of the run. At least 0.</summary>
    public int DecaySteps { get; init; }

    /// <summary>How <see cref="ScheduleKind.WarmupStableDecay"/> rises. Default linear.</summary>
    public RampKind WarmupRamp { get; init; } = RampKind.Linear;

    /// <summary>How <see cref="ScheduleKind.WarmupStableDecay"/> falls. Default cosine.</summary>
    public RampKind DecayRamp { get; init; } = RampKind.Cosine;

    /// <summary>The rate during an update.</summary>
    /// <param name="update">How many updates were done before; at least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The update is negative.</exception>
    public float At(int update) => (float)RateAt(update);

    /// <summary>The rate during an update, before it is rounded to single precision.</summary>
    /// <param name="update">How many updates were done before; at least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The update is negative.</exception>
    public double RateAt(int update)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(update);
        return PeakRate * ShareAt(update);
    }

    /// <summary>What is wrong with the settings, one sentence each; empty where nothing is.</summary>
    public IReadOnlyList<string> Problems()
    {
        List<string> problems = [];
        if (!(PeakRate > 0 && double.IsFinite(PeakRate))) problems.Add($"peakRate is {PeakRate}; it must be above 0.");
        if (WarmupSteps < 0) problems.Add($"warmupSteps is {WarmupSteps}; it must be at least 0.");
        if (TotalSteps < 1) problems.Add($"totalSteps is {TotalSteps}; it must be at least 1.");
        if (Cycles is { } cycles && !(cycles > 0 && double.IsFinite(cycles))) problems.Add($"cycles is {cycles}; it must be above 0.");
        if (TimeScale is < 1) problems.Add($"timeScale is {TimeScale}; it must be at least 1.");
        if (MinimumShare is not (>= 0 and <= 1)) problems.Add($"minimumShare is {MinimumShare}; it must lie in [0, 1].");
        if (DecaySteps < 0) problems.Add($"decaySteps is {DecaySteps}; it must be at least 0.");
        if (Kind == ScheduleKind.WarmupStableDecay && WarmupSteps + (long)DecaySteps > TotalSteps)
            problems.Add($"warmupSteps {WarmupSteps} and decaySteps {DecaySteps} exceed totalSteps {TotalSteps}; shorten one of them.");
        if (Kind == ScheduleKind.Polynomial)
        {
            if (!(Power >= 0)) problems.Add($"power is {Power}; it must be at least 0.");
            if (!(EndRate >= 0 && EndRate < PeakRate)) problems.Add($"endRate is {EndRate}; it must be at least 0 and below peakRate ({PeakRate}).");
        }
        return problems;
    }

    private double ShareAt(int update)
    {
        if (Kind == ScheduleKind.Constant) return 1;
        if (Kind == ScheduleKind.WarmupStableDecay) return WarmupStableDecayAt(update);
        if (update < WarmupSteps) return (double)update / WarmupSteps;

        double progress = (update - WarmupSteps) / Math.Max(1.0, TotalSteps - WarmupSteps);
        return Kind switch
        {
            ScheduleKind.ConstantWithWarmup => 1,
            ScheduleKind.Linear => Math.Max(0, (TotalSteps - update) / Math.Max(1.0, TotalSteps - WarmupSteps)),
            ScheduleKind.Cosine => Math.Max(0, HalfCosine(2 * (Cycles ?? 0.5) * progress)),
            ScheduleKind.CosineWithRestarts => progress >= 1 ? 0 : Math.Max(0, HalfCosine((Cycles ?? 1) * progress % 1)),
            ScheduleKind.Polynomial => PolynomialAt(update),
            ScheduleKind.InverseSqrt => InverseSqrtAt(update),
            ScheduleKind.CosineWithMinLr => Math.Max(0, AboveMinimum(HalfCosine(2 * (Cycles ?? 0.5) * progress))),
            _ => throw new InvalidOperationException($"{Kind} is no schedule."),
        };
    }

    private double PolynomialAt(int update)
    {
        double end = EndRate / PeakRate;
        if (update > TotalSteps || TotalSteps <= WarmupSteps) return end;
        double remaining = 1 - (double)(update - WarmupSteps) / (TotalSteps - WarmupSteps);
        return (1 - end) * Math.Pow(remaining, Power) + end;
    }

    private double InverseSqrtAt(int update)
    {
        double timeScale = TimeScale ?? (WarmupSteps > 0 ? WarmupSteps : 10_000);
        return 1 / Math.Sqrt((update + timeScale - WarmupSteps) / timeScale);
    }

    private double WarmupStableDecayAt(int update)
    {
        if (update < WarmupSteps) return Math.Max(0, AboveMinimum(Rise(WarmupRamp, (double)update / WarmupSteps)));

        int decayStart = TotalSteps - DecaySteps;
        if (update < decayStart) return 1;
        if (update >= TotalSteps) return MinimumShare;
        return Math.Max(0, AboveMinimum(Fall(DecayRamp, (double)(update - decayStart) / DecaySteps, Cycles ?? 0.5)));
    }

    private static double Rise(RampKind ramp, double progress) => ramp switch
    {
        RampKind.Linear => progress,
        RampKind.Cosine => HalfCosine(1 - progress),
        _ => 1 - Math.Sqrt(1 - progress),
    };

    private static double Fall(RampKind ramp, double progress, double cycles) => ramp switch
    {
        RampKind.Linear => 1 - progress,
        RampKind.Cosine => HalfCosine(2 * cycles * progress),
        _ => 1 - Math.Sqrt(progress),
    };

    private double AboveMinimum(double share) => share * (1 - MinimumShare) + MinimumShare;

    /// <summary>1 at 0, 0 at 1, 1 again at 2.</summary>
    private static double HalfCosine(double halfTurns) => 0.5 * (1 + Math.Cos(Math.PI * halfTurns));
}
