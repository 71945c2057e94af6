namespace Leftover.Algorithms;

/// <summary>GAE: advantages of single tokens as discounted sums of what each step earned beyond what the value expected.</summary>
/// <remarks>δ_t = r_t + γ·V_{t+1} − V_t and A_t = δ_t + γλ·A_{t+1}; nothing comes after a reply's last token. Schulman et al. 2016, arXiv:1506.02438, eq. 16.</remarks>
public static class GeneralizedAdvantages
{
    /// <summary>Advantages, and returns A + V; [N] each.</summary>
    /// <param name="rewards">The reward of each token; [N].</param>
    /// <param name="values">The value before each token; [N].</param>
    /// <param name="offsets">Reply i is tokens <c>offsets[i] .. offsets[i+1]-1</c>; [B+1].</param>
    /// <param name="gamma">γ, the discount; in [0, 1].</param>
    /// <param name="lambda">λ, how far what came is believed rather than the value; in [0, 1].</param>
    public static (double[] Advantages, double[] Returns) Of(ReadOnlySpan<double> rewards, ReadOnlySpan<double> values, ReadOnlySpan<int> offsets, double gamma, double lambda)
    {
        double[] advantages = new double[rewards.Length], returns = new double[rewards.Length];
        for (int i = 0; i < offsets.Length - 1; i++)
        {
            double next = 0, nextValue = 0;
            for (int t = offsets[i + 1] - 1; t >= offsets[i]; t--)
            {
                next = rewards[t] + gamma * nextValue - values[t] + gamma * lambda * next;
                nextValue = values[t];
                advantages[t] = next;
                returns[t] = next + nextValue;
            }
        }
        return (advantages, returns);
    }
}
