using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Leftover.Advantages;
using Leftover.Batches;
using Leftover.Tensors;

namespace Leftover.Algorithms;

/// <summary>An objective that compares answers to one prompt with each other: its losses are of groups.</summary>
public abstract record GroupAlgorithm : Algorithm
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override Credit Credit => Credit.Comparison;

    /// <inheritdoc/>
    public override Tensor Loss(Tensor tokenLogProbs, CompletionBatch batch) =>
        (batch.GroupWeights * CompletionLosses(tokenLogProbs, batch)).Mean();
}

/// <summary>An objective over pairs of a better and a worse answer; the better one is its group's first completion.</summary>
public abstract record PairAlgorithm : GroupAlgorithm
{
    /// <summary>Which pairs are made of a prompt's answers. Default <see cref="PairRule.BestWorst"/>.</summary>
    public PairRule Pairs { get; init; } = PairRule.BestWorst;

    /// <summary>Pairs whose rewards differ by less are left out; reward units, ≥ 0. Default 0: only equal rewards make no pair.</summary>
    [Range(0.0, double.MaxValue)]
    public double MinMargin { get; init; }

    /// <summary>What says which answer is better. Default the reward.</summary>
    public AnswerOrder Prefer { get; init; } = AnswerOrder.Reward;

    /// <inheritdoc/>
    [JsonIgnore]
    public override Grouping? Grouping => new Grouping.Pairs(Pairs, MinMargin, Prefer);

    /// <summary>What the objective takes as an answer's reward, by its tokens' sums; its metrics compare chosen and rejected by it.</summary>
    /// <param name="logProb">ln π_θ(y|x).</param>
    /// <param name="logRatio">ln π_θ(y|x) − ln π_ref(y|x); 0 where the reference is not read.</param>
    /// <param name="tokens">Tokens of the answer.</param>
    protected abstract double ImplicitReward(double logProb, double logRatio, int tokens);

    /// <summary>What each token counts in <see cref="ImplicitReward"/>'s sums, [N]; null counts each once.</summary>
    /// <param name="batch">The completions.</param>
    protected internal virtual float[]? TokenWeights(CompletionBatch batch) => null;

    /// <inheritdoc/>
    public override void Measure(ReadOnlySpan<float> tokenLogProbs, ReadOnlySpan<float> tokenValues, CompletionBatch batch, FigureMeans figures)
    {
        float[]? weights = TokenWeights(batch);
        for (int g = 0; g < batch.Groups; g++)
        {
            (double chosenLogProb, double chosen) = Sums(tokenLogProbs, weights, batch, batch.GroupOffsets[g]);
            (double rejectedLogProb, double rejected) = Sums(tokenLogProbs, weights, batch, batch.GroupOffsets[g + 1] - 1);
            figures.Add("rewards/chosen", chosen);
            figures.Add("rewards/rejected", rejected);
            figures.Add("rewards/margins", chosen - rejected);
            figures.Add("rewards/accuracies", chosen > rejected ? 1 : 0);
            figures.Add("logps/chosen", chosenLogProb);
            figures.Add("logps/rejected", rejectedLogProb);
        }
    }

    private (double LogProb, double Reward) Sums(ReadOnlySpan<float> tokenLogProbs, float[]? weights, CompletionBatch batch, int completion)
    {
        (int from, int to) = (batch.Offsets[completion], batch.Offsets[completion + 1]);
        double logProb = 0, weighted = 0, logRatio = 0;
        for (int t = from; t < to; t++)
        {
            float weight = weights is null ? 1 : weights[t];
            logProb += tokenLogProbs[t];
            weighted += weight * (double)tokenLogProbs[t];
            if (UsesReference) logRatio += weight * ((double)tokenLogProbs[t] - batch.ReferenceTokenLogProbValues[t]);
        }
        return (logProb, ImplicitReward(weighted, logRatio, to - from));
    }

    /// <summary>−(1 − ε)·ln σ(margin) − ε·ln σ(−margin): the loss of a preference that is wrong with probability ε.</summary>
    internal static Tensor Logistic(Tensor margin, float labelSmoothing)
    {
        Tensor loss = margin.LogSigmoid() * (labelSmoothing - 1);
        return labelSmoothing == 0 ? loss : loss - (-margin).LogSigmoid() * labelSmoothing;
    }

    /// <summary>The mean NLL a token of the better answers; over all of them in the batch together.</summary>
    internal static Tensor ChosenNll(Tensor tokenLogProbs, CompletionBatch batch)
    {
        int tokens = 0;
        float[] chosen = new float[tokenLogProbs.Length];
        for (int g = 0; g < batch.Groups; g++)
        {
            (int from, int to) = (batch.Offsets[batch.GroupOffsets[g]], batch.Offsets[batch.GroupOffsets[g] + 1]);
            chosen.AsSpan(from, to - from).Fill(1);
            tokens += to - from;
        }
        return (tokenLogProbs * Tensor.Vector(chosen)).Sum() * (-1f / tokens);
    }
}
