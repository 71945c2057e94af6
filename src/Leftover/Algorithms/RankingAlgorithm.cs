using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Leftover.Batches;

namespace Leftover.Algorithms;

/// <summary>An objective over lists of answers to one prompt, the best first.</summary>
public abstract record RankingAlgorithm : GroupAlgorithm
{
    /// <summary>n, answers of a list, at most: of more, the best, the worst and those evenly between are taken; ≥ 2. Default 5.</summary>
    [Range(2, 64)]
    public int Candidates { get; init; } = 5;

    /// <summary>Lists whose best and worst rewards differ by less are left out; reward units, ≥ 0. Default 0: lists of equal rewards alone.</summary>
    [Range(0.0, double.MaxValue)]
    public double MinMargin { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override Grouping? Grouping => new Grouping.Rankings(Candidates, MinMargin);

    /// <inheritdoc/>
    public override void Measure(ReadOnlySpan<float> tokenLogProbs, ReadOnlySpan<float> tokenValues, CompletionBatch batch, FigureMeans figures)
    {
        for (int g = 0; g < batch.Groups; g++)
        {
            double first = Mean(tokenLogProbs, batch, batch.GroupOffsets[g]), last = Mean(tokenLogProbs, batch, batch.GroupOffsets[g + 1] - 1);
            figures.Add("rewards/chosen", first);
            figures.Add("rewards/rejected", last);
            figures.Add("rewards/margins", first - last);
            figures.Add("rewards/accuracies", first > last ? 1 : 0);
        }
    }

    private static double Mean(ReadOnlySpan<float> tokenLogProbs, CompletionBatch batch, int completion)
    {
        double sum = 0;
        foreach (float value in tokenLogProbs[batch.Offsets[completion]..batch.Offsets[completion + 1]]) sum += value;
        return sum / (batch.Offsets[completion + 1] - batch.Offsets[completion]);
    }
}
