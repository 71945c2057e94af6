namespace Leftover.Advantages;

/// <summary>Trained value heads with their report; no head where the constant stands for V.</summary>
/// <param name="heads">One, or one a part of a cross-fit; they are disposed with this.</param>
/// <param name="report">How well they do.</param>
public sealed class ValueFit(IReadOnlyList<ValueHead> heads, ValueReport report) : IDisposable
{
    /// <summary>The heads; empty where the constant stands for V.</summary>
    public IReadOnlyList<ValueHead> Heads => heads;

    /// <summary>How well they do on prompts they were not trained on.</summary>
    public ValueReport Report => report;

    /// <summary>V of prompts that took no part in training: the mean of the heads' values, or the constant.</summary>
    /// <param name="states">The prompts' hidden states.</param>
    /// <param name="prompts">Which of them.</param>
    /// <returns>One value a prompt; reward units.</returns>
    public double[] Predict(PromptStates states, IReadOnlyList<int> prompts)
    {
        if (heads.Count == 0) return ValueBaselines.Constant(prompts.Count, report.Constant);
        double[] values = new double[prompts.Count];
        foreach (ValueHead head in heads)
        {
            double[] own = head.Predict(states, prompts);
            for (int i = 0; i < values.Length; i++) values[i] += own[i] / heads.Count;
        }
        return values;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (ValueHead head in heads) head.Dispose();
    }
}
