using System.Globalization;
using Leftover.Runs;
using Leftover.Tensors.Kernels;

namespace Leftover.Benchmarks;

/// <summary>A benchmark's command line: <c>--name value</c>, <c>--switch</c>, and values for recipes, <c>key=value</c>.</summary>
internal sealed class BenchmarkOptions
{
    private static readonly string[] s_common = ["--rounds", "--threads", "--json", "--only", "--shared", "--dtype"];
    private readonly Dictionary<string, string> _values = [];

    private BenchmarkOptions()
    {
    }

    /// <summary>Rounds of each measurement.</summary>
    public int Rounds { get; private set; }

    /// <summary>Lines whose name contains it are measured.</summary>
    public string Only => this["--only"] ?? "";

    /// <summary>Values that win over a recipe's.</summary>
    public IReadOnlyList<RecipeOverride> Recipe { get; private init; } = [];

    /// <summary>The folder with data, models and peers; outside this repository.</summary>
    public string Shared => this["--shared"] ?? Environment.GetEnvironmentVariable("LEFTOVER_SHARED") ?? Path.Combine(Repository, "..", "shared");

    /// <summary>In what numbers products are computed: <c>--dtype fp32</c> (the default) or <c>bf16</c>.</summary>
    public ComputeType Type => (this["--dtype"] ?? "fp32") switch
    {
        "fp32" => ComputeType.Float32,
        "bf16" => ComputeType.BFloat16,
        string other => throw new ArgumentException($"--dtype is '{other}'; it must be fp32 or bf16."),
    };

    /// <summary>Its name in tables: <c>fp32</c> or <c>bf16</c>.</summary>
    public string TypeName => Type == ComputeType.Float32 ? "fp32" : "bf16";

    /// <summary>This repository's folder.</summary>
    public static string Repository { get; } = FindRepository();

    /// <summary>An option's value; null where it was not given. A switch that was given has the value "true".</summary>
    public string? this[string name] => _values.GetValueOrDefault(name);

    /// <summary>A whole number.</summary>
    public int Number(string name, int fallback) =>
        this[name] is not { } text ? fallback : int.TryParse(text, CultureInfo.InvariantCulture, out int number) && number > 0 ? number : throw new ArgumentException($"{name} is '{text}'; it must be a whole number above 0.");

    /// <summary>Reads a command line and takes its number of threads.</summary>
    /// <param name="args">What stands behind the verb.</param>
    /// <param name="rounds">Rounds where none are given.</param>
    /// <param name="values">The benchmark's own options with values.</param>
    /// <param name="switches">Its own switches.</param>
    /// <exception cref="ArgumentException">An option is unknown or lacks its value.</exception>
    public static BenchmarkOptions Parse(string[] args, int rounds, string[]? values = null, string[]? switches = null)
    {
        List<RecipeOverride> recipe = [];
        var options = new BenchmarkOptions { Recipe = recipe };
        string[] known = [.. s_common, .. values ?? []], flags = switches ?? [];
        for (int i = 0; i < args.Length; i++)
        {
            if (flags.Contains(args[i])) options._values[args[i]] = "true";
            else if (known.Contains(args[i])) options._values[args[i]] = i + 1 < args.Length ? args[++i] : throw new ArgumentException($"{args[i]} needs a value.");
            else if (!args[i].StartsWith('-') && args[i].Contains('=')) recipe.Add(RecipeOverride.Parse(args[i]));
            else throw new ArgumentException($"{args[i]} is unknown; known are {string.Join(", ", known.Concat(flags))}, and key=value for recipes.");
        }
        options.Rounds = options.Number("--rounds", rounds);
        ThreadTeam.Resize(options.Number("--threads", Environment.ProcessorCount));
        return options;
    }

    /// <summary>Shows a result, and writes it where <c>--json</c> says.</summary>
    public int Show(BenchmarkResult result)
    {
        BenchmarkTable.Print(result);
        if (this["--json"] is { } path) Console.WriteLine($"written to {ResultFile.Add(path, result)}");
        return 0;
    }

    private static string FindRepository()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Leftover.slnx"))) return folder.FullName;
        return Directory.GetCurrentDirectory();
    }
}
