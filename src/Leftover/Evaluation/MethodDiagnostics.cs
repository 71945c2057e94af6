namespace Leftover.Evaluation;

/// <summary>What a method made of the log, and its importance weights while it was trained.</summary>
public sealed record MethodDiagnostics
{
    /// <summary>Where fewer rows than this share are kept, it is warned of: a handful of answers is soon learned by heart.</summary>
    public const double FewKept = 0.05;

    /// <summary>Where the weights of an epoch leave less than this share of the data in effect, they have collapsed: a few rows decide.</summary>
    public const double CollapsedShare = 0.3;

    /// <summary>Where more than this share of an epoch's weights is clipped, they are constants and tell no answer from another.</summary>
    public const double MostlyClipped = 0.8;

    /// <summary>Rows of the train set.</summary>
    public required int Rows { get; init; }

    /// <summary>Rows that are trained on.</summary>
    public required int Kept { get; init; }

    /// <summary>Rows dropped, by reason.</summary>
    public IReadOnlyDictionary<string, int> Dropped { get; init; } = new Dictionary<string, int>();

    /// <summary>The same by where rows come from, sources in ordinal order; empty where no row names one.</summary>
    public IReadOnlyList<KeptOfSource> BySource { get; init; } = [];

    /// <summary>Each reward, and <c>total</c>, of the rows kept and of those dropped.</summary>
    public IReadOnlyList<KeptByReward> ByReward { get; init; } = [];

    /// <summary>The importance weights of each epoch, from 1; empty where the reference was not read.</summary>
    public IReadOnlyList<WeightsOfEpoch> Epochs { get; init; } = [];

    /// <summary>What is to be minded, a sentence each: the method's name first.</summary>
    /// <param name="method">The method's label.</param>
    public IReadOnlyList<string> Warnings(string method)
    {
        List<string> warnings = [];
        if (Kept < FewKept * Rows)
            warnings.Add($"{method}: {Kept} of {Rows} rows are kept, fewer than {Percent(FewKept)}. So few are soon learned by heart. A weaker reference, better answers or a lower training.advantage_threshold keep more.");
        WeightsOfEpoch[] collapsed = [.. Epochs.Where(epoch => epoch.EffectiveShare < CollapsedShare)];
        if (collapsed.Length > 0)
        {
            WeightsOfEpoch worst = collapsed.MinBy(epoch => epoch.EffectiveShare)!;
            warnings.Add($"{method}: the importance weights have collapsed: in epoch {worst.Epoch} they leave {Percent(worst.EffectiveShare)} of the data in effect (below {Percent(CollapsedShare)} a few rows decide). A lower learning rate or fewer epochs keep the policy nearer to the reference.");
        }
        if (Epochs.Count > 0 && Epochs[^1] is { } last && last.ClippedHigh + last.ClippedLow > MostlyClipped)
            warnings.Add($"{method}: {Percent(last.ClippedHigh + last.ClippedLow)} of the importance weights of epoch {last.Epoch} are clipped: they are the same for nearly all answers, and the method is close to one without weights. A lower learning rate keeps more of them free.");
        return warnings;
    }

    private static string Percent(double share) => (100 * share).ToString("0.#", System.Globalization.CultureInfo.InvariantCulture) + "%";
}

/// <summary>What was kept of one source.</summary>
/// <param name="Source">Its name; "" where rows name none.</param>
/// <param name="Rows">Its rows.</param>
/// <param name="Kept">Those kept.</param>
/// <param name="MeanAdvantage">The mean advantage of all its rows.</param>
public sealed record KeptOfSource(string Source, int Rows, int Kept, double MeanAdvantage);

/// <summary>A reward of the rows kept and of those dropped: how far the choice of rows follows it.</summary>
/// <param name="Reward">Its name.</param>
/// <param name="MeanKept">Its mean over the rows kept; null where none is.</param>
/// <param name="MeanDropped">Its mean over the rows dropped; null where none is.</param>
/// <param name="EffectSize">Cohen's d of the two; null where one has fewer than two rows, or the reward does not vary.</param>
public sealed record KeptByReward(string Reward, double? MeanKept, double? MeanDropped, double? EffectSize);

/// <summary>Importance ratios ρ = π_θ/π_ref of one pass over the rows, as the algorithm weighs them: of tokens or of whole completions.</summary>
/// <param name="Epoch">Its number, from 1; the last may be cut short.</param>
/// <param name="LastStep">The last step of it that was logged.</param>
/// <param name="Mean">The mean ratio.</param>
/// <param name="EffectiveShare">(Σρ)² / (n·Σρ²) over the epoch, in (0, 1]: the share of the data that is left once it is weighted.</param>
/// <param name="ClippedHigh">Share of ratios above 1 + ε.</param>
/// <param name="ClippedLow">Share below 1 − ε.</param>
public sealed record WeightsOfEpoch(int Epoch, int LastStep, double Mean, double EffectiveShare, double ClippedHigh, double ClippedLow);
