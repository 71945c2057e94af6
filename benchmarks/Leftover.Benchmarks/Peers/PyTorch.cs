using System.Globalization;
using System.Text.Json;
using Leftover.Tensors.Kernels;

namespace Leftover.Benchmarks.Peers;

/// <summary>PyTorch: GPT-2 124M's plain step, and A-LoL in the shape its authors gave it, by a script outside this repository.</summary>
/// <remarks>
/// Timed as installed, and tuned: large blocks from huge pages and never given back, without which each step faults its memory in again. A
/// choice of OpenBLAS kernels in the environment is taken away, since it may be one for another processor.
/// </remarks>
internal sealed class PyTorch
{
    /// <summary>How to get it.</summary>
    public const string Install = "PyTorch: apt-get install python3-torch, and alol_pytorch.py in the peers folder of --shared";

    private static readonly Dictionary<string, string?> s_asInstalled = new() { ["OPENBLAS_CORETYPE"] = null, ["GLIBC_TUNABLES"] = null };

    private static readonly Dictionary<string, string?> s_tuned = new()
    {
        ["OPENBLAS_CORETYPE"] = null,
        ["GLIBC_TUNABLES"] = "glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=4294967295:glibc.malloc.trim_threshold=8589934592",
    };

    // The distribution's own Python has the distribution's PyTorch; another one may stand before it in the path.
    private static readonly string[] s_pythons = ["python3", "/usr/bin/python3"];

    private readonly string _python, _script, _data;

    private PyTorch(string python, string script, string data, string version) => (_python, _script, _data, Version) = (python, script, data, version);

    /// <summary>Its version.</summary>
    public string Version { get; }

    /// <summary>Its names in tables.</summary>
    public IEnumerable<(string Name, bool Tuned)> Settings => [($"PyTorch {Version}, as installed", false), ($"PyTorch {Version}, malloc tuned", true)];

    /// <summary>PyTorch, where it and the script are there; else null.</summary>
    public static PyTorch? Find(BenchmarkOptions options)
    {
        string script = Path.Combine(Path.GetFullPath(options.Shared), "peers", "alol_pytorch.py");
        if (!File.Exists(script)) return null;
        foreach (string python in s_pythons)
            if (ChildProcess.Try(python, Path.GetTempPath(), s_asInstalled, "-c", "import torch; print(torch.__version__)") is { } version)
                return new PyTorch(python, script, Path.Combine(Path.GetFullPath(options.Shared), "data"), version.Trim());
        return null;
    }

    /// <summary>Seconds of a plain step on 4 x 256 tokens: the median of its own few.</summary>
    public double StepSeconds(bool tuned, string dtype) => Run(tuned, dtype, "--step-only").GetProperty("seconds").GetDouble();

    /// <summary>Seconds a row of A-LoL, and the tokens of a mean row.</summary>
    public (double Seconds, double PromptTokens, double CompletionTokens) Row(bool tuned, string dtype, int rows)
    {
        JsonElement result = Run(tuned, dtype, "--rows", rows.ToString(CultureInfo.InvariantCulture), "--data", _data);
        return (result.GetProperty("seconds per row, first batch left out").GetDouble(), result.GetProperty("mean prompt tokens").GetDouble(), result.GetProperty("mean completion tokens").GetDouble());
    }

    private JsonElement Run(bool tuned, string dtype, params string[] arguments)
    {
        string threads = ThreadTeam.Shared.Size.ToString(CultureInfo.InvariantCulture);
        string output = ChildProcess.Run(_python, Path.GetTempPath(), tuned ? s_tuned : s_asInstalled, [_script, dtype, "--threads", threads, .. arguments]);
        return JsonElement.Parse(output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]);
    }
}
