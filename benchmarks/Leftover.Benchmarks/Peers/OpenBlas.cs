using System.Runtime.InteropServices;

namespace Leftover.Benchmarks.Peers;

/// <summary>OpenBLAS's matrix products in fp32, where the system has the library: hand-written kernels for every processor that is compared here.</summary>
internal sealed unsafe class OpenBlas
{
    /// <summary>How to get it.</summary>
    public const string Install = "OpenBLAS: apt-get install libopenblas0-pthread";

    private const int RowMajor = 101, Plain = 111, Transposed = 112;
    private static readonly string[] s_names = ["libopenblas.so.0", "libopenblas", "openblas"];

    private readonly delegate* unmanaged<int, int, int, int, int, int, float, float*, int, float*, int, float, float*, int, void> _multiply;

    private OpenBlas(nint library, nint setThreads, int threads)
    {
        _multiply = (delegate* unmanaged<int, int, int, int, int, int, float, float*, int, float*, int, float, float*, int, void>)NativeLibrary.GetExport(library, "cblas_sgemm");
        ((delegate* unmanaged<int, void>)setThreads)(threads);
        Name = NativeLibrary.TryGetExport(library, "openblas_get_corename", out nint core) ? $"OpenBLAS ({Marshal.PtrToStringAnsi((nint)((delegate* unmanaged<byte*>)core)())})" : "OpenBLAS";
    }

    /// <summary>Its name in tables, with the processor it chose its kernels for.</summary>
    public string Name { get; }

    /// <summary>OpenBLAS on so many threads; null where the system has none.</summary>
    public static OpenBlas? Find(int threads)
    {
        foreach (string name in s_names)
            if (NativeLibrary.TryLoad(name, out nint library) && NativeLibrary.TryGetExport(library, "openblas_set_num_threads", out nint setThreads) && NativeLibrary.TryGetExport(library, "cblas_sgemm", out _))
                return new OpenBlas(library, setThreads, threads);
        return null;
    }

    /// <summary>C = op(A)·op(B), all row by row.</summary>
    public void Multiply(bool transposeA, bool transposeB, int m, int n, int k, float* a, int lda, float* b, int ldb, float* c, int ldc) =>
        _multiply(RowMajor, transposeA ? Transposed : Plain, transposeB ? Transposed : Plain, m, n, k, 1, a, lda, b, ldb, 0, c, ldc);
}
