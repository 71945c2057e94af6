using System.CommandLine;
using System.Globalization;
using System.Numerics.Tensors;
using System.Reflection;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using Spectre.Console;

namespace Leftover.Cli.Machine;

/// <summary>Facts that the system and the runtime tell.</summary>
internal static class MachineFacts
{
    /// <summary>The processor's name.</summary>
    public static string Processor()
    {
        string? line = Lines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal));
        return line?[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim() ?? Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? "not told";
    }

    /// <summary>Instruction sets of this processor, of those that matter here.</summary>
    public static IReadOnlyList<string> InstructionSets()
    {
        (string Name, bool Has)[] all =
        [
            ("AVX2", Avx2.IsSupported), ("FMA", Fma.IsSupported), ("AVX-512F", Avx512F.IsSupported), ("AVX-512BW", Avx512BW.IsSupported), ("AVX-512VBMI", Avx512Vbmi.IsSupported),
            ("AVX10.1", Avx10v1.IsSupported), ("AdvSimd", AdvSimd.IsSupported), ("Dp", Dp.IsSupported),
        ];
        return [.. all.Where(set => set.Has).Select(set => set.Name), .. X86Base.IsSupported ? ProcessorBits.Read(X86Base.CpuId) : []];
    }

    /// <summary>Why the kernels in use are those.</summary>
    public static string WhyKernels(string? asked, bool processorHasAvx512, bool runtimeHasAvx512) =>
        !string.IsNullOrWhiteSpace(asked) ? "LEFTOVER_KERNELS asks for them"
        : processorHasAvx512 && !runtimeHasAvx512 ? "the processor has AVX-512, but the system or a DOTNET_ switch keeps .NET from using it"
        : "the fastest that this processor runs";

    /// <summary>Whether the processor itself reports AVX-512F, whatever the runtime makes of it.</summary>
    public static bool ProcessorHasAvx512() => X86Base.IsSupported && X86Base.CpuId(0, 0).Eax >= 7 && (X86Base.CpuId(7, 0).Ebx >> 16 & 1) != 0;

    /// <summary>The word in brackets of Linux's setting: <c>always [madvise] never</c>.</summary>
    public static string? HugePages() =>
        Lines("/sys/kernel/mm/transparent_hugepage/enabled").FirstOrDefault()?.Split('[', ']') is [_, { } chosen, ..] ? chosen : null;

    /// <summary>Versions of the libraries that compute, read or draw.</summary>
    public static IReadOnlyDictionary<string, string> Libraries() => new Dictionary<string, string>
    {
        ["System.Numerics.Tensors"] = VersionOf(typeof(TensorPrimitives)),
        ["System.CommandLine"] = VersionOf(typeof(RootCommand)),
        ["Spectre.Console"] = VersionOf(typeof(AnsiConsole)),
    };

    /// <summary>The version of the assembly a type is in.</summary>
    public static string VersionOf(Type type) =>
        type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? type.Assembly.GetName().Version?.ToString(3) ?? "not told";

    private static IEnumerable<string> Lines(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadAllLines(path) : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)         // a container may forbid it: then it is not told
        {
            return [];
        }
    }
}
