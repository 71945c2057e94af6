namespace Leftover.Advantages;

/// <summary>Values V(x) that need no trained head: means of rewards that are there anyway.</summary>
/// <remarks>Prompts are numbered from 0. Every method gives one value a training row, in the rows' order and in reward units.</remarks>
public static class ValueBaselines
{
    /// <summary>One number for every row.</summary>
    public static double[] Constant(int rows, double value)
    {
        double[] values = new double[rows];
        values.AsSpan().Fill(value);
        return values;
    }

    /// <summary>The mean reward of the reference policy's own answers to the row's prompt; where it gave none, the mean of all its answers.</summary>
    /// <param name="prompts">The prompt of each row.</param>
    /// <param name="decodePrompts">The prompt of each of the reference's answers.</param>
    /// <param name="decodeRewards">What each earned.</param>
    /// <exception cref="ArgumentException">There are no answers, or not as many rewards as answers.</exception>
    public static double[] MeanOfDecodes(ReadOnlySpan<int> prompts, ReadOnlySpan<int> decodePrompts, ReadOnlySpan<double> decodeRewards)
    {
        CheckLengths("decodes", decodePrompts.Length, decodeRewards.Length);
        var byPrompt = new PromptSums(decodePrompts, decodeRewards);
        double[] values = new double[prompts.Length];
        for (int i = 0; i < values.Length; i++)
        {
            (double sum, int count) = byPrompt[prompts[i]];
            values[i] = count > 0 ? sum / count : byPrompt.Mean;
        }
        return values;
    }

    /// <summary>The mean logged reward of the row's prompt, the row's own included: a prompt with one answer has no advantage.</summary>
    /// <param name="prompts">The prompt of each row.</param>
    /// <param name="rewards">What each earned.</param>
    public static double[] MeanOfLogged(ReadOnlySpan<int> prompts, ReadOnlySpan<double> rewards)
    {
        CheckLengths("rows", prompts.Length, rewards.Length);
        var byPrompt = new PromptSums(prompts, rewards);
        double[] values = new double[prompts.Length];
        for (int i = 0; i < values.Length; i++)
        {
            (double sum, int count) = byPrompt[prompts[i]];
            values[i] = sum / count;
        }
        return values;
    }

    /// <summary>The mean logged reward of the other answers to the row's prompt, so that a row does not value itself.</summary>
    /// <param name="prompts">The prompt of each row.</param>
    /// <param name="rewards">What each earned.</param>
    /// <param name="alone">The value of a row whose prompt has no other answer, for example the mean of the reference's own; null takes the mean of all other rows.</param>
    /// <exception cref="ArgumentException">One row alone, and no value for it.</exception>
    public static double[] LeaveOneOut(ReadOnlySpan<int> prompts, ReadOnlySpan<double> rewards, double? alone = null)
    {
        CheckLengths("rows", prompts.Length, rewards.Length);
        if (prompts.Length == 1 && alone is null) throw new ArgumentException("value.kind: leave_one_out has one row and nothing to compare it with. Give more rows, or value.kind: constant with value.constant.", nameof(rewards));
        var byPrompt = new PromptSums(prompts, rewards);
        double[] values = new double[prompts.Length];
        for (int i = 0; i < values.Length; i++)
        {
            (double sum, int count) = byPrompt[prompts[i]];
            values[i] = count > 1 ? (sum - rewards[i]) / (count - 1) : alone ?? (byPrompt.Sum - rewards[i]) / (prompts.Length - 1);
        }
        return values;
    }

    private static void CheckLengths(string what, int prompts, int rewards)
    {
        if (prompts != rewards) throw new ArgumentException($"{prompts} {what} need as many rewards; {rewards} were given.");
        if (prompts == 0) throw new ArgumentException($"There are no {what} to take a mean of. Give some, or choose another value.kind.");
    }

    private sealed class PromptSums
    {
        private readonly Dictionary<int, (double Sum, int Count)> _sums = [];

        public PromptSums(ReadOnlySpan<int> prompts, ReadOnlySpan<double> rewards)
        {
            for (int i = 0; i < prompts.Length; i++)
            {
                (double sum, int count) = this[prompts[i]];
                _sums[prompts[i]] = (sum + rewards[i], count + 1);
                Sum += rewards[i];
            }
            Mean = Sum / prompts.Length;
        }

        public double Sum { get; }

        public double Mean { get; }

        public (double Sum, int Count) this[int prompt] => _sums.GetValueOrDefault(prompt);
    }
}
