using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Leftover.Tensors.Kernels;

/// <summary>Which kind of matrix product kernels a process runs.</summary>
public enum InstructionSet
{
    /// <summary>Compiled by .NET for any processor.</summary>
    Portable,

    /// <summary>Assembled for x64 with AVX2 and FMA.</summary>
    Avx2,

    /// <summary>Assembled for x64 with AVX-512F.</summary>
    Avx512,
}

/// <summary>What this processor can run, and what of it this process uses.</summary>
/// <remarks>
/// <c>LEFTOVER_KERNELS</c> = <c>avx512</c>, <c>avx2</c> or <c>portable</c> chooses; without it the best one is taken. The runtime's own switches
/// count too: <c>DOTNET_EnableHWIntrinsic=0</c>, <c>DOTNET_EnableAVX512=0</c>, and its older name <c>DOTNET_EnableAVX512F=0</c>, which .NET 10
/// itself no longer reads.
/// </remarks>
public static class Instructions
{
    private const string Variable = "LEFTOVER_KERNELS";

    private static InstructionSet? s_current;

    /// <summary>All that this process can run, the slowest first.</summary>
    public static IReadOnlyList<InstructionSet> Available { get; } = FindAvailable();

    /// <summary>The one in use.</summary>
    /// <exception cref="PlatformNotSupportedException"><c>LEFTOVER_KERNELS</c> names one that is unknown or that this processor lacks.</exception>
    public static InstructionSet Current => s_current ??= Choose(Environment.GetEnvironmentVariable(Variable), Available);

    /// <summary>
    /// True where this process multiplies bf16 operands with the processor's own instruction, <c>vdpbf16ps</c>: <see cref="Current"/> is AVX-512, the
    /// processor has AVX512_BF16, and the kernels passed their self-test. False where <see cref="ComputeType.BFloat16"/> is computed by the fp32
    /// kernels over rounded operands: the same sums, and no faster than fp32 itself.
    /// </summary>
    /// <exception cref="PlatformNotSupportedException"><c>LEFTOVER_KERNELS</c> names one that is unknown or that this processor lacks.</exception>
    public static bool HasBFloat16 => MicroKernel.ForBFloat16(Current) is not null;

    /// <summary>Whether the processor has AVX512_BF16, and the system keeps 512-bit registers: .NET vouches for those.</summary>
    internal static bool ProcessorHasBFloat16 { get; } = Avx512F.VL.IsSupported && ReportsBFloat16(X86Base.CpuId);

    /// <summary>Reads AVX512_BF16 out of CPUID's leaf 7, subleaf 1, of which not every processor knows.</summary>
    internal static bool ReportsBFloat16(Func<int, int, (int Eax, int Ebx, int Ecx, int Edx)> cpuid) =>
        cpuid(0, 0).Eax >= 7 && cpuid(7, 0).Eax >= 1 && (cpuid(7, 1).Eax & 1 << 5) != 0;

    internal static InstructionSet Choose(string? wanted, IReadOnlyList<InstructionSet> available)
    {
        if (string.IsNullOrWhiteSpace(wanted)) return available[^1];
        foreach (InstructionSet set in available)
            if (string.Equals(set.ToString(), wanted.Trim(), StringComparison.OrdinalIgnoreCase)) return set;
        string choices = string.Join(", ", available.Select(set => set.ToString().ToLowerInvariant()));
        throw new PlatformNotSupportedException($"{Variable} is '{wanted}'; this process can run: {choices}. Unset it to use the best one.");
    }

    private static List<InstructionSet> FindAvailable()
    {
        List<InstructionSet> found = [InstructionSet.Portable];
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64) return found;
        if (Avx2.IsSupported && Fma.IsSupported) found.Add(InstructionSet.Avx2);
        if (Avx512F.IsSupported && !IsSwitchedOff("EnableAVX512F")) found.Add(InstructionSet.Avx512);
        return found;
    }

    private static bool IsSwitchedOff(string name) =>
        (Environment.GetEnvironmentVariable("DOTNET_" + name) ?? Environment.GetEnvironmentVariable("COMPlus_" + name))?.Trim() == "0";
}
