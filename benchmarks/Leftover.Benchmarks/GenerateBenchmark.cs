using Leftover.Benchmarks.Peers;
using Leftover.Data;
using Leftover.Generation;
using Leftover.Models;
using Leftover.Tensors;
using Leftover.Tensors.Kernels;
using Leftover.Tensors.Memory;
using Leftover.Tokenization;

namespace Leftover.Benchmarks;

/// <summary>Generation with SmolLM2-135M: 64 new tokens each for 1, 16 and 64 sequences, tokens a second, prompts included.</summary>
/// <remarks>
/// The floor reads the weights once for each token of the sequences that run together, or computes their products, whichever takes longer: the
/// first at the speed of reading memory, the second at that of multiply-adds in registers. <c>--sequences 1,16,64</c>, <c>--tokens 64</c>, <c>--weights bf16,int8</c> (fp32 too),
/// <c>--llamacpp FOLDER</c> (with node_modules), <c>--no-peers</c>.
/// </remarks>
internal static class GenerateBenchmark
{
    private const long ReadFloats = 64 << 20;                       // 256 MiB: more than any cache

    private static readonly string[] s_topics = ["bake bread", "repair a bicycle", "learn the guitar", "plant tomatoes", "write a letter", "train a dog", "paint a wall", "clean a camera"];

    public static int Run(string[] args)
    {
        var options = BenchmarkOptions.Parse(args, rounds: 3, ["--sequences", "--tokens", "--weights", "--llamacpp"], ["--no-peers"]);
        int newTokens = options.Number("--tokens", 64);
        WeightStorage[] storages = [.. (options["--weights"] ?? "bf16,int8").Split(',').Select(name => name switch
        {
            "fp32" => WeightStorage.Float32,
            "bf16" => WeightStorage.BFloat16,
            "int8" => WeightStorage.Int8,
            _ => throw new DataException($"--weights has '{name}'; it must be fp32, bf16 or int8, or several with commas between them."),
        })];
        string folder = Path.Combine(options.Shared, "models", "smollm2-135m-instruct");
        string file = Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.gguf").FirstOrDefault() ?? "" : "";
        if (file.Length == 0) throw new DataException($"{folder} has no .gguf file: name the folder that has models/smollm2-135m-instruct with --shared or LEFTOVER_SHARED.");
        LlamaCpp? llama = options["--no-peers"] is null ? LlamaCpp.Find(options, file) : null;

        using LanguageModel model = LanguageModel.Load(folder);
        var tokenizer = Tokenizer.Load(folder);
        using var generator = new Generator(model, tokenizer);
        using NativeBlock memory = new(ReadFloats);
        List<BenchmarkLine> lines = [];
        foreach (string text in (options["--sequences"] ?? "1,16,64").Split(','))
        {
            int sequences = int.Parse(text);
            int[][] prompts = [.. Enumerable.Range(0, sequences).Select(i => tokenizer.Encode($"<|im_start|>user\nExplain in detail how to {s_topics[i % s_topics.Length]}.<|im_end|>\n<|im_start|>assistant\n"))];
            foreach (WeightStorage storage in storages) lines.AddRange(Lines(options, model, generator, storage, memory, prompts, newTokens, llama));
        }
        return options.Show(BenchmarkResult.Now("generate", lines, llama is null && options["--no-peers"] is null ? [LlamaCpp.Install] : []));
    }

    private static IEnumerable<BenchmarkLine> Lines(BenchmarkOptions options, LanguageModel model, Generator generator, WeightStorage storage, NativeBlock memory, int[][] prompts, int newTokens, LlamaCpp? llama)
    {
        // No end token: all sequences are as long as they may be, whatever the model has to say.
        var settings = new GenerationOptions { MaxNewTokens = newTokens, DoSample = true, TopP = 0.95f, BatchSize = prompts.Length, Seed = 1, WeightDtype = storage };
        double Ours()
        {
            int made = 0;
            double seconds = Measure.Seconds(() => made = generator.Generate(prompts, settings).Sum(completion => completion.Tokens.Length));
            return made / seconds;
        }

        var work = new ModelWork(model.Config);
        double tokens = prompts.Length * (double)newTokens, operations = prompts.Sum(prompt => work.Forward(Layout(prompt.Length, newTokens), newTokens)), bytes = work.WeightBytes(storage) * newTokens;
        double Floor() => tokens / Math.Max(bytes / Measure.Rate(() => ReadLoop.Run(memory)), operations / Measure.SteadyPeak(ComputeType.Float32));

        Ours();
        Sample[][] samples = Rounds.Run(options.Rounds, [Floor, Ours, .. llama is null ? Array.Empty<Func<double>>() : [() => llama.TokensPerSecond(prompts.Length, newTokens)]]);
        string weights = storage switch { WeightStorage.Int8 => "int8", WeightStorage.BFloat16 => "bf16", _ => "fp32" };
        string name = $"SmolLM2-135M, {weights} weights, {prompts.Length} sequence{(prompts.Length == 1 ? "" : "s")} of {newTokens} new tokens";
        string note = $"prompts of {prompts.Average(prompt => prompt.Length):F0} tokens; {bytes / newTokens / 1e6:F0} MB of weights ({weights} in memory) are read for a token, {operations / tokens / 1e9:F2} GFLOP computed";
        yield return BenchmarkLine.Of(name, "tokens/s", true, samples[1], samples[0], llama is null ? null : (llama.Name, samples[2]), note);
    }

    private static Segment[] Layout(int prompt, int newTokens) => [new(0, prompt), new(prompt, newTokens - 1, 0)];
}
