using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Leftover.Data;
using Leftover.Runs;
using Leftover.Tensors.Kernels;

namespace Leftover.Benchmarks;

/// <summary>What one benchmark found on one machine.</summary>
internal sealed record BenchmarkResult
{
    /// <summary>The verb, with the model where it has several.</summary>
    public required string Benchmark { get; init; }

    /// <summary>The processor, with family and model where its name says too little.</summary>
    public required string Cpu { get; init; }

    /// <summary>The kernels that ran.</summary>
    public required string InstructionSet { get; init; }

    /// <summary>Threads that computed.</summary>
    public required int Threads { get; init; }

    /// <summary>When, in UTC.</summary>
    public required DateTime Date { get; init; }

    /// <summary>The figures.</summary>
    public required IReadOnlyList<BenchmarkLine> Lines { get; init; }

    /// <summary>Peers that were not there, each with the command that brings it.</summary>
    public IReadOnlyList<string> Missing { get; init; } = [];

    /// <summary>A result of this machine and moment.</summary>
    public static BenchmarkResult Now(string benchmark, IReadOnlyList<BenchmarkLine> lines, IReadOnlyList<string>? missing = null) => new()
    {
        Benchmark = benchmark,
        Cpu = Processor.Name,
        InstructionSet = Instructions.Current.ToString().ToLowerInvariant(),
        Threads = ThreadTeam.Shared.Size,
        Date = TimeProvider.System.GetUtcNow().UtcDateTime,
        Lines = lines,
        Missing = missing ?? [],
    };
}

/// <summary>Results of one machine, a file of them: a benchmark that runs again takes its earlier place.</summary>
internal sealed record ResultFile
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        NewLine = "\n",
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The layout's version; it grows when a name changes its meaning.</summary>
    public int Format { get; init; } = 1;

    /// <summary>The results.</summary>
    public required IReadOnlyList<BenchmarkResult> Results { get; init; }

    /// <summary>Reads a file.</summary>
    public static ResultFile Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<ResultFile>(File.ReadAllText(path), s_json) ?? throw new JsonException("it is null");
        }
        catch (JsonException e)
        {
            throw new DataException($"{path} holds no benchmark results: {e.Message} Name another file with --json, or delete it.", e);
        }
    }

    /// <summary>Puts a result into a file, which is made where it is missing.</summary>
    /// <param name="path">The file, or a folder: the file in it is named after processor and day.</param>
    /// <param name="result">The result.</param>
    /// <returns>The file's path.</returns>
    public static string Add(string path, BenchmarkResult result)
    {
        if (Directory.Exists(path)) path = Path.Combine(path, $"{Processor.Slug}-{result.Date:yyyy-MM-dd}.json");
        IEnumerable<BenchmarkResult> before = File.Exists(path) ? Read(path).Results : [];
        var file = new ResultFile { Results = [.. before.Where(known => (known.Benchmark, known.Threads) != (result.Benchmark, result.Threads)), result] };
        AtomicFile.WriteAllText(path, JsonSerializer.Serialize(file, s_json) + "\n");
        return path;
    }
}
