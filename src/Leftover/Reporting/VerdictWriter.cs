using Leftover.Evaluation;
using Leftover.Evaluation.Statistics;

namespace Leftover.Reporting;

/// <summary>Puts a run's figures into words.</summary>
internal sealed class VerdictWriter(RunResults results)
{
    private readonly IReadOnlyList<MethodResult> _methods = results.Methods;
    private readonly string? _reward = results.Methods.Count == 0 ? null : Verdict.RankingReward(results);

    private string Prompts => $"{_methods.Min(method => method.Prompts)} held-out prompts{(results.Seeds is { Count: > 1 } seeds ? $" with {seeds.Count} seeds" : "")}";

    private string IntervalName => $"{Figures.Confidence(results.Confidence)} interval";

    private string RewardName => NameOf(_reward!);

    public Verdict Write()
    {
        if (_methods.Count == 0) return new Verdict { Kind = VerdictKind.NotRanked, Headline = "Nothing was evaluated." };
        if (_methods.Count == 1) return Single(_methods[0]);
        if (_reward is null) return RewardByReward();

        MethodResult best = _methods.MaxBy(method => Finite(method.Rewards[_reward].Mean))!;
        Gap[] gaps = [.. Corrected([.. _methods.Where(method => method != best).Select(rival => GapOf(best.Name, rival.Name, _reward))]).OrderBy(gap => Finite(gap.Difference))];
        Gap[] open = [.. gaps.Where(gap => !(gap.Low > 0) || gap.P > 1 - results.Confidence)];
        Verdict verdict = _methods.Count == 2 ? OfTwo() : open.Length > 0 ? NoWinner(best, open) : Winner(best, gaps);
        return verdict with { Details = [.. Details(verdict, gaps, open)] };
    }

    private Verdict Single(MethodResult only)
    {
        string? reward = Verdict.RankingReward(results);
        string figures = reward is null ? "" : $" Its mean {NameOf(reward)} on {Prompts} is {Mean(only.Rewards[reward])}.";
        return new Verdict { Kind = VerdictKind.NotRanked, Headline = $"Only {Subject(only.Name)} was measured, so there is nothing to compare it with.{figures}" };
    }

    private Verdict OfTwo()
    {
        string method = _methods[1].Name, reference = _methods[0].Name;
        Gap gap = GapOf(method, reference, _reward!);
        if (gap.Low > 0)
            return new Verdict { Kind = VerdictKind.Won, Winner = method, Headline = $"{method} beats {Subject(reference)}: on {Prompts} its replies earn {gap.Size} more {RewardName} ({IntervalName} {gap.Range})." };
        if (gap.High < 0)
            return new Verdict { Kind = VerdictKind.Lost, Winner = reference, Headline = $"{method} is worse than {Subject(reference)}: on {Prompts} its replies earn {gap.Size} less {RewardName} ({IntervalName} of the difference {gap.Range})." };
        return new Verdict { Kind = VerdictKind.Undecided, Headline = $"Undecided: on {Prompts} {method} and {Subject(reference)} cannot be told apart. The difference in {RewardName} is {gap.SignedSize}{gap.Spanning(IntervalName)}." };
    }

    private Verdict Winner(MethodResult best, Gap[] gaps)
    {
        string next = $"{gaps[0].Size} more {RewardName} than {Subject(gaps[0].B)}, the next best ({IntervalName} {gaps[0].Range})";
        if (best == _methods[0])
            return new Verdict { Kind = VerdictKind.Lost, Winner = best.Name, Headline = $"No method beats {Subject(best.Name)}: on {Prompts} its replies earn the most, {next}." };

        Gap toReference = gaps.Single(gap => gap.B == _methods[0].Name);
        string overReference = toReference == gaps[0] ? "" : $", and {toReference.Size} more than {Subject(toReference.B)} ({toReference.Range})";
        return new Verdict { Kind = VerdictKind.Won, Winner = best.Name, Headline = $"{best.Name} beats {(gaps.Length == 2 ? "both" : $"all {gaps.Length}")} others: on {Prompts} its replies earn {next}{overReference}." };
    }

