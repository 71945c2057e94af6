using Leftover.Tensors;
using Leftover.Tensors.Kernels;
using Leftover.Tensors.Memory;

namespace Leftover.Benchmarks;

/// <summary>Attention alone, over shapes of training and generation: the products that causality leaves (2 forward, 5 backward), and reading keys and values.</summary>
internal static class AttentionBenchmark
{
    private const double CacheBytes = 4e8;                                         // so much that keys and values come from memory
    private const int MostLayers = 64;

    public static int Run(string[] args)
    {
        var options = BenchmarkOptions.Parse(args, rounds: 9);
        var gpt2 = new AttentionShape(12, 12, 64, 0.125f);
        var smol = new AttentionShape(9, 3, 64, 0.125f);
        List<BenchmarkLine> lines = [];
        foreach ((string name, AttentionShape shape) in new[] { ("GPT-2", gpt2), ("SmolLM2", smol) })
        {
            void Train(string what, Segment[] segments)
            {
                if ($"{name} {what}".Contains(options.Only)) lines.AddRange(TrainingLines($"{name} {what}", shape, segments, options.Rounds));
            }

            Train("4 x 256", [.. Enumerable.Range(0, 4).Select(i => new Segment(i * 256, 256))]);
            Train("16 x (115 + 58)", [.. Enumerable.Range(0, 16).SelectMany(i => new Segment[] { new(i * 173, 115), new(i * 173 + 115, 58, 2 * i) })]);
            Train("4 x (115 + 4 x 58)", [.. Enumerable.Range(0, 4).SelectMany(i => Enumerable.Range(0, 5).Select(c => c == 0 ? new Segment(i * 347, 115) : new Segment(i * 347 + 57 + c * 58, 58, 5 * i)))]);
            Train("1 x 4096", [new Segment(0, 4096)]);
            foreach (int length in new[] { 200, 4000 })
            {
                foreach (int sequences in new[] { 1, 16 })
                {
                    string decoding = $"{name} decoding {sequences} x {length}";
                    if (decoding.Contains(options.Only)) lines.Add(DecodingLine(decoding, shape, sequences, length, options.Rounds));
                }
            }
        }
        return options.Show(BenchmarkResult.Now("attention", lines));
    }

    private static BenchmarkLine[] TrainingLines(string name, AttentionShape shape, Segment[] segments, int rounds)
    {
        var layout = new PackedLayout(segments);
        int columns = shape.QueryColumns + 2 * shape.KeyColumns;
        using var weights = new WeightSet();
        Weight x = weights.Root.Matrix("x", layout.Tokens, columns);
        weights.Allocate(trainable: true);
        var random = new RandomStream(1, "attention");
        foreach (ref float value in x.Tensor.Data) value = (float)random.NextNormal();
        using var arena = new Arena();
        double backward = 0;
        double Pass()
        {
            weights.ClearGradients();
            using Tape tape = arena.Begin();
            Tensor? y = null;
            double forward = Measure.Seconds(() => y = Tensor.CausalAttention(x, 0, x, shape.QueryColumns, x, shape.QueryColumns + shape.KeyColumns, shape, layout, 0));
            y!.Gradient.Fill(0.1f);
            backward = Measure.Seconds(() => tape.Backward());
            return forward;
        }

        double pairs = segments.Sum(s => (double)s.Length * (s.Length + 1) / 2 + (s.Prefix >= 0 ? (double)s.Length * segments[s.Prefix].Length : 0));
        double product = 2 * pairs * shape.HeadDimension * shape.Heads;
        Pass();
        Pass();
        Sample[][] samples = Rounds.Run(rounds, () => Measure.FmaRate() / 1e9, () => 2 * product / Pass() / 1e9, () => 5 * product / backward / 1e9);
        return [BenchmarkLine.Of(name + ", forward", "GFLOP/s", true, samples[1], samples[0]), BenchmarkLine.Of(name + ", backward", "GFLOP/s", true, samples[2], samples[0])];
    }

    private static BenchmarkLine DecodingLine(string name, AttentionShape shape, int sequences, int length, int rounds)
    {
        double bytes = 8.0 * sequences * length * shape.KeyColumns;
        int layers = Math.Clamp((int)(CacheBytes / bytes), 1, MostLayers);
        using var cache = new KeyValueCache(layers, sequences, length + 1, shape.KeyColumns);
        using NativeBlock memory = new((long)(layers * bytes / sizeof(float)));
        int[] slots = [.. Enumerable.Range(0, sequences)];
        cache.Advance(new PackedLayout([.. slots.Select(s => new Segment(s * length, length))], cache, slots));
        using var arena = new Arena();
        double Pass()
        {
            using Tape tape = arena.Begin(record: false);
            var layout = new PackedLayout([.. slots.Select(s => new Segment(s, 1))], cache, slots);
            int columns = shape.QueryColumns + 2 * shape.KeyColumns;
            Tensor x = Tensor.Matrix(sequences, columns, new float[sequences * columns]);
            return Measure.Seconds(() =>
            {
                for (int layer = 0; layer < layers; layer++) Tensor.CausalAttention(x, 0, x, shape.QueryColumns, x, shape.QueryColumns + shape.KeyColumns, shape, layout, layer);
            });
        }

        Pass();
        Sample[][] samples = Rounds.Run(rounds, () => ReadLoop.Run(memory) / Measure.Seconds(() => ReadLoop.Run(memory)) / 1e9, () => layers * bytes / Pass() / 1e9);
        return BenchmarkLine.Of(name, "GB/s of keys and values", true, samples[1], samples[0]);
    }
}
