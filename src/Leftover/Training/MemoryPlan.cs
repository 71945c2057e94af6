using System.Globalization;
using System.Text.Json.Serialization;
using Leftover.Runs;

namespace Leftover.Training;

/// <summary>What a training needs at its largest batch, in bytes, before it begins.</summary>
public sealed record MemoryPlan
{
    /// <summary>The weights.</summary>
    public required long WeightBytes { get; init; }

    /// <summary>Their gradients.</summary>
    public required long GradientBytes { get; init; }

    /// <summary>AdamW's two moments.</summary>
    public required long MomentBytes { get; init; }

    /// <summary>What the blocks keep of the largest batch, and gradients on their way.</summary>
    public required long ActivationBytes { get; init; }

    /// <summary>What the head keeps of it beside.</summary>
    public required long HeadBytes { get; init; }

    /// <summary>The program itself: what it holds already, and packed operands of its threads.</summary>
    public required long ProgramBytes { get; init; }

    /// <summary>Input tokens of the largest batch.</summary>
    public required int LargestBatchTokens { get; init; }

    /// <summary>True where blocks are run again in the backward pass.</summary>
    public required bool GradientCheckpointing { get; init; }

    /// <summary>All together.</summary>
    public long TotalBytes => StateBytes + ActivationBytes + HeadBytes + ProgramBytes;

    /// <summary>Weights, gradients and moments: what no smaller batch saves.</summary>
    [JsonIgnore]
    public long StateBytes => WeightBytes + GradientBytes + MomentBytes;

    /// <summary>What the arena takes at once, in floats.</summary>
    [JsonIgnore]
    internal long ArenaFloats => (ActivationBytes + HeadBytes) / sizeof(float);

    /// <summary>True where the machine has what is still to be taken, and its margin.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="held">What of <see cref="ProgramBytes"/> the process holds already.</param>
    public bool Fits(MachineMemory machine, long held) => TotalBytes - Math.Min(held, ProgramBytes) <= machine.FreeBytes - machine.Margin;

    /// <summary>The plan in a line: <c>Needs 2.4 GiB of 23.5 (17.0 free): weights 0.5, …</c></summary>
    public string Text(MachineMemory machine) =>
        $"Needs {Of(TotalBytes)} GiB of {Gibibytes(machine.TotalBytes)} ({Gibibytes(machine.FreeBytes)} free): weights {Of(WeightBytes)}, gradients {Of(GradientBytes)}, moments {Of(MomentBytes)}, "
        + $"activations {Of(ActivationBytes)}, head {Of(HeadBytes)}, program {Of(ProgramBytes)}; the largest batch has {LargestBatchTokens} tokens{(GradientCheckpointing ? ", and blocks run again in the backward pass" : "")}.";

    /// <summary>Bytes as GiB, with one digit behind the point.</summary>
    internal static string Gibibytes(long bytes) => (bytes / (double)(1 << 30)).ToString("F1", CultureInfo.InvariantCulture);

    private string Of(long bytes) => (bytes / (double)(1 << 30)).ToString(TotalBytes < 1L << 30 ? "F2" : "F1", CultureInfo.InvariantCulture);
}
