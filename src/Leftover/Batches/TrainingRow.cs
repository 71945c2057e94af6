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

    /// <summary>Rows of one prompt that a loss compares stand next to each other and have one number, ≥ 0; −1 stands alone.</summary>
    public int Group { get; init; } = Alone;

    /// <summary>True for the answer that its data calls the best of a group, where the group is in another order. Default false: the group's first is.</summary>
    public bool IsBest { get; init; }

    /// <summary>What is known of the tokens where the policy in training wrote them; null where they were logged.</summary>
    public RolloutTokens? Rollout { get; init; }

    /// <summary>The <see cref="Group"/> of a row that is compared with none.</summary>
    public const int Alone = -1;

    /// <summary>Prompt and completion tokens together.</summary>
    public int Length => Prompt.Length + Completion.Length;

    /// <summary>The rows in runs that belong together: groups, and rows that stand alone.</summary>
    public static IEnumerable<List<TrainingRow>> Units(IEnumerable<TrainingRow> rows)
    {
        List<TrainingRow> unit = [];
        foreach (TrainingRow row in rows)
        {
            if (unit.Count > 0 && (row.Group == Alone || row.Group != unit[^1].Group))
            {
                yield return unit;
                unit = [];
            }
            unit.Add(row);
        }
        if (unit.Count > 0) yield return unit;
    }
}
