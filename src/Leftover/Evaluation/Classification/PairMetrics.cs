namespace Leftover.Evaluation.Classification;

/// <summary>How well scores put the chosen answer of a pair above the rejected one.</summary>
public static class PairMetrics
{
    /// <summary>The share of pairs whose chosen answer scores higher.</summary>
    /// <param name="margins">Each pair's score of the chosen answer minus that of the rejected.</param>
    /// <param name="tie">What an equal score counts: 0 is wrong, ½ a coin's toss.</param>
    public static double Accuracy(ReadOnlySpan<double> margins, double tie = 0.5)
    {
        double right = 0;
        foreach (double margin in margins) right += margin > 0 ? 1 : margin == 0 ? tie : 0;
        return right / margins.Length;
    }

    /// <summary>Mean ln σ(margin), in nats: the Bradley–Terry log-likelihood of the choices.</summary>
    public static double LogLikelihood(ReadOnlySpan<double> margins)
    {
        double sum = 0;
        foreach (double margin in margins) sum -= margin > 0 ? Math.Log(1 + Math.Exp(-margin)) : Math.Log(1 + Math.Exp(margin)) - margin;
        return sum / margins.Length;
    }
}