    private Verdict NoWinner(MethodResult best, Gap[] open)
    {
        string others = List(open.Select(gap => Subject(gap.B)));
        return new Verdict
        {
            Kind = VerdictKind.Undecided,
            Headline = $"No single winner on {Prompts}: {Subject(best.Name)} has the highest mean {RewardName}, {Mean(best.Rewards[_reward!])}, but cannot be told apart from {others}"
                + $" (difference to {Subject(open[0].B)} {open[0].SignedSize}{Doubt(open[0])}).",
        };
    }

    private Verdict RewardByReward()
    {
        string reference = _methods[0].Name;
        List<string> details = [];
        foreach (MethodResult method in _methods.Skip(1))
        {
            Gap[] gaps = [.. method.Rewards.Keys.Intersect(_methods[0].Rewards.Keys).Select(reward => GapOf(method.Name, reference, reward))];
            details.Add($"{method.Name} against {Subject(reference)}: " + string.Join("; ",
                Group("gains on", gaps.Where(gap => gap.Low > 0), gap => NameOf(gap.Reward)).Concat(Group("loses on", gaps.Where(gap => gap.High < 0), gap => NameOf(gap.Reward)))
                    .Concat(Group("undecided on", gaps.Where(gap => !gap.Decided), gap => NameOf(gap.Reward))).DefaultIfEmpty("no reward in common")) + ".");
        }
        return new Verdict
        {
            Kind = VerdictKind.NotRanked,
            Headline = $"No winner is named: the replies to {Prompts} have no total reward to rank the policies by. Read the rewards one by one.",
            Details = details,
        };
    }

    private IEnumerable<string> Details(Verdict verdict, Gap[] gaps, Gap[] open)
    {
        string reference = _methods[0].Name;
        if (results.Seeds is { Count: 1 })
            yield return "Each method was trained with one seed only: intervals are over prompts alone, and what another seed would give is not known.";
        if (_methods.Count > 2)
        {
            Gap[] toReference = [.. _methods.Skip(1).Select(method => GapOf(method.Name, reference, _reward!)).OrderByDescending(gap => Finite(gap.Difference))];
            string[] groups =
            [
                .. Group("above it", toReference.Where(gap => gap.Low > 0), gap => $"{gap.A} {gap.SignedSize} ({gap.Range})"),
                .. Group("not told apart from it", toReference.Where(gap => !gap.Decided), gap => $"{gap.A} {gap.SignedSize} ({gap.Range})"),
                .. Group("below it", toReference.Where(gap => gap.High < 0), gap => $"{gap.A} {gap.SignedSize} ({gap.Range})"),
            ];
            yield return $"Against {Subject(reference)} in {RewardName}: {string.Join("; ", groups)}.";
        }
        if (verdict.Kind == VerdictKind.Undecided && open.Where(gap => gap.HasInterval).ToArray() is { Length: > 0 } unclear)
            yield return $"On these prompts a difference below about {Figures.Number(unclear.Min(gap => (gap.High - gap.Low) / 2))} cannot be seen; four times as many prompts{(results.Seeds is null ? "" : " and seeds")} would halve that.";
        if (verdict.Winner is not null && gaps.Length > 1 && gaps.Max(gap => gap.P) is { } p)
            yield return $"Corrected for the {gaps.Length} comparisons with {Subject(verdict.Winner)} (Holm), the closest has p {Figures.P(p)}; the p of the tables is corrected for all pairs.";
        else if (open.Any(gap => gap.Low > 0))
            yield return $"Where several policies are compared with the best one, some difference looks clear by chance; so p is corrected for all {gaps.Length} comparisons with it (Holm). Confirm it with {(results.Seeds is null ? "another seed" : "more seeds")} or more prompts.";
        string[] prices = [.. _methods.Skip(1).Where(method => verdict.Winner is null || method.Name == verdict.Winner).Select(Price)];
        if (prices.Length is > 0 and <= 2) yield return string.Join(" ", prices);
        foreach (MethodResult method in _methods.Skip(1))
        {
            Gap[] fallen = [.. method.Rewards.Keys.Where(reward => reward != _reward && _methods[0].Rewards.ContainsKey(reward)).Select(reward => GapOf(method.Name, reference, reward)).Where(gap => gap.High < 0)];
            if (fallen.Length > 0 && GapOf(method.Name, reference, _reward!).Low > 0)
                yield return $"{method.Name} gains {RewardName} but loses {List(fallen.Select(gap => $"{NameOf(gap.Reward)} ({gap.SignedSize}, {gap.Range})"))}.";
        }
    }

