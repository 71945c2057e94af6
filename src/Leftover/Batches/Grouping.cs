namespace Leftover.Batches;

/// <summary>What several answers to one prompt are put together to, where a loss compares them.</summary>
public abstract record Grouping
{
    /// <summary>A better and a worse answer.</summary>
    /// <param name="Rule">Which pairs.</param>
    /// <param name="MinimumMargin">Pairs whose rewards differ by less are left out; reward units, ≥ 0.</param>
    /// <param name="Order">What says which answer is better.</param>
    public sealed record Pairs(PairRule Rule, double MinimumMargin, AnswerOrder Order) : Grouping;

    /// <summary>Answers from the best to the worst, or as the data lists them.</summary>
    /// <param name="Candidates">Answers of a list, at most; ≥ 2.</param>
    /// <param name="MinimumMargin">Lists whose best and worst rewards differ by less are left out; reward units, ≥ 0.</param>
    /// <param name="Order">What says which answer is the best, and which come before which.</param>
    public sealed record Rankings(int Candidates, double MinimumMargin, AnswerOrder Order = AnswerOrder.Reward) : Grouping;

    /// <summary>An answer that is desirable or not, and another prompt's answer to the same prompt, by which the policy's drift is measured.</summary>
    /// <param name="Rule">What an answer is judged by.</param>
    /// <param name="Threshold">Rewards above it are desirable, where the rule asks for it.</param>
    /// <param name="MeasuresDrift">False makes groups of the answer alone.</param>
    public sealed record Labels(LabelRule Rule, double Threshold, bool MeasuresDrift = true) : Grouping;
}

/// <summary>Which pairs are made of one prompt's answers.</summary>
public enum PairRule
{
    /// <summary>One: the best against the worst.</summary>
    BestWorst,

    /// <summary>Every two whose rewards differ.</summary>
    All,

    /// <summary>One, drawn at random among those.</summary>
    Random,
}

/// <summary>What says which of two answers is better.</summary>
public enum AnswerOrder
{
    /// <summary>The combined reward.</summary>
    Reward,

    /// <summary>The data: chosen against rejected, or the best of a ranked list against each other.</summary>
    Data,
}

/// <summary>What says whether an answer is desirable.</summary>
public enum LabelRule
{
    /// <summary>Its reward is above the mean reward of its prompt's answers; where the prompt has one answer, of all.</summary>
    PromptMean,

    /// <summary>Its reward is above the mean reward of all answers.</summary>
    Mean,

    /// <summary>The data calls it the best of its line: the chosen one, or the first of a ranked list. Answers of which the data says nothing are judged by <see cref="Mean"/>.</summary>
    Data,

    /// <summary>Its reward is above a given number; a recorded label of 1 or 0 is above or below the default, a half.</summary>
    Threshold,
}
