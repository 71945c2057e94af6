using Leftover.Algorithms;
using Leftover.Tensors;

namespace Leftover.Batches;

/// <summary>Packs rows into a batch: each distinct prompt once, then its completions, end to end.</summary>
public static class BatchPacker
{
    /// <summary>One batch of all the rows.</summary>
    /// <param name="rows">At least one; rows of the same prompt need not be neighbours.</param>
    /// <param name="stepShare">What the batch counts for in its step; see <see cref="CompletionBatch.StepShare"/>.</param>
    /// <param name="sumsSquares">True makes room for <see cref="CompletionBatch.LogSumSquaredProbValues"/>.</param>
    /// <remarks>Completions come out grouped by prompt, prompts in the order of their first row.</remarks>
    public static CompletionBatch Pack(IReadOnlyList<TrainingRow> rows, float stepShare = 1, bool sumsSquares = false)
    {
        ArgumentOutOfRangeException.ThrowIfZero(rows.Count);
        List<List<TrainingRow>> groups = GroupByPrompt(rows);

        int inputs = groups.Sum(group => group[0].Prompt.Length + group.Sum(row => row.Completion.Length - 1));
        int completionTokens = rows.Sum(row => row.Completion.Length);
        var tokens = new int[inputs];
        var segments = new Segment[groups.Count + rows.Count];
        var (hiddenRows, targets) = (new int[completionTokens], new int[completionTokens]);
        var offsets = new int[rows.Count + 1];
        var packed = new TrainingRow[rows.Count];

        int at = 0, segment = 0, completion = 0, token = 0;
        foreach (List<TrainingRow> group in groups)
        {
            int prompt = segment;
            int[] promptIds = group[0].Prompt;
            segments[segment++] = new Segment(at, promptIds.Length);
            promptIds.CopyTo(tokens, at);
            at += promptIds.Length;
            int promptEnd = at - 1;                              // its row predicts each completion's first token
            foreach (TrainingRow row in group)
            {
                int[] ids = row.Completion;
                segments[segment++] = new Segment(at, ids.Length - 1, prompt);
                for (int t = 0; t < ids.Length; t++, token++)
                {
                    hiddenRows[token] = t == 0 ? promptEnd : at + t - 1;
                    targets[token] = ids[t];
                }
                ids.AsSpan(0, ids.Length - 1).CopyTo(tokens.AsSpan(at));
                at += ids.Length - 1;
                packed[completion] = row;
                offsets[++completion] = token;
            }
        }
        return new CompletionBatch
        {
            Tokens = tokens,
            Layout = new PackedLayout(segments),
            Rows = hiddenRows,
            Targets = targets,
            Offsets = offsets,
            RewardValues = Array.ConvertAll(packed, row => row.Reward),
            AdvantageValues = Array.ConvertAll(packed, row => row.Advantage),
            WeightValues = Array.ConvertAll(packed, row => row.Weight),
            ReferenceTokenLogProbValues = ReferenceOf(packed, completionTokens),
            Examples = Array.ConvertAll(packed, row => row.Example),
            GroupOffsets = GroupsOf(packed),
            BestOfGroup = BestOf(packed),
            LogSumSquaredProbValues = new float[sumsSquares ? completionTokens : 0],
            Rollout = Array.TrueForAll(packed, row => row.Rollout is not null) ? RolloutTokens.Join(Array.ConvertAll(packed, row => row.Rollout!)) : null,
            StepShare = stepShare,
        };
    }

    /// <summary>How many input tokens a batch of the rows has, each prompt counted once, and how many completion tokens.</summary>
    public static (int Inputs, int Completions) SizeOf(IReadOnlyList<TrainingRow> rows)
    {
        HashSet<PromptKey> prompts = [];
        (int inputs, int completions) = (0, 0);
        foreach (TrainingRow row in rows)
        {
            inputs += row.Completion.Length - 1 + (prompts.Add(new PromptKey(row.Prompt)) ? row.Prompt.Length : 0);
            completions += row.Completion.Length;
        }
        return (inputs, completions);
    }

    /// <summary>Cuts rows into runs of at most <paramref name="maxTokens"/> input tokens each (a longer row or group stands alone), keeping their order.</summary>
    /// <remarks>Neighbours of the same prompt count it once. Rows of one group have one prompt and stay together.</remarks>
    public static IEnumerable<List<TrainingRow>> CutByTokens(IEnumerable<TrainingRow> rows, int maxTokens)
    {
        List<TrainingRow> run = [];
        int tokens = 0;
        foreach (List<TrainingRow> unit in TrainingRow.Units(rows))
        {
            int needed = Needed(unit, run.Count > 0 ? run[^1] : null);
            if (run.Count > 0 && tokens + needed > maxTokens)
            {
                yield return run;
                (run, tokens, needed) = ([], 0, Needed(unit, null));
            }
            run.AddRange(unit);
            tokens += needed;
        }
        if (run.Count > 0) yield return run;
    }

    /// <summary>The least bound with which <see cref="CutByTokens"/> leaves the rows together.</summary>
    public static int TokensToCut(IEnumerable<TrainingRow> rows)
    {
        TrainingRow? before = null;
        int tokens = 0;
        foreach (List<TrainingRow> unit in TrainingRow.Units(rows))
        {
            tokens += Needed(unit, before);
            before = unit[^1];
        }
        return tokens;
    }

    private static int Needed(List<TrainingRow> unit, TrainingRow? before) =>
        unit.Sum(row => row.Completion.Length) + (before is not null && new PromptKey(before.Prompt).Equals(new PromptKey(unit[0].Prompt)) ? 0 : unit[0].Prompt.Length);

    private static int[] GroupsOf(TrainingRow[] packed)
    {
        int at = 0;
        return [0, .. TrainingRow.Units(packed).Select(unit => at += unit.Count)];
    }

    private static int[] BestOf(TrainingRow[] packed)
    {
        int at = 0;
        return [.. TrainingRow.Units(packed).Select(unit => (at += unit.Count) - unit.Count + Math.Max(unit.FindIndex(row => row.IsBest), 0))];
    }

    // In the order of each prompt's first row.
    private static List<List<TrainingRow>> GroupByPrompt(IReadOnlyList<TrainingRow> rows)
    {
        List<List<TrainingRow>> groups = [];
        var byPrompt = new Dictionary<PromptKey, List<TrainingRow>>();
        foreach (TrainingRow row in rows)
        {
            var key = new PromptKey(row.Prompt);
            if (!byPrompt.TryGetValue(key, out List<TrainingRow>? group))
            {
                byPrompt[key] = group = [];
                groups.Add(group);
            }
            group.Add(row);
        }
        return groups;
    }

    private static float[] ReferenceOf(TrainingRow[] rows, int completionTokens)
    {
        if (!Array.TrueForAll(rows, row => row.ReferenceTokenLogProbs is not null)) return [];
        var values = new float[completionTokens];
        int at = 0;
        foreach (TrainingRow row in rows)
        {
            row.ReferenceTokenLogProbs!.CopyTo(values, at);
            at += row.Completion.Length;
        }
        return values;
    }
}
