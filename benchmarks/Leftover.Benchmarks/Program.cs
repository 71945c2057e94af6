using Leftover.Benchmarks;
using Leftover.Data;
using Leftover.Runs;

// A benchmark is a class in a file of its own and a line here.
Dictionary<string, (string What, Func<string[], int> Run)> benchmarks = new()
{
    ["gemm"] = ("matrix products of GPT-2's and SmolLM2's layers", GemmBenchmark.Run),
    ["decode"] = ("few rows times weights that come from memory", DecodeBenchmark.Run),
    ["attention"] = ("attention alone, in training and in generation", AttentionBenchmark.Run),
    ["step"] = ("whole training steps of GPT-2 124M, or with --model smollm2 of SmolLM2-135M", StepBenchmark.Run),
    ["pipeline"] = ("A-LoL on HH's helpful rows with GPT-2 124M, a row, and over sizes of the data", PipelineBenchmark.Run),
    ["encoder"] = ("MiniLM as a reward model: a fine-tuning step, and a thousand replies scored", EncoderBenchmark.Run),
    ["generate"] = ("generation with SmolLM2-135M", GenerateBenchmark.Run),
    ["memory"] = ("peak memory of full fine-tuning, and growth of a long one", MemoryBenchmark.Run),
    ["report"] = ("docs/performance.md and its chart, out of benchmarks/results/*.json", PerformancePage.Run),
};

if (args.Length > 0 && benchmarks.TryGetValue(args[0], out (string What, Func<string[], int> Run) benchmark))
{
    try
    {
        return benchmark.Run(args[1..]);
    }
    catch (Exception e) when (e is ArgumentException or DataException or RecipeException or InvalidOperationException or PlatformNotSupportedException)
    {
        Console.Error.WriteLine(e.Message);
        return 1;
    }
}

Console.Error.WriteLine("usage: dotnet run -c Release --project benchmarks/Leftover.Benchmarks -- <benchmark> [--rounds N] [--threads N] [--json FILE or FOLDER] [--shared FOLDER] [options]");
foreach ((string name, (string what, _)) in benchmarks) Console.Error.WriteLine($"  {name,-10} {what}");
return 2;
