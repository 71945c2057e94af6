namespace Leftover.Batches;

/// <summary>One completion that may be trained on: its tokens, and what the earlier stages found out about it.</summary>
/// <param name="Example">Its number among the run's training examples; it names the example in messages.</param>
/// <param name="Prompt">The prompt's token ids, [P], P ≥ 1. Rows of one prompt may share the array.</param>
/// <param name="Completion">The completion's token ids, [T], T ≥ 1, its end token last unless it was cut.</param>
public sealed record TrainingRow(int Example, int[] Prompt, int[] Completion)
{
    /// <summary>R(x, y), the combined reward.</summary>
    public float Reward { get; init; }

    /// <summary>A(x, y) = R − V, in reward units.</summary>
    public float Advantage { get; init; }

    /// <summary>The data's own weight, ≥ 0.</summary>
    public float Weight { get; init; } = 1;

    /// <summary>ln π_ref of each completion token, [T]; null where it is not known.</summary>
    public float[]? ReferenceTokenLogProbs { get; init; }

    /// <summary>Prompt and completion tokens together.</summary>
    public int Length => Prompt.Length + Completion.Length;
}
