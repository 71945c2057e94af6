using Leftover.Data;
using Leftover.Runs;

namespace Leftover.Cli.Machine;

/// <summary>What a stage of a run reached of what the machine can do.</summary>
/// <param name="Stage">The stage.</param>
/// <param name="Seconds">Time in which it computed.</param>
/// <param name="Tokens">Tokens that went through the model.</param>
/// <param name="TokensPerSecond">Tokens a second.</param>
/// <param name="Gflops">10⁹ needed operations a second.</param>
/// <param name="ShareOfPeak">Of the measured peak of its type; null where that is not known for its type or kernels.</param>
/// <param name="ReadGigabytes">10⁹ bytes of weights a second, where reading them bounds it; else null.</param>
/// <param name="ShareOfBandwidth">Of the measured speed of reading memory.</param>
internal sealed record StageSpeed(
    string Stage, double Seconds, long Tokens, double TokensPerSecond, double Gflops, double? ShareOfPeak, double? ReadGigabytes, double? ShareOfBandwidth);

/// <summary>What the stages of a run reached when they were last computed.</summary>
/// <param name="Folder">The run.</param>
/// <param name="Stages">Its stages.</param>
internal sealed record RunSpeeds(string Folder, IReadOnlyList<StageSpeed> Stages)
{
    private const string RunsFolder = "runs";
    private const int Depth = 2;                                  // runs/NAME, and runs that a quickstart keeps in a folder of theirs

    /// <summary>The stages of a run, held against this machine's speeds.</summary>
    /// <param name="folder">The run folder; null takes the newest below <c>runs</c> that has the file.</param>
    /// <param name="machine">The machine's speeds, measured now.</param>
    /// <returns>Null where no folder was named and there is none.</returns>
    /// <exception cref="DataException">The folder named has no <c>performance.json</c>, or it is damaged.</exception>
    public static RunSpeeds? Find(string? folder, MachineReport machine)
    {
        string? found = folder ?? Newest(RunsFolder);
        if (found is null) return null;
        RunPerformance performance = RunPerformance.Read(found) ?? throw new DataException(
            $"{found} has no {RunPerformance.FileName}: no stage of it has computed with a model since runs write one. Name another folder, or run its recipe again with another output.");
        return new RunSpeeds(found, [.. performance.Stages.Select(stage => Compare(stage, machine))]);
    }

    private static string? Newest(string runs) => !Directory.Exists(runs) ? null
        : new DirectoryInfo(runs).EnumerateFiles(RunPerformance.FileName, new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = Depth })
            .OrderByDescending(file => file.LastWriteTimeUtc).FirstOrDefault() is { } file ? Path.Combine(runs, Path.GetRelativePath(runs, file.DirectoryName!)) : null;

    private static StageSpeed Compare(StagePerformance stage, MachineReport machine)
    {
        Speed? peak = stage.Kernels == machine.Kernels ? machine.Peaks.FirstOrDefault(peak => peak.Dtype == stage.Dtype)?.Gflops : null;
        bool reads = stage.WeightBytes > 0;
        return new StageSpeed(
            stage.Stage, stage.Seconds, stage.Tokens, stage.TokensPerSecond, stage.Gflops, stage.Gflops / Of(peak, stage.Threads),
            reads ? stage.ReadGigabytes : null, reads ? stage.ReadGigabytes / Of(machine.ReadGigabytes, stage.Threads) : null);
    }

    private static double? Of(Speed? speed, int threads) => threads == 1 ? speed?.OneThread : speed?.AllThreads;
}
