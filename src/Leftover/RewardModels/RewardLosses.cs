using Leftover.Tensors;

namespace Leftover.RewardModels;

/// <summary>The losses of reward models, one number a row or pair. Means over them are the caller's.</summary>
internal static class RewardLosses
{
    /// <summary>−ln σ(chosen − rejected − margin) + c·(chosen + rejected)². Bradley &amp; Terry 1952; Touvron et al. 2023, arXiv:2307.09288, §3.2.2, for the margin; Eisenstein et al. 2023, arXiv:2312.09244, for the centring.</summary>
    /// <param name="scores">Chosen and rejected in turn, [2n, 1].</param>
    /// <param name="margins">How much higher each chosen answer is to score, [n]; empty for 0.</param>
    /// <param name="centering">c; ≥ 0.</param>
    /// <returns>[n].</returns>
    public static Tensor BradleyTerry(Tensor scores, ReadOnlySpan<float> margins, float centering)
    {
        int[] first = [.. Enumerable.Range(0, scores.Rows / 2).Select(i => 2 * i)];
        Tensor chosen = scores.GatherRows(first).Column(0), rejected = scores.GatherRows([.. first.Select(i => i + 1)]).Column(0);
        Tensor margin = chosen - rejected;
        if (margins.Length > 0) margin -= Tensor.Vector(margins);
        Tensor loss = -margin.LogSigmoid();
        if (centering == 0) return loss;
        Tensor sum = chosen + rejected;
        return loss + sum * sum * centering;
    }

    /// <summary>−ln softmax(logits)[label].</summary>
    /// <param name="logits">[n, labels].</param>
    /// <param name="labels">[n].</param>
    /// <returns>[n].</returns>
    public static Tensor CrossEntropy(Tensor logits, ReadOnlySpan<int> labels) => -logits.RowLogProbs(labels);

    /// <summary>−t·ln σ(s) − (1 − t)·ln σ(−s), for targets t in [0, 1].</summary>
    /// <param name="scores">[n].</param>
    /// <param name="targets">[n].</param>
    /// <returns>[n].</returns>
    public static Tensor BinaryCrossEntropy(Tensor scores, ReadOnlySpan<float> targets)
    {
        Tensor target = Tensor.Vector(targets);
        return -(target * scores.LogSigmoid()) - (-target + 1) * (-scores).LogSigmoid();
    }

    /// <summary>(s − t)².</summary>
    /// <param name="scores">[n].</param>
    /// <param name="targets">[n].</param>
    /// <returns>[n].</returns>
    public static Tensor SquaredError(Tensor scores, ReadOnlySpan<float> targets)
    {
        Tensor miss = scores - Tensor.Vector(targets);
        return miss * miss;
    }
}