    private string Price(MethodResult method)
    {
        MethodResult reference = _methods[0];
        string kl = method.KlK3 is { } k3 ? $"{Figures.Number(k3)} nats (KL, k3)" : $"{Figures.Number(method.Kl)} nats (KL, k1)";
        return $"{method.Name} moved {kl} from {Subject(reference.Name)}, and its replies have {Figures.Number(method.Length)} tokens on average instead of {Figures.Number(reference.Length)}.";
    }

    // The best one is chosen by its mean, so its comparisons with all others are one family. One comparison, or one without p, is left as it is.
    private static Gap[] Corrected(Gap[] gaps)
    {
        if (gaps.Length < 2 || gaps.Any(gap => gap.P is null)) return [.. gaps.Select(gap => gap with { P = null })];
        double[] adjusted = MultipleComparisons.Adjust(gaps.Select(gap => gap.P!.Value).ToArray(), Correction.Holm);
        return [.. gaps.Zip(adjusted, (gap, p) => gap with { P = p })];
    }

    private string Doubt(Gap gap) =>
        gap.Low > 0 ? $", {IntervalName} {gap.Range}, but p {Figures.P(gap.P!.Value)} once corrected for the comparisons with all others" : gap.Spanning(IntervalName);

    private Gap GapOf(string a, string b, string reward)
    {
        foreach (PairedResult pair in results.Paired)
        {
            if (pair.Reward != reward) continue;
            double? p = pair.P is >= 0 and <= 1 ? pair.P : null;
            if (pair.A == a && pair.B == b) return new Gap(a, b, reward, pair.Difference, pair.Low, pair.High, p);
            if (pair.A == b && pair.B == a) return new Gap(a, b, reward, -pair.Difference, -pair.High, -pair.Low, p);
        }
        double Of(string name) => _methods.First(method => method.Name == name).Rewards[reward].Mean;
        return new Gap(a, b, reward, Of(a) - Of(b), double.NaN, double.NaN, null);
    }

    private string Subject(string name) => name == "reference" && _methods[0].Name == name ? "the reference policy" : name;

    private string Mean(Estimate estimate)
    {
        (string mean, string range) = Figures.Of(estimate);
        return double.IsFinite(estimate.Low) ? $"{mean} ({IntervalName} {range})" : mean;
    }

    private static string NameOf(string reward) => reward == Verdict.Total ? "total reward" : reward;

    private static double Finite(double value) => double.IsFinite(value) ? value : double.NegativeInfinity;

    private static IEnumerable<string> Group(string title, IEnumerable<Gap> gaps, Func<Gap, string> text)
    {
        string[] texts = [.. gaps.Select(text)];
        return texts.Length == 0 ? [] : [$"{title} {string.Join(", ", texts)}"];
    }

    private static string List(IEnumerable<string> names)
    {
        string[] all = [.. names];
        return all.Length == 1 ? all[0] : string.Join(", ", all[..^1]) + " and " + all[^1];
    }

    /// <summary>a's mean reward minus b's, and its p.</summary>
    private sealed record Gap(string A, string B, string Reward, double Difference, double Low, double High, double? P)
    {
        private int Decimals => Figures.Decimals(Difference, Low, High);

        public bool HasInterval => double.IsFinite(Low) && double.IsFinite(High);

        public bool Decided => Low > 0 || High < 0;

        public string Size => Figures.Fixed(Math.Abs(Difference), Decimals);

        public string SignedSize => Figures.Signed(Difference, Decimals);

        public string Range => Figures.Range(Low, High, Decimals);

        public string Spanning(string name) => HasInterval ? $", and its {name}, {Range}, holds 0" : ", and there are too few prompts for an interval";
    }
}
