using System.Diagnostics;
using System.Globalization;
using Leftover.Models;
using Leftover.Tensors;
using Leftover.Tensors.Kernels;
using Leftover.Tensors.Memory;
using Leftover.Tensors.Optimizers;

namespace Leftover.Benchmarks;

/// <summary>Times whole training steps of GPT-2 124M with random weights: forward, backward, clipping, AdamW, and each kind of op.</summary>
/// <remarks>
/// Options: <c>--steps 5</c>, <c>--sequences 4</c>, <c>--length 256</c>, <c>--threads 2</c>, <c>--layers 12</c>, and <c>--prototype FOLDER</c>: the folder of Gpt2Step.cs and
/// Gemm.cs, which are built and run in turns with ours (their step is 4 x 256 tokens), <c>--rounds 3</c> times.
/// </remarks>
internal static class StepBenchmark
{
    private const int Vocabulary = 50257, Padded = 50304, Width = 768, Layers = 12;

    public static int Run(string[] args)
    {
        int steps = Number(args, "--steps", 5), sequences = Number(args, "--sequences", 4), length = Number(args, "--length", 256);
        ThreadTeam.Resize(Number(args, "--threads", Environment.ProcessorCount));
        using var step = new OurStep(sequences, length, Number(args, "--layers", Layers));
        string? prototype = Option(args, "--prototype");
        if (prototype is null)
        {
            step.Print(step.Time(steps));
            return 0;
        }
        string folder = Path.Combine(Path.GetTempPath(), "leftover-step-prototype");
        PreparePrototype(prototype, folder);
        List<double> ours = [], theirs = [];
        for (int round = 0; round < Number(args, "--rounds", 3); round++)
        {
            theirs.AddRange(TimePrototype(folder, steps));
            ours.AddRange(step.Time(steps));
        }
        step.Print(ours);
        Console.WriteLine($"prototype: best {theirs.Min():F0} ms, median {Measure.Median(theirs):F0} ms");
        Console.WriteLine($"ours / prototype: best {ours.Min() / theirs.Min():F3}, median {Measure.Median(ours) / Measure.Median(theirs):F3}");
        return 0;
    }

    private sealed class OurStep : IDisposable
    {
        private readonly LanguageModel _model;
        private readonly Arena _arena = new();
        private readonly AdamW _optimizer;
        private readonly PackedLayout _layout;
        private readonly int[] _tokens, _targets, _rows;
        private readonly Dictionary<string, double> _parts = [];
        private double _best = double.MaxValue;
        private Dictionary<string, double> _bestParts = [];

        public OurStep(int sequences, int length, int layers)
        {
            _model = LanguageModel.Create(new Gpt2Config { VocabularySize = Vocabulary, ContextLength = 1024, Width = Width, Layers = layers, Heads = 12, InnerWidth = 4 * Width, TiedHead = true }, seed: 1);
            _optimizer = new AdamW(_model.Weights);
            _layout = new PackedLayout([.. Enumerable.Range(0, sequences).Select(i => new Segment(i * length, length))]);
            var random = new RandomStream(1, "tokens");
            _tokens = [.. Enumerable.Range(0, sequences * length).Select(_ => random.Next(Vocabulary))];
            _targets = [.. _tokens.Select(_ => random.Next(Vocabulary))];
            _rows = [.. Enumerable.Range(0, _tokens.Length)];
            Time(1);                                                      // warm-up: code, arena, first touch of gradients and moments
            _best = double.MaxValue;
        }

        /// <summary>Milliseconds of each step.</summary>
        public List<double> Time(int steps) => [.. Enumerable.Range(0, steps).Select(_ => Step())];

        public void Print(List<double> times)
        {
            Console.WriteLine($"{ThreadTeam.Shared.Size} threads, {_layout.Segments.Length} x {_tokens.Length / _layout.Segments.Length} tokens: best {times.Min():F0} ms, median {Measure.Median(times):F0} ms, {_tokens.Length / times.Min() * 1000:F0} tokens/s at best; arena {_arena.Peak * 4 >> 20} MiB");
            foreach ((string name, double ms) in _bestParts.OrderByDescending(part => part.Value)) Console.WriteLine($"  {name,-24}{ms,9:F1} ms");
        }

