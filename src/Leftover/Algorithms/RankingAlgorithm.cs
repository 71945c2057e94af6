using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Leftover.Batches;

namespace Leftover.Algorithms;

/// <summary>An objective over lists of answers to one prompt, the best first unless the data's order is asked for.</summary>
public abstract record RankingAlgorithm : GroupAlgorithm
{
    /// <summary>n, answers of a list, at most: of more, the best, the worst and those evenly between are taken, or by the data's order its best and the first others; ≥ 2. Default 5.</summary>
    [Range(2, 64)]
    public int Candidates { get; init; } = 5;

    /// <summary>Lists whose best and worst rewards differ by less are left out; reward units, ≥ 0. Default 0: lists of equal rewards alone.</summary>
    [Range(0.0, double.MaxValue)]
    public double MinMargin { get; init; }

    /// <summary>
    /// What says which answer is the best. Default the reward: lists go from the highest to the lowest. <see cref="AnswerOrder.Data"/> takes the answers of each line of data in
    /// their order and the one that the data names as the best; where rewards disagree, <c>pro</c> prefers the higher reward and learns the data's best.
    /// </summary>
    public AnswerOrder Prefer { get; init; } = AnswerOrder.Reward;

    /// <inheritdoc/>
    [JsonIgnore]
    public override Grouping? Grouping => new Grouping.Rankings(Candidates, MinMargin, Prefer);

    /// <inheritdoc/>
    public override void Measure(ReadOnlySpan<float> tokenLogProbs, ReadOnlySpan<float> tokenValues, CompletionBatch batch, FigureMeans figures)
    {
        for (int g = 0; g < batch.Groups; g++)
        {
            double first = Mean(tokenLogProbs, batch, batch.BestOfGroup[g]), last = Mean(tokenLogProbs, batch, Worst(batch, g));
            figures.Add("rewards/chosen", first);
            figures.Add("rewards/rejected", last);
            figures.Add("rewards/margins", first - last);
            figures.Add("rewards/accuracies", first > last ? 1 : 0);
        }
    }

    // The list's last, or the last but one where the data's best is at its end.
    private static int Worst(CompletionBatch batch, int group) =>
        batch.GroupOffsets[group + 1] - (batch.BestOfGroup[group] == batch.GroupOffsets[group + 1] - 1 ? 2 : 1);

    private double Mean(ReadOnlySpan<float> tokenLogProbs, CompletionBatch batch, int completion)
    {
        (int first, int end) = (batch.Offsets[completion], batch.Offsets[completion + 1] - (ReadsPads ? 1 : 0));
        double sum = 0;
        foreach (float value in tokenLogProbs[first..end]) sum += value;
        return sum / (end - first);
    }
}
