using System.CommandLine;

namespace Leftover.Cli.Arguments;

/// <summary>The flags that every verb takes.</summary>
internal sealed class CommonFlags
{
    public CommonFlags()
    {
        foreach (Option flag in All) flag.Recursive = true;
    }

    /// <summary>One JSON object instead of tables.</summary>
    public Option<bool> Json { get; } = Flag.Switch("json", "Write the result as one JSON object on standard output; progress goes to standard error");

    /// <summary>No progress.</summary>
    public Option<bool> Quiet { get; } = Flag.Switch("quiet", "Show no progress, only results, warnings and errors");

    /// <summary>The stack of an error.</summary>
    public Option<bool> Debug { get; } = Flag.Switch("debug", "Show where in the program an error came from");

    /// <summary>How many threads compute.</summary>
    public Option<int?> Threads { get; } = Flag.Whole("threads", "Threads to compute with; otherwise LEFTOVER_THREADS, or all cores. Results do not depend on it", 1, 4096, "dataset_num_proc");

    /// <summary>What random numbers follow from.</summary>
    public Option<long?> Seed { get; } = Flag.Long("seed", "Every random number follows from it");

    /// <summary>All of them, in the order of help texts.</summary>
    public IReadOnlyList<Option> All => [Json, Quiet, Debug, Threads, Seed];
}
