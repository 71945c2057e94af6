using System.Globalization;
using Leftover.Advantages;
using Leftover.Batches;
using Leftover.Data;
using Leftover.Runs;
using Leftover.Tensors;
using Leftover.Training;

namespace Leftover.Pipeline;

/// <summary>Puts a training set's rows together to the groups that a method compares: pairs, ranked lists, or answers with a label.</summary>
internal sealed class GroupStage(RunPipeline pipeline, string label)
{
    private const double FewestOfAKind = 0.1;                // weighted share of desirable or undesirable answers, below which one is told

    /// <summary>The groups, each in the order that the losses expect.</summary>
    /// <param name="grouping">What the method compares.</param>
    /// <param name="rows">The training rows with their rewards, weights and reference log-probabilities, in the set's order.</param>
    /// <exception cref="DataException">Nothing can be compared.</exception>
    public IReadOnlyList<IReadOnlyList<TrainingRow>> Make(Grouping grouping, TrainingRow[] rows)
    {
        if (grouping is Grouping.Labels labels) return Labelled(labels, rows);
        Answer[] answers = [.. Answers(rows)];
        AnswerGroups groups = grouping is Grouping.Pairs pairs
            ? AnswerGroups.PairsOf(answers, pairs, pipeline.Context.Recipe.Seed)
            : AnswerGroups.RankingsOf(answers, (Grouping.Rankings)grouping);
        string what = grouping is Grouping.Pairs ? "pairs" : "ranked lists", skipped = groups.SkippedText();
        if (groups.Groups.Count == 0)
            throw new DataException($"{label}: the {answers.Length} training rows give no {what} to learn from ({(skipped.Length == 0 ? "no two answers can be compared" : skipped)}). It compares answers to one prompt: {(grouping is Grouping.Rankings { Order: AnswerOrder.Data } ? "give each line several answers, one of them the best (chosen and rejected, or ranked completions)" : "give several to each (chosen and rejected, ranked completions, or rows that share their prompt)")}, or other rewards.");
        if (skipped.Length > 0) pipeline.Context.Observer.Warn($"{label}: {groups.Groups.Count} {what}; left out are {skipped}.");
        bool marksBest = grouping is Grouping.Rankings { Order: AnswerOrder.Data };
        return [.. groups.Groups.Select((group, number) => (IReadOnlyList<TrainingRow>)[.. group.Select(row => rows[row] with { Group = number, Weight = rows[group[0]].Weight, IsBest = marksBest && pipeline.Data.Train.Examples[row].SftTarget == true })])];
    }

    /// <summary>The groups with a pad after each completion, as losses read them that count pads.</summary>
    /// <exception cref="DataException">The tokenizer has no token that ends or fills up texts.</exception>
    public IReadOnlyList<IReadOnlyList<TrainingRow>> Padded(IReadOnlyList<IReadOnlyList<TrainingRow>> groups)
    {
        int pad = pipeline.Coding.Tokenizer.EndOfSequence ?? pipeline.Coding.Tokenizer.Pad
            ?? throw new DataException($"{label}: it counts the pad after an answer, and the tokenizer names neither an end nor a pad token. Leave released_mask out.");
        return [.. groups.Select(group => (IReadOnlyList<TrainingRow>)[.. group.Select(row => row with { Completion = [.. row.Completion, pad] })])];
    }

    /// <summary>Refuses steps that would be cut, where the loss compares all groups of a step with each other.</summary>
    /// <exception cref="DataException">A step is more than one batch, or its groups have weights of their own.</exception>
    public void EnsureWholeSteps(StepPlan steps, TrainingOptions options)
    {
        TrainerSettings settings = TrainingStage.SettingsOf(options, steps.Steps);
        int step = 0;
        foreach (IReadOnlyList<TrainingRow> rows in steps.All)
        {
            step++;
            if (rows.Any(row => row.Weight != rows[0].Weight)) throw new DataException($"{label}: it compares the sorted answers of a step's pairs, which have no weight of their own, and step {step} has rows of weight {Text(rows.Min(row => row.Weight))} to {Text(rows.Max(row => row.Weight))}. Leave the weights out, or use another loss_type.");
            if (StepBatches.Of(rows, settings).Count() == 1) continue;
            string why = settings.Accumulation > 1 ? $"training.gradient_accumulation cuts it in {settings.Accumulation}" : $"it has {BatchPacker.TokensToCut(rows)} tokens, more than the {settings.MaxBatchTokens} of training.max_batch_tokens";
            throw new DataException($"{label}: it sorts all pairs of a step, and step {step} would be computed in parts: {why}. Use gradient_accumulation: 1 with a batch_size of all pairs of a step, and raise max_batch_tokens or lower batch_size.");
        }
    }

    /// <summary>Steps as large as those over groups can become, before any reward is known: each prompt's longest answers.</summary>
    /// <param name="grouping">What the method compares.</param>
    /// <param name="train">The train set.</param>
    /// <param name="options">What makes a step.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="pads">Whether the loss reads a pad after each completion.</param>
    public static IEnumerable<IReadOnlyList<TrainingRow>> OnePass(Grouping grouping, TokenizedSet train, TrainingOptions options, long seed, bool pads)
    {
        // What weighs nothing is not computed, and how much the others weigh changes no memory.
        bool none = train.Rows.All(row => row.Weight == 0);
        TrainingRow[] rows = [.. train.Rows.Where(row => none || row.Weight != 0).Select(row => row with { Weight = 1, Completion = pads ? [.. row.Completion, 0] : row.Completion })];
        int most = grouping is Grouping.Rankings rankings ? rankings.Candidates : 2;
        IReadOnlyList<TrainingRow>[] groups = grouping is Grouping.Labels { MeasuresDrift: false }
            ? [.. rows.Select((row, i) => (IReadOnlyList<TrainingRow>)[row with { Group = i }])]
            : grouping is Grouping.Labels
            ? [.. rows.Select((row, i) => (IReadOnlyList<TrainingRow>)[row with { Group = i }, row with { Group = i }])]
            : [.. rows.GroupBy(row => train.PromptOf[row.Example]).Select(prompt => (IReadOnlyList<TrainingRow>)[.. prompt.OrderByDescending(row => row.Completion.Length).Take(most).Select(row => row with { Group = prompt.Key })])];
        options = options with { Steps = null, TotalTokens = null, Epochs = Math.Min(options.Epochs, 1) };
        return StepPlan.Of(SamplingPlan.Passes(groups.Length, StepPlan.SampledTogether(options), seed), groups, options, "groups").All;
    }