        private double Step()
        {
            _parts.Clear();
            long began = Stopwatch.GetTimestamp();
            _model.Weights.ClearGradients();
            using (Tape tape = _arena.Begin())
            {
                tape.Watch = (op, backward, time) => Add($"{op.GetType().Name.Split('`')[0]}{(op.GetType().IsGenericType ? " " + op.GetType().GenericTypeArguments[0].Name : "")}{(backward ? " back" : "")}", time);
                Tensor loss = -_model.TokenLogProbs(_tokens, _layout, _rows, _targets).Mean();
                tape.Backward(loss);
            }
            Time("clip", () => GradientClipper.Clip(_model.Weights, double.PositiveInfinity));
            Time("adamw", () => _optimizer.Update(1e-4f));
            double ms = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            if (ms < _best) (_best, _bestParts) = (ms, new Dictionary<string, double>(_parts));
            return ms;
        }

        private void Time(string name, Action action)
        {
            long began = Stopwatch.GetTimestamp();
            action();
            Add(name, Stopwatch.GetElapsedTime(began));
        }

        private void Add(string name, TimeSpan time) => _parts[name] = _parts.GetValueOrDefault(name) + time.TotalMilliseconds;

        public void Dispose()
        {
            _optimizer.Dispose();
            _model.Dispose();
            _arena.Dispose();
        }
    }

    // Its checkpoint is a 1024-byte header, then all weights, the vocabulary padded; its tokens are 1024 inputs and 1024 targets.
    private static void PreparePrototype(string sources, string folder)
    {
        Directory.CreateDirectory(folder);
        string includes = string.Concat(new[] { "Gpt2Step.cs", "Gemm.cs" }.Select(file => $"<Compile Include=\"{Path.GetFullPath(Path.Combine(sources, file))}\" />"));
        File.WriteAllText(Path.Combine(folder, "Directory.Build.props"), "<Project />");
        File.WriteAllText(Path.Combine(folder, "step.csproj"),
            "<Project Sdk=\"Microsoft.NET.Sdk\"><PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings>" +
            $"<AllowUnsafeBlocks>true</AllowUnsafeBlocks><EnableDefaultCompileItems>false</EnableDefaultCompileItems></PropertyGroup><ItemGroup>{includes}</ItemGroup></Project>");
        Execute("dotnet", folder, "build", "-c", "Release", "-v", "q", "--nologo", "-o", "out");
        long weights = (long)Padded * Width + 1024 * Width + (long)Layers * (12 * Width * Width + 13 * Width) + 2 * Width;
        string checkpoint = Path.Combine(folder, "weights.bin");
        if (File.Exists(checkpoint) && new FileInfo(checkpoint).Length == 1024 + 4 * weights) return;
        var random = new RandomStream(1, "prototype");
        byte[] piece = new byte[1 << 22];
        Span<float> floats = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(piece.AsSpan());
        foreach (ref float value in floats) value = (float)(0.02 * random.NextNormal());
        using (FileStream stream = File.Create(checkpoint))
        {
            stream.Write(new byte[1024]);
            for (long left = 4 * weights; left > 0; left -= piece.Length) stream.Write(piece, 0, (int)Math.Min(left, piece.Length));
        }
        byte[] tokens = new byte[8192];
        foreach (ref int token in System.Runtime.InteropServices.MemoryMarshal.Cast<byte, int>(tokens.AsSpan())) token = random.Next(Vocabulary);
        File.WriteAllBytes(Path.Combine(folder, "tokens.bin"), tokens);
    }

    private static List<double> TimePrototype(string folder, int steps)
    {
        string output = Execute("dotnet", folder, "out/step.dll", steps.ToString(CultureInfo.InvariantCulture), "weights.bin", "tokens.bin");
        return [.. output.Split('\n').Where(line => line.StartsWith("step ", StringComparison.Ordinal)).Skip(1)
            .Select(line => 1000 * double.Parse(line.Split(' ')[5], CultureInfo.InvariantCulture))];
    }

    private static string Execute(string program, string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true };
        start.Environment["NT"] = ThreadTeam.Shared.Size.ToString(CultureInfo.InvariantCulture);
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {output}");
    }

    private static int Number(string[] args, string name, int fallback) => Option(args, name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : fallback;

    private static string? Option(string[] args, string name) => Array.IndexOf(args, name) is >= 0 and int at && at + 1 < args.Length ? args[at + 1] : null;
}
