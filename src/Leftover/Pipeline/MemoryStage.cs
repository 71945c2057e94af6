using Leftover.Algorithms;
using Leftover.Batches;
using Leftover.Data;
using Leftover.Models;
using Leftover.Runs;
using Leftover.Training;

namespace Leftover.Pipeline;

/// <summary>Plans a training's memory, chooses whether blocks run again in the backward pass, and refuses what the machine cannot hold.</summary>
/// <param name="context">Whose machine it is.</param>
/// <param name="section">The recipe's section of the training, for messages: <c>training</c> or <c>sft</c>.</param>
/// <param name="config">The model's shape.</param>
/// <param name="algorithm">The loss.</param>
/// <param name="steps">The rows of each step.</param>
internal sealed class MemoryStage(RunContext context, string section, ModelConfig config, Algorithm algorithm, IEnumerable<IReadOnlyList<TrainingRow>> steps)
{
    private const int SmallestBatch = 16;

    /// <summary>Bytes that the training holds beside what its updates need. Default 0.</summary>
    public long Beside { get; init; }

    private readonly long _held = Environment.WorkingSet, _program = MemoryPlanner.ProgramBytes();
    private readonly MachineMemory _machine = context.Memory();

    /// <summary>The plan that fits.</summary>
    /// <exception cref="DataException">None fits; the message tells what would.</exception>
    public MemoryPlan Plan(TrainingOptions options)
    {
        TrainerSettings settings = TrainingStage.SettingsOf(options, 1);
        bool must = options.GradientCheckpointing == GradientCheckpointing.True;
        MemoryPlan plan = PlanOf(settings, must);
        if (plan.Fits(_machine, _held)) return plan;
        if (options.GradientCheckpointing == GradientCheckpointing.Auto)
        {
            MemoryPlan checkpointed = PlanOf(settings, checkpoint: true);
            if (checkpointed.Fits(_machine, _held)) return checkpointed;
            plan = checkpointed;
        }
        throw new DataException(Refusal(plan, settings, options.GradientCheckpointing));
    }

    /// <summary>The line that people read.</summary>
    public string Text(MemoryPlan plan) => plan.Text(_machine);

    /// <summary>What was needed beside what was planned; null where the system does not tell.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="peaks">The whole process's, while it trained and, which is no part of the plan, while it validated.</param>
    public static string? Compared(MemoryPlan plan, PeakMeter peaks)
    {
        if (peaks.Work is not { } work) return null;
        string validation = peaks.Aside > work ? $", and {MemoryPlan.Gibibytes(peaks.Aside)} while it validated" : "";
        return $"the process held {MemoryPlan.Gibibytes(work)} GiB at its peak{validation}; planned were {MemoryPlan.Gibibytes(plan.TotalBytes)}.";
    }

    private MemoryPlan PlanOf(TrainerSettings settings, bool checkpoint) => MemoryPlanner.Plan(config, algorithm, settings with { Checkpoint = checkpoint }, steps, _program + Beside);

    private string Refusal(MemoryPlan plan, TrainerSettings settings, GradientCheckpointing choice)
    {
        List<string> ways = [SmallerBatch(plan, settings)];
        if (choice == GradientCheckpointing.False) ways.Add($"turn on gradient_checkpointing (needs {MemoryPlan.Gibibytes(PlanOf(settings, checkpoint: true).TotalBytes)})");
        ways.Add($"take a smaller model (weights, gradients and moments alone need {MemoryPlan.Gibibytes(plan.StateBytes)}) or shorter texts (truncation.max_tokens)");
        return $"Needs {MemoryPlan.Gibibytes(plan.TotalBytes)} GiB, {MemoryPlan.Gibibytes(_machine.FreeBytes)} GiB are free of {MemoryPlan.Gibibytes(_machine.TotalBytes)}, of which {MemoryPlan.Gibibytes(_machine.Margin)} must stay free: "
            + $"the largest batch has {plan.LargestBatchTokens} tokens{(plan.GradientCheckpointing ? ", although blocks run again in the backward pass" : "")}. Nothing was begun. "
            + $"{char.ToUpperInvariant(ways[0][0])}{ways[0][1..]}, {string.Join(", or ", ways.Skip(1))}.";
    }

    // The largest half, quarter, … of the batch that fits; where none does, the smallest and what it needs.
    private string SmallerBatch(MemoryPlan plan, TrainerSettings settings)
    {
        int tokens = plan.LargestBatchTokens;
        MemoryPlan smaller = plan;
        while (tokens / 2 >= SmallestBatch && !smaller.Fits(_machine, _held))
        {
            tokens /= 2;
            smaller = PlanOf(settings with { MaxBatchTokens = tokens }, plan.GradientCheckpointing);
        }
        string enough = smaller.Fits(_machine, _held) ? "" : ", which is not enough by itself";
        return $"lower {section}.max_batch_tokens to {tokens} (needs {MemoryPlan.Gibibytes(smaller.TotalBytes)}{enough})";
    }
}
