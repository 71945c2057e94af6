using Leftover.Batches;
using Leftover.Tensors;

namespace Leftover.Advantages;

/// <summary>An answer that may be compared with others to its prompt.</summary>
/// <param name="Row">Its number in the training set.</param>
/// <param name="Prompt">Its prompt's number.</param>
/// <param name="Tokens">Its token ids: answers of the same tokens are equal.</param>
/// <param name="Reward">R(x, y); finite.</param>
public sealed record Answer(int Row, int Prompt, int[] Tokens, double Reward)
{
    /// <summary>True for the one that its data calls the best, false for those it calls worse, null where it says nothing.</summary>
    public bool? IsTarget { get; init; }

    /// <summary>Answers of one line of data have one number: only they are compared where the data says which is better. Default 0.</summary>
    public int Line { get; init; }
}

/// <summary>Puts answers together to pairs and ranked lists, the better answer first, and counts what cannot be compared.</summary>
public sealed class AnswerGroups
{
    private readonly List<int[]> _groups = [];
    private readonly SortedDictionary<string, int> _skipped = new(StringComparer.Ordinal);

    private AnswerGroups()
    {
    }

    /// <summary>The groups: row numbers, the best answer first; of lists by the data's order, in that order.</summary>
    public IReadOnlyList<int[]> Groups => _groups;

    /// <summary>What was left out, by why; in words that follow a number.</summary>
    public IReadOnlyDictionary<string, int> Skipped => _skipped;

    /// <summary>The pairs of a training set, prompt by prompt.</summary>
    /// <param name="answers">All answers.</param>
    /// <param name="pairs">Which pairs.</param>
    /// <param name="seed">The run's seed, for pairs drawn at random.</param>
    public static AnswerGroups PairsOf(IEnumerable<Answer> answers, Grouping.Pairs pairs, long seed)
    {
        var made = new AnswerGroups();
        bool byData = pairs.Order == AnswerOrder.Data;
        foreach (IGrouping<(int, int), Answer> prompt in answers.GroupBy(answer => (answer.Prompt, byData ? answer.Line : 0)))
        {
            Answer[] ranked = Ranked(prompt);
            if (!made.Compares(ranked, byData)) continue;
            List<(Answer Better, Answer Worse)> possible = [];
            int equal = 0, close = 0;
            foreach ((Answer better, Answer worse) in byData ? ByData(ranked) : ByReward(ranked, pairs.Rule))
            {
                if (better.Tokens.AsSpan().SequenceEqual(worse.Tokens)) equal++;
                else if (!byData && !Differs(better.Reward, worse.Reward, pairs.MinimumMargin)) close++;
                else possible.Add((better, worse));
            }
            made.Skip("pairs of two equal answers", equal);
            made.Skip(pairs.MinimumMargin > 0 ? "pairs whose rewards differ by less than min_margin" : "pairs of equal rewards", close);
            if (possible.Count == 0) continue;
            if (pairs.Rule == PairRule.Random) possible = [possible[new RandomStream(seed, "pairs", prompt.Key.Item1, prompt.Key.Item2).Next(possible.Count)]];
            else if (pairs.Rule == PairRule.BestWorst) possible = [possible[^1]];       // by the data's order: its choice against the worst by reward
            made._groups.AddRange(possible.Select(pair => new[] { pair.Better.Row, pair.Worse.Row }));
        }
        return made;
    }

    /// <summary>The lists of a training set, prompt by prompt or, by the data's order, line by line.</summary>
    /// <param name="answers">All answers.</param>
    /// <param name="rankings">How long they are, and in what order.</param>
    public static AnswerGroups RankingsOf(IEnumerable<Answer> answers, Grouping.Rankings rankings)
    {
        var made = new AnswerGroups();
        bool byData = rankings.Order == AnswerOrder.Data;
        foreach (IGrouping<(int, int), Answer> prompt in answers.GroupBy(answer => (answer.Prompt, byData ? answer.Line : 0)))
        {
            Answer[] all = Ranked(prompt);
            if (!made.Compares(all, byData)) continue;
            if (byData && !all.Any(answer => answer.IsTarget == true))
            {
                made.Skip("lists of which the data names no answer the best", 1);
                continue;
            }
            Answer[] ranked = [.. (byData ? all.OrderBy(answer => answer.IsTarget != true).ThenBy(answer => answer.Row) : all.AsEnumerable()).DistinctBy(answer => new PromptKey(answer.Tokens))];
            made.Skip("answers equal to another of their list", all.Length - ranked.Length);
            if (byData) ranked = [.. ranked.Take(rankings.Candidates)];                                                         // the data's best is the first of them
            if (ranked.Length == 1) made.Skip("lists of one answer once equal ones are left out", 1);
            else if (!Differs(ranked.Max(answer => answer.Reward), ranked.Min(answer => answer.Reward), rankings.MinimumMargin)) made.Skip(rankings.MinimumMargin > 0 ? "lists whose rewards differ by less than min_margin" : "lists of equal rewards", 1);
            else if (byData) made._groups.Add([.. ranked.Select(answer => answer.Row).Order()]);
            else made._groups.Add([.. Taken(ranked.Length, rankings.Candidates).Select(rank => ranked[rank].Row)]);
        }
        return made;
    }

    /// <summary>What was left out, for people: <c>3 prompts with one answer, 1 pairs of equal rewards</c>; empty where nothing was.</summary>
    public string SkippedText() => string.Join(", ", _skipped.Select(skipped => $"{skipped.Value} {skipped.Key}"));

    // The best first; of equal rewards the earlier row.
    private static Answer[] Ranked(IEnumerable<Answer> answers) => [.. answers.OrderByDescending(answer => answer.Reward).ThenBy(answer => answer.Row)];

    private static IEnumerable<(Answer Better, Answer Worse)> ByReward(Answer[] ranked, PairRule rule)
    {
        if (rule != PairRule.BestWorst)
            for (int better = 0; better < ranked.Length; better++)
                for (int worse = better + 1; worse < ranked.Length; worse++)
                    yield return (ranked[better], ranked[worse]);
        else yield return (ranked[0], ranked[^1]);
    }

    private static IEnumerable<(Answer Better, Answer Worse)> ByData(Answer[] ranked) =>
        from better in ranked where better.IsTarget == true from worse in ranked where worse.IsTarget == false select (better, worse);

    // Ranks of a list of so many that are taken: the first, the last and those evenly between.
    private static IEnumerable<int> Taken(int answers, int candidates)
    {
        int taken = Math.Min(answers, candidates);
        return Enumerable.Range(0, taken).Select(i => (int)Math.Round((double)i * (answers - 1) / (taken - 1)));
    }

    private static bool Differs(double better, double worse, double margin) => better > worse && better - worse >= margin;

    private bool Compares(Answer[] ranked, bool ofLine)
    {
        if (ranked.Length == 1) Skip(ofLine ? "lines of data with one answer" : "prompts with one answer", 1);
        return ranked.Length > 1;
    }

    private void Skip(string why, int count)
    {
        if (count > 0) _skipped[why] = _skipped.GetValueOrDefault(why) + count;
    }
}
