using Leftover.Benchmarks;

// A benchmark is a class in a file of its own and a line here.
Dictionary<string, (string What, Func<string[], int> Run)> benchmarks = new()
{
    ["gemm"] = ("matrix products of GPT-2's and SmolLM2's layers, as a share of an FMA loop", GemmBenchmark.Run),
    ["attention"] = ("attention alone, in training and in generation", AttentionBenchmark.Run),
    ["step"] = ("whole training steps of GPT-2 124M, part by part", StepBenchmark.Run),
};

if (args.Length > 0 && benchmarks.TryGetValue(args[0], out (string What, Func<string[], int> Run) benchmark)) return benchmark.Run(args[1..]);

Console.Error.WriteLine("usage: dotnet run -c Release --project benchmarks/Leftover.Benchmarks -- <benchmark> [options]");
foreach ((string name, (string what, _)) in benchmarks) Console.Error.WriteLine($"  {name,-10} {what}");
return 2;
