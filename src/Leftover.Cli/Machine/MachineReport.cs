using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Serialization;
using Leftover.Tensors.Kernels;

namespace Leftover.Cli.Machine;

/// <summary>What a check of the machine found.</summary>
/// <param name="Name">What was checked.</param>
/// <param name="Ok">Whether it is as it should be.</param>
/// <param name="Found">What was found, and where it is wrong the next step.</param>
internal sealed record MachineCheck(string Name, bool Ok, string Found);

/// <summary>What this machine has and what of it is used.</summary>
internal sealed record MachineReport
{
    /// <summary>This program's version.</summary>
    public required string Version { get; init; }

    /// <summary>The .NET runtime.</summary>
    public required string Runtime { get; init; }

    /// <summary>The operating system.</summary>
    public required string System { get; init; }

    /// <summary>The processor's name.</summary>
    public required string Processor { get; init; }

    /// <summary>Cores that this process may use.</summary>
    public required int Cores { get; init; }

    /// <summary>Threads it computes with.</summary>
    public required int Threads { get; init; }

    /// <summary>Instruction sets the runtime found, of those that matter here.</summary>
    public required IReadOnlyList<string> InstructionSets { get; init; }

    /// <summary>The kernels in use.</summary>
    public required string Kernels { get; init; }

    /// <summary>All kernels that this process can run.</summary>
    public required IReadOnlyList<string> KernelsAvailable { get; init; }

    /// <summary>Memory of the machine, or of the container, in bytes.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>What of it is free, in bytes; null where the system does not tell.</summary>
    public long? FreeMemoryBytes { get; init; }

    /// <summary>When the system gives huge pages: always, madvise or never; null where it does not tell.</summary>
    public string? HugePages { get; init; }

    /// <summary>Measured speed of a matrix product, 10⁹ floating-point operations a second.</summary>
    public required double ProductGflops { get; init; }

    /// <summary>Measured speed of reading memory, 10⁹ bytes a second.</summary>
    public required double ReadGigabytes { get; init; }

    /// <summary>Versions of the libraries.</summary>
    public required IReadOnlyDictionary<string, string> Libraries { get; init; }

    /// <summary>What was checked.</summary>
    public required IReadOnlyList<MachineCheck> Checks { get; init; }

    /// <summary>The same for a person, line by line.</summary>
    [JsonIgnore]
    public IReadOnlyList<(string Name, string Value)> Facts =>
    [
        ("leftover", $"{Version} on {Runtime}"),
        ("system", System),
        ("processor", Processor),
        ("cores", $"{Cores}; {Threads} threads compute"),
        ("instructions", InstructionSets.Count == 0 ? "none that are used by name" : string.Join(", ", InstructionSets)),
        ("kernels", $"{Kernels} (can run: {string.Join(", ", KernelsAvailable)}; LEFTOVER_KERNELS chooses)"),
        ("memory", FreeMemoryBytes is { } free ? $"{Gibibytes(MemoryBytes)}, {Gibibytes(free)} free" : Gibibytes(MemoryBytes)),
        ("huge pages", HugePages ?? "not told"),
        ("matrix product", string.Create(CultureInfo.InvariantCulture, $"{ProductGflops:F0} GFLOP/s (fp32, 768 × 768 × 768)")),
        ("memory reads", string.Create(CultureInfo.InvariantCulture, $"{ReadGigabytes:F1} GB/s")),
        ("libraries", string.Join(", ", Libraries.Select(library => $"{library.Key} {library.Value}"))),
    ];

    /// <summary>Looks at the machine; takes about a second.</summary>
    public static MachineReport Take(TimeProvider clock) => new()
    {
        Version = MachineFacts.VersionOf(typeof(MachineReport)),
        Runtime = RuntimeInformation.FrameworkDescription,
        System = $"{RuntimeInformation.OSDescription}, {RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()}",
        Processor = MachineFacts.Processor(),
        Cores = Environment.ProcessorCount,
        Threads = ThreadTeam.Shared.Size,
        InstructionSets = MachineFacts.InstructionSets(),
        Kernels = Instructions.Current.ToString().ToLowerInvariant(),
        KernelsAvailable = [.. Instructions.Available.Select(set => set.ToString().ToLowerInvariant())],
        MemoryBytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
        FreeMemoryBytes = MachineFacts.FreeMemory(),
        HugePages = MachineFacts.HugePages(),
        ProductGflops = MachineSpeed.ProductGflops(clock),
        ReadGigabytes = MachineSpeed.ReadGigabytes(clock),
        Libraries = MachineFacts.Libraries(),
        Checks = MachineChecks.Run(),
    };

    private static string Gibibytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1 << 30):F1} GiB");
}
