using Leftover.Evaluation.Comparison;

namespace Leftover.Reporting.Comparison;

/// <summary>What a comparison's figures say, in plain words.</summary>
internal static class CompareVerdict
{
    /// <summary>The verdict on the policies, and then on noise, on rewards that nobody trained on and on trainings that failed.</summary>
    public static Verdict Of(CompareResults compared)
    {
        Verdict verdict = Verdict.Of(compared.Results);
        return verdict with { Details = [.. verdict.Details, .. new[] { Noise(compared), Failures(compared) }.OfType<string>()] };
    }

    /// <summary>Whether a method falls least where completions are replaced by bad ones, and how sure that is; null where it was not measured.</summary>
    internal static string? Noise(CompareResults compared)
    {
        if (compared.NoiseGap is not { } gap) return null;
        double level = compared.Noise.Max(result => result.Noise);
        NoiseResult[] last = [.. compared.Noise.Where(result => result.Noise == level && result.Name != compared.Results.Methods[0].Name)];
        NoiseResult subject = last.Single(result => result.Name == gap.Subject), rival = last.Single(result => result.Name == gap.Rival);
        bool least = gap.Difference.Mean >= 0;
        string falls = least
            ? $"{gap.Subject} falls least of {last.Length} methods, by {Fall(subject)}; next is {gap.Rival} with {Fall(rival)}"
            : $"{gap.Subject} does not fall least of {last.Length} methods: it falls by {Fall(subject)}, {gap.Rival} by {Fall(rival)}";
        int decimals = Figures.Decimals(gap.Difference.Mean, gap.Difference.Low, gap.Difference.High);
        string range = $"{Figures.Signed(gap.Difference.Mean, decimals)} ({Figures.Range(gap.Difference.Low, gap.Difference.High, decimals)})";
        string sure = gap.Difference.Low > 0 || gap.Difference.High < 0 ? $"The difference of {range} is more than chance gives." : $"Their difference, {range}, may be chance.";
        int rank = 1 + last.Count(result => result.Reward.Mean > subject.Reward.Mean);
        return $"With {Figures.Percent(level)} of the log's completions replaced by bad ones, {falls}. {sure} {gap.Subject} then earns {Figures.Of(subject.Reward).Mean}, {(rank == 1 ? "the most" : $"number {rank}")} of {last.Length}.";
    }

    private static string Fall(NoiseResult result)
    {
        (string mean, string range) = Figures.Of(result.Fall);
        return $"{mean} ({range})";
    }

    private static string? Failures(CompareResults compared) => compared.Failed.Count == 0 ? null
        : $"{compared.Failed.Count} of {compared.Failed.Count + compared.Cells.Count} trainings and measurements failed and are in no figure: {string.Join(", ", compared.Failed.GroupBy(cell => cell.Method).Select(method => $"{method.Key} {method.Count()}"))}. The same command tries them again.";
}
