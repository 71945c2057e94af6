using Leftover.Evaluation.Statistics;
using Leftover.Tensors;

namespace Leftover.Evaluation;

/// <summary>Whose replies earn more of a reward, prompt by prompt.</summary>
public static class WinRates
{
    /// <summary>Holds each reply of a to a prompt against each of b's.</summary>
    /// <param name="a">One policy's replies.</param>
    /// <param name="b">The other's, to the same prompts.</param>
    /// <param name="reward">The reward, or <c>total</c>.</param>
    /// <param name="confidence">Of the interval, in (0, 1).</param>
    /// <param name="random">What the bootstrap over prompts draws from.</param>
    public static WinRateResult Of(PolicyReplies a, PolicyReplies b, string reward, double confidence, RandomStream random)
    {
        Dictionary<int, double[]> ofB = RewardsByPrompt(b, reward);
        int wins = 0, ties = 0, losses = 0;
        List<double> rates = [];
        foreach ((int prompt, double[] own) in RewardsByPrompt(a, reward).OrderBy(pair => pair.Key))
        {
            double[] others = ofB[prompt];
            int won = 0, tied = 0;
            foreach (double x in own)
            {
                foreach (double y in others)
                {
                    if (x > y) won++;
                    if (x == y) tied++;
                }
            }
            int count = own.Length * others.Length;
            wins += won;
            ties += tied;
            losses += count - won - tied;
            rates.Add((won + tied / 2.0) / count);
        }
        if (rates.Count < 2) return new WinRateResult(wins, ties, losses, rates[0], double.NaN, double.NaN);
        Interval interval = MeanIntervals.MeanInterval([.. rates], confidence, IntervalMethod.BootstrapPercentile, random);
        return new WinRateResult(wins, ties, losses, interval.Estimate, interval.Low, interval.High);
    }

    private static Dictionary<int, double[]> RewardsByPrompt(PolicyReplies policy, string reward) =>
        policy.Replies.GroupBy(reply => reply.Prompt).ToDictionary(group => group.Key, group => group.Select(reply => reply.Rewards[reward]).ToArray());
}