    private IEnumerable<Answer> Answers(TrainingRow[] rows)
    {
        IReadOnlyList<Example> examples = pipeline.Data.Train.Examples;
        var lines = new Dictionary<(string, int), int>();
        for (int i = 0; i < rows.Length; i++)
        {
            if (rows[i].Weight == 0) continue;
            if (!lines.TryGetValue((examples[i].File, examples[i].Line), out int line)) lines[(examples[i].File, examples[i].Line)] = line = lines.Count;
            yield return new Answer(i, pipeline.Train.PromptOf[i], rows[i].Completion, pipeline.Rewards.Totals[i]) { IsTarget = examples[i].SftTarget, Line = line };
        }
    }

    // An answer, judged by the sign of its advantage over the rule's bound, and after it another prompt's answer, by which the drift is measured.
    private List<IReadOnlyList<TrainingRow>> Labelled(Grouping.Labels labels, TrainingRow[] rows)
    {
        double[] rewards = pipeline.Rewards.Totals;
        int[] counted = [.. Enumerable.Range(0, rows.Length).Where(i => rows[i].Weight != 0)];
        double mean = counted.Length == 0 ? 0 : counted.Average(i => rewards[i]);
        Dictionary<int, double> means = counted.GroupBy(i => pipeline.Train.PromptOf[i]).ToDictionary(prompt => prompt.Key, prompt => prompt.Count() > 1 ? prompt.Average(i => rewards[i]) : mean);
        double Bound(int row) => labels.Rule switch
        {
            LabelRule.Threshold => labels.Threshold,
            LabelRule.PromptMean => means[pipeline.Train.PromptOf[row]],
            LabelRule.Data when pipeline.Data.Train.Examples[row].SftTarget is { } best => rewards[row] + (best ? -1 : 1),      // a unit on the side that the data names
            _ => mean,
        };

        int desirable = counted.Count(i => rewards[i] > Bound(i));
        if (desirable == 0 || desirable == counted.Length)
            throw new DataException($"{label}: {(desirable == 0 ? "none" : "all")} of the {counted.Length} training rows {(desirable == 0 ? "is" : "are")} desirable by '{labels.Rule.ToString().ToLowerInvariant()}'{(labels.Rule == LabelRule.Threshold ? " " + labels.Threshold.ToString(CultureInfo.InvariantCulture) : "")}; it learns from both kinds. Rewards are {Text(counted.Length == 0 ? 0 : counted.Min(i => rewards[i]))} to {Text(counted.Length == 0 ? 0 : counted.Max(i => rewards[i]))}: set 'desirable' and 'threshold' so that they lie on both sides.");
        double share = (double)desirable / counted.Length;
        string told = $"{label}: {desirable} desirable and {counted.Length - desirable} undesirable answers";
        if (Math.Min(share, 1 - share) < FewestOfAKind) pipeline.Context.Observer.Warn($"{told}; the fewer should weigh as much as the others: raise desirable_weight or undesirable_weight.");
        else pipeline.Context.Observer.Say($"{told}.");

        TrainingRow?[] others = labels.MeasuresDrift ? Others(counted, rows) : new TrainingRow?[counted.Length];
        return [.. counted.Select((row, number) => Group(row, number, others[number]))];

        IReadOnlyList<TrainingRow> Group(int row, int number, TrainingRow? other)
        {
            TrainingRow own = rows[row] with { Group = number, Advantage = (float)(rewards[row] - Bound(row)) };
            return other is null ? [own] : [own, other with { Group = number, Weight = own.Weight }];
        }
    }

    // Each prompt with the answer of another, in a seeded order: no answer is drawn much more than others. None where there is one prompt alone.
    private TrainingRow?[] Others(int[] counted, TrainingRow[] rows)
    {
        int[] order = [.. counted];
        new RandomStream(pipeline.Context.Recipe.Seed, "other prompts' answers").Shuffle<int>(order);
        var others = new TrainingRow?[counted.Length];
        if (counted.Select(row => pipeline.Train.PromptOf[row]).Distinct().Count() < 2) return others;
        for (int i = 0; i < others.Length; i++)
        {
            int at = i;
            while (pipeline.Train.PromptOf[order[at]] == pipeline.Train.PromptOf[counted[i]]) at = (at + 1) % order.Length;
            others[i] = new TrainingRow(counted[i], rows[counted[i]].Prompt, rows[order[at]].Completion);
        }
        float[][] logProbs = pipeline.ReferencePass.LogProbsOf(Array.ConvertAll(others, other => other!));
        for (int i = 0; i < others.Length; i++) others[i] = others[i]! with { ReferenceTokenLogProbs = logProbs[i] };
        return others;
    }

    private static string Text(double number) => number.ToString("G4", CultureInfo.InvariantCulture);
}
