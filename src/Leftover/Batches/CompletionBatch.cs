using Leftover.Tensors;

namespace Leftover.Batches;

/// <summary>Packed completions, end to end, with all that a loss may need: B completions of N completion tokens together.</summary>
/// <remarks>
/// The model's input is <see cref="Tokens"/>: each prompt once, then its completions without their last token, which predicts
/// nothing. <see cref="Rows"/> says which row of the hidden states predicts each completion token. There is no padding.
/// The tensor properties make constants on the open tape.
/// </remarks>
public sealed class CompletionBatch
{
    /// <summary>The packed input token ids, prompts and completions.</summary>
    public required int[] Tokens { get; init; }

    /// <summary>Where each prompt and completion lies among <see cref="Tokens"/>, and which prompt each completion sees.</summary>
    public required PackedLayout Layout { get; init; }

    /// <summary>For each completion token, the row of the hidden states that predicts it; [N].</summary>
    public required int[] Rows { get; init; }

    /// <summary>The completion tokens, end to end; [N].</summary>
    public required int[] Targets { get; init; }

    /// <summary>Completion i has tokens <c>Offsets[i] .. Offsets[i+1]-1</c>; [B+1].</summary>
    public required int[] Offsets { get; init; }

    /// <summary>R(x, y) of each completion; [B].</summary>
    public required float[] RewardValues { get; init; }

    /// <summary>A(x, y) = R(x, y) − V(x) of each completion, in reward units, not clamped; [B].</summary>
    public required float[] AdvantageValues { get; init; }

    /// <summary>The data's own weight of each completion; [B].</summary>
    public required float[] WeightValues { get; init; }

    /// <summary>ln π_ref of each completion token; [N]. Empty where the algorithm does not use the reference policy.</summary>
    public required float[] ReferenceTokenLogProbValues { get; init; }

    /// <summary>Group i is completions <c>GroupOffsets[i] .. GroupOffsets[i+1]-1</c>; [G+1]. Default: each completion for itself.</summary>
    public int[] GroupOffsets
    {
        get => field ??= [.. Enumerable.Range(0, Offsets.Length)];
        init;
    }

    /// <summary>The completion that each group's data calls the best, or its first; [G].</summary>
    public int[] BestOfGroup
    {
        get => field ??= GroupOffsets[..Groups];
        init;
    }

    /// <summary>ln Σ_v π_θ(v)² of the distribution that each completion token was drawn from; [N], written by the model's pass. Empty where the algorithm does not read it.</summary>
    public float[] LogSumSquaredProbValues { get; init; } = [];

    /// <summary>What is known of the tokens where the policy in training wrote them; null where they were logged.</summary>
    public RolloutTokens? Rollout { get; init; }

    /// <summary>Each completion's row number in the training set; [B]. It names examples in error messages.</summary>
    public required int[] Examples { get; init; }

    /// <summary>What this batch's mean loss counts for in its step: its share of the step's completions, so that accumulated batches equal one big batch.</summary>
    public float StepShare { get; init; } = 1;

    /// <summary>B, the number of completions.</summary>
    public int Count => Offsets.Length - 1;

    /// <summary>G, the number of groups.</summary>
    public int Groups => GroupOffsets.Length - 1;

    /// <summary>R(x, y); [B].</summary>
    public Tensor Rewards => Tensor.Vector(RewardValues);

    /// <summary>A(x, y); [B].</summary>
    public Tensor Advantages => Tensor.Vector(AdvantageValues);

    /// <summary>max(A, 0); [B].</summary>
    public Tensor PositiveAdvantages => Advantages.Maximum(0);

    /// <summary>The data's own weights; [B].</summary>
    public Tensor Weights => Tensor.Vector(WeightValues);

    /// <summary>The data's own weight of each group, which is that of its first completion; [G].</summary>
    public Tensor GroupWeights => First(Weights);

    /// <summary>ln π_ref of each completion token; [N].</summary>
    public Tensor ReferenceTokenLogProbs => Tensor.Vector(ReferenceTokenLogProbValues);

    /// <summary>ln Σ_v π_θ(v)² at each completion token, a constant; [N].</summary>
    public Tensor LogSumSquaredProbs => Tensor.Vector(LogSumSquaredProbValues);

    /// <summary>ln π_ref(y|x), the sum over each completion's tokens; [B].</summary>
    public Tensor ReferenceLogProbs => SumByCompletion(ReferenceTokenLogProbs);

    /// <summary>ln π_θ(y|x) − ln π_ref(y|x); [B]. Summed token by token: the difference of two long sums would lose digits.</summary>
    /// <param name="tokenLogProbs">ln π_θ of each completion token, [N].</param>
    public Tensor LogRatios(Tensor tokenLogProbs) => SumByCompletion(tokenLogProbs - ReferenceTokenLogProbs);

    /// <summary>Sums [N] over each completion's tokens to [B].</summary>
    public Tensor SumByCompletion(Tensor perToken) => perToken.SumBySegment(Offsets);

    /// <summary>Repeats [B] for each token of its completion to [N].</summary>
    public Tensor RepeatByToken(Tensor perCompletion) => perCompletion.RepeatBySegment(Offsets);

    /// <summary>The mean over each completion's tokens, [N] to [B].</summary>
    public Tensor MeanByCompletion(Tensor perToken) => PerToken(SumByCompletion(perToken));

    /// <summary>Each completion's number over its tokens, [B] to [B].</summary>
    public Tensor PerToken(Tensor perCompletion)
    {
        float[] shares = new float[Count];
        for (int b = 0; b < shares.Length; b++) shares[b] = 1f / (Offsets[b + 1] - Offsets[b]);
        return perCompletion * Tensor.Vector(shares);
    }

    /// <summary>The number of each group's first completion, the best of those that are compared; [B] to [G].</summary>
    public Tensor First(Tensor perCompletion) => perCompletion.Pick(GroupOffsets.AsSpan(0, Groups));

    /// <summary>The number of each group's best completion by its data; [B] to [G].</summary>
    public Tensor Best(Tensor perCompletion) => perCompletion.Pick(BestOfGroup);

    /// <summary>The number of each group's last completion, the worst of those that are compared; [B] to [G].</summary>
    public Tensor Last(Tensor perCompletion)
    {
        int[] last = new int[Groups];
        for (int g = 0; g < last.Length; g++) last[g] = GroupOffsets[g + 1] - 1;
        return perCompletion.Pick(last);
    }
}
