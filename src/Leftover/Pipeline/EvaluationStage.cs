using Leftover.Batches;
using Leftover.Evaluation;
using Leftover.Evaluation.Statistics;
using Leftover.Models;
using Leftover.Reference;
using Leftover.Runs;

namespace Leftover.Pipeline;

/// <summary>Measures policies on held-out prompts: rewards of their replies, KL to the reference, length, diversity, and how they rank logged answers.</summary>
/// <remarks>In fp32, as replies are written, whatever the numbers of the training: bf16 sees small changes of the weights in jumps (docs/decisions/0011-bfloat16.md).</remarks>
internal sealed class EvaluationStage(RunContext context, TextCoding coding, PolicySource reference, RewardStage rewards)
{
    /// <summary>One policy's replies, scored, with their log-probabilities under it and under the reference.</summary>
    /// <param name="name">What it is called.</param>
    /// <param name="policy">The policy.</param>
    /// <param name="step">The training step whose weights it has.</param>
    /// <param name="heldOut">The prompts.</param>
    /// <param name="ofSeed">Seeds the replies; null takes the recipe's seed.</param>
    public PolicyReplies Replies(string name, PolicySource policy, int? step, TokenizedSet heldOut, long? ofSeed = null)
    {
        long seed = ofSeed ?? context.Recipe.Seed;
        EvaluationOptions options = context.Recipe.Evaluation;
        int prompts = Math.Min(options.MaxPrompts ?? int.MaxValue, heldOut.Prompts.Count);
        int[][] ids = [.. heldOut.Prompts.Take(prompts)];
        string[] texts = [.. heldOut.FirstOf.Take(prompts).Select(row => heldOut.Examples[row].PromptText)];

        Reply[] replies;
        float[][] own;
        TrainingRow[] rows;
        using (LanguageModel model = policy.Load(trainable: false))
        {
            Generation.GenerationOptions generation = GenerationSettings.Of(context.Recipe, coding, model) with { Seed = seed };
            replies = GenerationStage.Run(context, policy, model, coding, ids, generation, options.SamplesPerPrompt, $"Replies of {name}");
            rows = [.. replies.Select((reply, i) => new TrainingRow(i, ids[i / options.SamplesPerPrompt], reply.Tokens))];
            own = LogProbs(name, policy, model, rows);
        }
        float[][] atReference = own;
        if (policy.Hash != reference.Hash)
        {
            using LanguageModel model = reference.Load(trainable: false);
            atReference = LogProbs("the reference", reference, model, rows);
        }

        IReadOnlyList<IReadOnlyDictionary<string, double>> scores = rewards.ScoreReplies([.. replies.Select((reply, i) => (texts[i / options.SamplesPerPrompt], reply.Text))], withHoldOut: true);
        return new PolicyReplies
        {
            Name = name,
            Seed = seed,
            Step = step,
            Replies = [.. replies.Select((reply, i) => new ScoredReply(
                i / options.SamplesPerPrompt, texts[i / options.SamplesPerPrompt], reply.Text, reply.Tokens.Length, scores[i],
                Sum(own[i]), Sum(atReference[i]), Kl(KlEstimator.K3, own[i], atReference[i]), reply.Cut)
            {
                KlK2 = Kl(KlEstimator.K2, own[i], atReference[i]),
            })],
        };
    }

    /// <summary>How a policy ranks and predicts the held-out answers that are there already.</summary>
    public LoggedFit Fit(string name, PolicySource policy, TokenizedSet heldOut, IReadOnlyList<double>? logged)
    {
        using LanguageModel model = policy.Load(trainable: false);
        return LoggedFit.Of(heldOut, LogProbs(name, policy, model, heldOut.Rows), logged);
    }

    private float[][] LogProbs(string name, PolicySource policy, LanguageModel model, IReadOnlyList<TrainingRow> rows)
    {
        context.Performance.ComputeType = model.ComputeType;
        string key = RunContext.LogProbsKey(policy, model.ComputeType);
        using RowStore store = context.OpenRows("log-probs", key);
        return ReferencePass.TokenLogProbs(model, rows, store, key, states: null, context.FrozenBatchTokens, context.Performance, context.Cancellation, $"Log-probabilities of {name}");
    }

    private static double Sum(float[] values) => values.Sum(value => (double)value);

    private static double Kl(KlEstimator estimator, float[] own, float[] reference)
    {
        double sum = 0;
        for (int t = 0; t < own.Length; t++) sum += KlEstimators.Of(estimator, own[t], reference[t]);
        return sum;
    }
}

/// <summary>How a policy ranks and predicts held-out answers that are there already.</summary>
/// <param name="Perplexity">exp of the mean NLL a token of the better answers.</param>
/// <param name="Pairs">For each pair of answers to one prompt with different rewards: 1 where the better-scored is likelier, else 0; half for equals.</param>
/// <param name="PairsPerToken">The same with ln π a token.</param>
internal sealed record LoggedFit(double? Perplexity, double[] Pairs, double[] PairsPerToken)
{
    public static LoggedFit Of(TokenizedSet set, float[][] logProbs, IReadOnlyList<double>? logged)
    {
        double nll = 0;
        long tokens = 0;
        for (int i = 0; i < logProbs.Length; i++)
        {
            if (set.Examples[i].SftTarget == false) continue;
            nll -= logProbs[i].Sum(value => (double)value);
            tokens += logProbs[i].Length;
        }
        List<double> pairs = [], perToken = [];
        if (logged is not null)
        {
            foreach (IGrouping<int, int> prompt in Enumerable.Range(0, logProbs.Length).GroupBy(i => set.PromptOf[i]))
            {
                int[] rows = [.. prompt];
                for (int a = 0; a < rows.Length; a++)
                {
                    for (int b = a + 1; b < rows.Length; b++)
                    {
                        (int better, int worse) = logged[rows[a]] > logged[rows[b]] ? (rows[a], rows[b]) : (rows[b], rows[a]);
                        if (logged[better] == logged[worse]) continue;
                        pairs.Add(Win(logProbs[better].Sum(value => (double)value), logProbs[worse].Sum(value => (double)value)));
                        perToken.Add(Win(logProbs[better].Average(value => (double)value), logProbs[worse].Average(value => (double)value)));
                    }
                }
            }
        }
        return new LoggedFit(tokens == 0 ? null : Math.Exp(nll / tokens), [.. pairs], [.. perToken]);
    }

    private static double Win(double better, double worse) => better > worse ? 1 : better == worse ? 0.5 : 0;
}
