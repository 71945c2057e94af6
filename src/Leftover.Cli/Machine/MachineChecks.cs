using Leftover.Tensors.Kernels;
using Leftover.Tensors.Memory;

namespace Leftover.Cli.Machine;

/// <summary>What must be so for everything else to work.</summary>
internal static unsafe class MachineChecks
{
    /// <summary>All checks.</summary>
    public static IReadOnlyList<MachineCheck> Run() =>
    [
        Product(),
        Writable("working folder", Directory.GetCurrentDirectory()),
        Writable("temporary folder", Path.GetTempPath()),
        Optimized(),
    ];

    // Sums of products of small whole numbers are exact in fp32, so a right product has no rounding to be forgiven.
    private static MachineCheck Product()
    {
        const int m = 33, n = 65, k = 47;
        using NativeBlock a = new(m * k), b = new(k * n), c = new(m * n);
        for (int i = 0; i < m * k; i++) a.Pointer[i] = i % 7 - 3;
        for (int i = 0; i < k * n; i++) b.Pointer[i] = i % 5 - 2;
        MatMulKernel.Multiply(false, false, m, n, k, a.Pointer, k, b.Pointer, n, c.Pointer, n, accumulate: false);
        int wrong = 0;
        for (int row = 0; row < m; row++)
        {
            for (int column = 0; column < n; column++)
            {
                int expected = 0;
                for (int i = 0; i < k; i++) expected += ((row * k + i) % 7 - 3) * ((i * n + column) % 5 - 2);
                if (c.Pointer[row * n + column] != expected) wrong++;
            }
        }
        string kernels = Instructions.Current.ToString().ToLowerInvariant();
        return new MachineCheck("matrix product", wrong == 0, wrong == 0
            ? $"the {kernels} kernels give the exact product"
            : $"the {kernels} kernels give {wrong} wrong elements of {m * n}; set LEFTOVER_KERNELS=portable and please report it");
    }

    private static MachineCheck Writable(string name, string folder)
    {
        string path = Path.Combine(folder, $".leftover-{Environment.ProcessId}.tmp");
        try
        {
            File.WriteAllText(path, "");
            File.Delete(path);
            return new MachineCheck(name, true, $"{folder} can be written");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new MachineCheck(name, false, $"{folder} cannot be written: {e.Message} Choose another with --output_dir, or change its rights");
        }
    }

    private static MachineCheck Optimized()
    {
#if DEBUG
        return new MachineCheck("build", true, "built for debugging; -c Release is faster");
#else
        return new MachineCheck("build", true, "built for speed");
#endif
    }
}
