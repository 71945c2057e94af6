namespace Leftover.Cli.Machine;

/// <summary>Instruction sets for short number types that a processor reports and .NET does not name.</summary>
internal static class ProcessorBits
{
    /// <summary>Their names, out of CPUID's leaf 7.</summary>
    /// <param name="cpuid">Eax, ebx, ecx and edx of a leaf and subleaf.</param>
    public static IReadOnlyList<string> Read(Func<int, int, (int Eax, int Ebx, int Ecx, int Edx)> cpuid)
    {
        if (cpuid(0, 0).Eax < 7) return [];
        (int subleaves, int ebx, int ecx, int edx) = cpuid(7, 0);
        int more = subleaves >= 1 ? cpuid(7, 1).Eax : 0;
        (string Name, bool Has)[] all =
        [
            ("AVX-VNNI", Bit(more, 4)), ("AVX512-VNNI", Bit(ebx, 16) && Bit(ecx, 11)), ("AVX512-BF16", Bit(ebx, 16) && Bit(more, 5)), ("AVX512-FP16", Bit(ebx, 16) && Bit(edx, 23)),
            ("AMX-BF16", Bit(edx, 24) && Bit(edx, 22)), ("AMX-INT8", Bit(edx, 24) && Bit(edx, 25)),
        ];
        return [.. all.Where(set => set.Has).Select(set => set.Name)];
    }

    private static bool Bit(int register, int number) => (register >> number & 1) != 0;
}
