using Leftover.Evaluation;

namespace Leftover.Reporting.Charts;

/// <summary>Reward against distance from the reference, a labelled point a policy.</summary>
internal static class RewardKlChart
{
    public static Chart? Of(RunResults results, string reward)
    {
        bool k3 = results.Methods.All(method => method.KlK3 is not null);
        string subject = reward == Verdict.Total ? "Total reward" : $"Reward {reward}";
        return PlaneChart.Of(
            "reward-kl", $"{subject} against KL",
            $"Up is better, right is further from the reference (KL by {(k3 ? "k3" : "k1")}). Of two policies with the same reward, the one further left changed less for it.",
            "KL to the reference, nats a reply",
            results.Methods.Select((method, i) => new PlaneChart.Point(method.Name, k3 ? method.KlK3!.Value : method.Kl, method.Rewards.TryGetValue(reward, out Estimate estimate) ? estimate : new Estimate(double.NaN, 0, 0), i)));
    }
}
