using Leftover.Evaluation;
using Leftover.Rewards.Text;

namespace Leftover.Reporting;

/// <summary>Looks in the replies themselves for signs that a policy earns its reward in a way nobody meant.</summary>
internal static class ReplyChecks
{
    /// <summary>One row a policy: what its reward goes along with.</summary>
    public static ReportTable Table(ReportInput input) => new ReportTable(
        "Reward that goes along with length, replies that are all alike or that copy their prompt: any of these may be a reward earned in a way nobody meant.",
        [
            new("policy", IsText: true),
            new("reward and length", "correlation of the ranking reward with the reply's tokens, in [−1, 1]"),
            new("length against reference", "mean tokens over the reference's"),
            new("same reply again", "share of replies whose text another prompt got too"),
            new("copied from prompt", "mean share of a reply's word triples that stand in its prompt"),
        ],
        [.. Of(input).Select(signs => (IReadOnlyList<Cell>)[new(signs.Policy), Cell.Number(signs.RewardLength), Ratio(signs.LengthRatio), Cell.Percent(signs.Same), Cell.Percent(signs.Copied)])]).WithoutEmptyColumns();

    /// <summary>A line for each sign that is strong; none is a proof.</summary>
    public static IReadOnlyList<string> Notes(ReportInput input)
    {
        List<string> notes = [.. Constant(input)];
        Signs[] all = [.. Of(input)];
        foreach (Signs signs in all.Skip(1))
        {
            MethodResult? own = input.Results.Methods.FirstOrDefault(method => method.Name == signs.Policy), reference = input.Results.Methods[0];
            if (signs.LengthRatio is > 1.5 or < 0.67)
                notes.Add($"{signs.Policy}: replies are {Ratio(signs.LengthRatio).Text} as long as the reference's; see whether the reward pays for length alone.");
            if (signs.RewardLength is { } r && Math.Abs(r) > 0.5 && Math.Abs(r) > Math.Abs(all[0].RewardLength ?? 0) + 0.1)
                notes.Add($"{signs.Policy}: reward and length correlate with {Figures.Number(r)} ({Figures.Number(all[0].RewardLength ?? double.NaN)} for the reference).");
            if (signs.Same > 0.25 && signs.Same > 1.5 * (all[0].Same ?? 0))
                notes.Add($"{signs.Policy}: {Figures.Percent(signs.Same.Value)} of the replies are the very text that another prompt got too.");
            if (signs.Copied > 0.5 && signs.Copied > 1.5 * (all[0].Copied ?? 0))
                notes.Add($"{signs.Policy}: {Figures.Percent(signs.Copied.Value)} of the replies' word triples stand in their prompts.");
            foreach ((string fault, double share) in own?.Degenerate ?? new Dictionary<string, double>())
            {
                double before = reference.Degenerate is { } known && known.TryGetValue(fault, out double was) ? was : 0;
                if (share > 0.1 && share > 1.5 * before) notes.Add($"{signs.Policy}: {Figures.Percent(share)} of the replies are flagged '{fault}' ({Figures.Percent(before)} for the reference).");
            }
        }
        return notes;
    }

    /// <summary>A line for each reward that is the same for every reply: it tells nothing about the policies.</summary>
    private static IEnumerable<string> Constant(ReportInput input)
    {
        ScoredReply[] replies = [.. input.Replies.SelectMany(policy => policy.Replies)];
        if (replies.Length < 2) yield break;
        foreach (string reward in replies[0].Rewards.Keys)
        {
            double first = replies[0].Rewards[reward];
            if (replies.All(reply => reply.Rewards.TryGetValue(reward, out double value) && value == first))
                yield return $"The reward '{reward}' is {Figures.Number(first)} for every reply of every policy: either no policy can earn more, or it does not measure what it should.";
        }
    }

    private static IEnumerable<Signs> Of(ReportInput input)
    {
        string? reward = input.Results.Methods.Count == 0 ? null : Verdict.RankingReward(input.Results);
        double? referenceLength = input.Replies.Count > 0 && input.Replies[0].Replies.Count > 0 ? input.Replies[0].Replies.Average(reply => (double)reply.Tokens) : null;
        foreach (PolicyReplies policy in input.Replies)
        {
            if (policy.Replies.Count == 0) continue;
            Dictionary<string, int> prompts = policy.Replies.GroupBy(reply => reply.Text).ToDictionary(group => group.Key, group => group.Select(reply => reply.Prompt).Distinct().Count());
            yield return new Signs(
                policy.Name,
                reward is null ? null : Correlation([.. policy.Replies.Select(reply => (double)reply.Tokens)], [.. policy.Replies.Select(reply => reply.Rewards.TryGetValue(reward, out double value) ? value : double.NaN)]),
                referenceLength > 0 ? policy.Replies.Average(reply => (double)reply.Tokens) / referenceLength : null,
                (double)policy.Replies.Count(reply => prompts[reply.Text] > 1) / policy.Replies.Count,
                policy.Replies.Average(Copied));
        }
    }

    private static Cell Ratio(double? ratio) => ratio is { } value ? new(Figures.Fixed(100 * value, 0) + "%", Value: value) : Cell.Empty;

    /// <summary>The share of a reply's word triples that stand in its prompt; 0 for a reply of fewer than three words.</summary>
    private static double Copied(ScoredReply reply)
    {
        List<string> triples = [.. NGrams.Of(TextUnits.Words(reply.Text.ToLowerInvariant()), 3)];
        if (triples.Count == 0) return 0;
        HashSet<string> prompt = new(NGrams.Of(TextUnits.Words(reply.PromptText.ToLowerInvariant()), 3), StringComparer.Ordinal);
        return (double)triples.Count(prompt.Contains) / triples.Count;
    }

    /// <summary>Pearson's correlation; null where one of the two does not vary or is not finite.</summary>
    private static double? Correlation(double[] x, double[] y)
    {
        double meanX = x.Average(), meanY = y.Average(), xx = 0, yy = 0, xy = 0;
        for (int i = 0; i < x.Length; i++)
        {
            xx += (x[i] - meanX) * (x[i] - meanX);
            yy += (y[i] - meanY) * (y[i] - meanY);
            xy += (x[i] - meanX) * (y[i] - meanY);
        }
        double r = xy / Math.Sqrt(xx * yy);
        return double.IsFinite(r) ? r : null;
    }

    private sealed record Signs(string Policy, double? RewardLength, double? LengthRatio, double? Same, double? Copied);
}
