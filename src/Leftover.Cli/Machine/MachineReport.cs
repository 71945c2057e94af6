using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text.Json.Serialization;
using Leftover.Runs;
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
    private const double LeastOfThreads = 0.75;              // of one thread's speed each: less is not the clock's doing

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

    /// <summary>Instruction sets of the processor, of those that matter here.</summary>
    public required IReadOnlyList<string> InstructionSets { get; init; }

    /// <summary>The kernels in use.</summary>
    public required string Kernels { get; init; }

    /// <summary>Why it is these.</summary>
    public required string KernelsReason { get; init; }

    /// <summary>All kernels that this process can run.</summary>
    public required IReadOnlyList<string> KernelsAvailable { get; init; }

    /// <summary>Memory of the machine, or of the container, in bytes.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>What of it is free, in bytes; null where the system does not tell.</summary>
    public long? FreeMemoryBytes { get; init; }

    /// <summary>When the system gives huge pages: always, madvise or never; null where it does not tell.</summary>
    public string? HugePages { get; init; }

    /// <summary>Multiply-adds in registers: what each number type could reach.</summary>
    public required IReadOnlyList<Peak> Peaks { get; init; }

    /// <summary>Measured speed of an fp32 matrix product, 10⁹ floating-point operations a second.</summary>
    public required Speed ProductGflops { get; init; }

    /// <summary>Measured speed of reading memory, 10⁹ bytes a second.</summary>
    public required Speed ReadGigabytes { get; init; }

    /// <summary>In which number type products are computed, and what becomes of wishes for another.</summary>
    public required string Dtype { get; init; }

    /// <summary>Versions of the libraries.</summary>
    public required IReadOnlyDictionary<string, string> Libraries { get; init; }

    /// <summary>What was checked.</summary>
    public required IReadOnlyList<MachineCheck> Checks { get; init; }

    /// <summary>What the stages of a run reached; null where there is none.</summary>
    public RunSpeeds? Run { get; init; }

    /// <summary>What the matrix product reached of the fp32 peak.</summary>
    public Speed ShareOfPeak => new(ProductGflops.OneThread / Peaks[0].Gflops.OneThread, ProductGflops.AllThreads / Peaks[0].Gflops.AllThreads);

    /// <summary>The same for a person, line by line.</summary>
    [JsonIgnore]
    public IReadOnlyList<(string Name, string Value)> Facts =>
    [
        ("leftover", $"{Version} on {Runtime}"),
        ("system", System),
        ("processor", Processor),
        ("cores", $"{Cores}; {Threads} threads compute"),
        ("instructions", InstructionSets.Count == 0 ? "none that are used by name" : string.Join(", ", InstructionSets)),
        ("kernels", $"{Kernels}: {KernelsReason} (can run: {string.Join(", ", KernelsAvailable)}; LEFTOVER_KERNELS chooses)"),
        ("products", Dtype),
        ("memory", FreeMemoryBytes is { } free ? $"{Gibibytes(MemoryBytes)}, {Gibibytes(free)} free" : Gibibytes(MemoryBytes)),
        ("huge pages", HugePages ?? "not told"),
        .. Peaks.Select(peak => ($"peak {peak.Dtype}", $"{Threaded(peak.Gflops, "F0", "GFLOP/s")} (multiply-adds in registers{Disturbance(peak.Gflops)})")),
        ("matrix product", $"{Threaded(ProductGflops, "F0", "GFLOP/s")} (fp32, 768 × 768 × 768), {ShareOfPeak.OneThread:P0} and {ShareOfPeak.AllThreads:P0} of the peak"),
        ("memory reads", Threaded(ReadGigabytes, "F1", "GB/s")),
        ("libraries", string.Join(", ", Libraries.Select(library => $"{library.Key} {library.Value}"))),
    ];

    /// <summary>Looks at the machine; takes about two seconds.</summary>
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
        KernelsReason = MachineFacts.WhyKernels(Environment.GetEnvironmentVariable("LEFTOVER_KERNELS"), MachineFacts.ProcessorHasAvx512(), Avx512F.IsSupported),
        KernelsAvailable = [.. Instructions.Available.Select(set => set.ToString().ToLowerInvariant())],
        MemoryBytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
        FreeMemoryBytes = MachineMemory.Available(),
        HugePages = MachineFacts.HugePages(),
        Peaks = MachineSpeed.Peaks(clock),
        ProductGflops = MachineSpeed.ProductGflops(clock),
        ReadGigabytes = MachineSpeed.ReadGigabytes(clock),
        Dtype = Instructions.HasBFloat16
            ? "dtype: auto takes bf16 in training (vdpbf16ps), sums in fp32"
            : "dtype: auto takes fp32; bf16 has no instruction here, so its results take the fp32 kernels and are no faster",
        Libraries = MachineFacts.Libraries(),
        Checks = MachineChecks.Run(),
    };

    // Arithmetic in registers shares nothing but the cores themselves.
    private string Disturbance(Speed peak) =>
        peak.AllThreads < LeastOfThreads * Threads * peak.OneThread ? "; other processes took part of the machine: what was measured is less than it can do" : "";

    private string Threaded(Speed speed, string format, string unit) => string.Create(
        CultureInfo.InvariantCulture, $"{speed.OneThread.ToString(format, CultureInfo.InvariantCulture)} {unit} on 1 thread, {speed.AllThreads.ToString(format, CultureInfo.InvariantCulture)} on {Threads}");

    private static string Gibibytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1 << 30):F1} GiB");
}
