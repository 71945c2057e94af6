using Leftover.Evaluation.Statistics;
using Leftover.Rewards.Text;
using Leftover.Tensors;

namespace Leftover.Evaluation;

/// <summary>Makes a run's figures out of the policies' replies: means with intervals, and every pair compared prompt by prompt.</summary>
public static class ResultsBuilder
{
    /// <summary>The name of all rewards in one.</summary>
    public const string Total = "total";

    // A reply in which more than this share of 4-grams came before is counted as repeating itself.
    private const double MuchRepetition = 0.3;

    private const int SelfBleuOrder = 4;

    /// <summary>One policy's figures.</summary>
    /// <param name="policy">Its replies.</param>
    /// <param name="confidence">Of the intervals, for example 0.95.</param>
    /// <param name="seed">Seeds the bootstrap over prompts.</param>
    public static MethodResult Summarize(PolicyReplies policy, double confidence, long seed)
    {
        IReadOnlyList<ScoredReply> replies = policy.Replies;
        int prompts = replies.Select(reply => reply.Prompt).Distinct().Count();
        string[] texts = [.. replies.Select(reply => reply.Text)];
        return new MethodResult
        {
            Name = policy.Name,
            Seed = policy.Seed,
            Step = policy.Step,
            Rewards = RewardNames(policy).ToDictionary(name => name, name => Mean(policy.ByPrompt(name), confidence, seed, name)),
            Kl = replies.Average(reply => reply.LogProb - reply.ReferenceLogProb),
            KlK3 = replies.Average(reply => reply.KlK3),
            KlK2 = replies.All(reply => reply.KlK2 is not null) ? replies.Average(reply => reply.KlK2) : null,
            Length = replies.Average(reply => (double)reply.Tokens),
            Prompts = prompts,
            Samples = replies.Count / prompts,
            Distinct = Diversity.DistinctByNGrams(texts).Select((value, i) => (Name: (i + 1).ToString(System.Globalization.CultureInfo.InvariantCulture), value)).ToDictionary(pair => pair.Name, pair => pair.value),
            SelfBleu = texts.Length < 2 ? null : SelfBleu.Of(texts, SelfBleuOrder),
            SelfBleuByPrompt = replies.Count / prompts < 2 ? null : replies.GroupBy(reply => reply.Prompt).Average(group => SelfBleu.Of([.. group.Select(reply => reply.Text)], SelfBleuOrder)),
            Degenerate = new Dictionary<string, double>
            {
                ["empty"] = Share(replies, reply => string.IsNullOrWhiteSpace(reply.Text)),
                ["repeats"] = Share(replies, reply => Repetition.RepN(reply.Text, 4) > MuchRepetition),
                ["cut"] = Share(replies, reply => reply.Cut),
            },
        };
    }

    /// <summary>Every pair of policies and every reward that both have; a is the later of the two, so a positive difference is a gain over the earlier.</summary>
    /// <exception cref="ArgumentException">Two policies did not answer the same prompts.</exception>
    public static IReadOnlyList<PairedResult> Compare(IReadOnlyList<PolicyReplies> policies, double confidence, long seed)
    {
        List<PairedResult> results = [];
        for (int i = 1; i < policies.Count; i++)
        {
            for (int j = 0; j < i; j++)
            {
                (PolicyReplies a, PolicyReplies b) = (policies[i], policies[j]);
                if (!a.Replies.Select(reply => reply.PromptText).SequenceEqual(b.Replies.Select(reply => reply.PromptText)))
                    throw new ArgumentException($"'{a.Name}' and '{b.Name}' did not answer the same prompts; evaluate both on one set.");
                foreach (string reward in RewardNames(a).Intersect(RewardNames(b)))
                {
                    var random = new RandomStream(seed, $"paired {reward}", i, j);
                    PairedComparison compared = PairedComparison.Compare(a.ByPrompt(reward), b.ByPrompt(reward), random, confidence);
                    results.Add(new PairedResult(a.Name, b.Name, reward, compared.Difference, compared.Low, compared.High, compared.P)
                    {
                        WinRate = WinRates.Of(a, b, reward, confidence, new RandomStream(seed, $"win rate {reward}", i, j)),
                    });
                }
            }
        }
        return results;
    }

    /// <summary>A mean with its bootstrap interval over prompts.</summary>
    public static Estimate Mean(double[] values, double confidence, long seed, string purpose)
    {
        if (values.Length < 2) return new Estimate(values.Length == 0 ? double.NaN : values[0], double.NaN, double.NaN);
        Interval interval = MeanIntervals.MeanInterval(values, confidence, IntervalMethod.BootstrapBca, new RandomStream(seed, $"interval {purpose}"));
        return new Estimate(interval.Estimate, interval.Low, interval.High);
    }

    private static IEnumerable<string> RewardNames(PolicyReplies policy) => policy.Replies.Count == 0 ? [] : policy.Replies[0].Rewards.Keys;

    private static double Share(IReadOnlyList<ScoredReply> replies, Func<ScoredReply, bool> holds) => (double)replies.Count(holds) / replies.Count;
}
