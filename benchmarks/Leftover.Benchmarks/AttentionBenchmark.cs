using System.Diagnostics;
using System.Globalization;
using Leftover.Tensors;
using Leftover.Tensors.Kernels;
using Leftover.Tensors.Memory;

namespace Leftover.Benchmarks;

/// <summary>Times attention alone: GF/s of the products that causality leaves (2 forward, 5 backward), over shapes of training and generation.</summary>
/// <remarks>Options: <c>--rounds 9</c>, <c>--threads 2</c>, <c>--only text</c>.</remarks>
internal static class AttentionBenchmark
{
    public static int Run(string[] args)
    {
        int rounds = Option(args, "--rounds") is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : 9;
        ThreadTeam.Resize(Option(args, "--threads") is { } threads ? int.Parse(threads, CultureInfo.InvariantCulture) : Environment.ProcessorCount);
        string only = Option(args, "--only") ?? "";
        var gpt2 = new AttentionShape(12, 12, 64, 0.125f);
        var smol = new AttentionShape(9, 3, 64, 0.125f);
        foreach ((string name, AttentionShape shape) in new[] { ("GPT-2", gpt2), ("SmolLM2", smol) })
        {
            Train($"{name} 4 x 256", shape, [.. Enumerable.Range(0, 4).Select(i => new Segment(i * 256, 256))], rounds, only);
            Train($"{name} 16 x (115 + 58)", shape, [.. Enumerable.Range(0, 16).SelectMany(i => new Segment[] { new(i * 173, 115), new(i * 173 + 115, 58, 2 * i) })], rounds, only);
            Train($"{name} 4 x (115 + 4 x 58)", shape, [.. Enumerable.Range(0, 4).SelectMany(i => Enumerable.Range(0, 5).Select(c => c == 0 ? new Segment(i * 347, 115) : new Segment(i * 347 + 57 + c * 58, 58, 5 * i)))], rounds, only);
            Train($"{name} 1 x 4096", shape, [new Segment(0, 4096)], rounds, only);
            foreach (int length in new[] { 200, 4000 })
                foreach (int sequences in new[] { 1, 16 }) Decode($"{name} decode {sequences} x {length}", shape, sequences, length, rounds, only);
        }
        return 0;
    }

    // With one thread the time that it computed, which other processes disturb less.
    private static double Now => ThreadTeam.Shared.Size == 1 ? ThreadClock.Milliseconds : Stopwatch.GetTimestamp() * 1e3 / Stopwatch.Frequency;

    private static void Train(string name, AttentionShape shape, Segment[] segments, int rounds, string only)
    {
        if (!name.Contains(only)) return;
        var layout = new PackedLayout(segments);
        int columns = shape.QueryColumns + 2 * shape.KeyColumns;
        using var weights = new WeightSet();
        Weight x = weights.Root.Matrix("x", layout.Tokens, columns);
        weights.Allocate(trainable: true);
        var random = new RandomStream(1, "attention");
        foreach (ref float value in x.Tensor.Data) value = (float)random.NextNormal();
        using var arena = new Arena();
        List<double> forward = [], backward = [], loop = [];
        for (int round = -2; round < rounds; round++)
        {
            weights.ClearGradients();
            using Tape tape = arena.Begin();
            double start = Now;
            Tensor y = Tensor.CausalAttention(x, 0, x, shape.QueryColumns, x, shape.QueryColumns + shape.KeyColumns, shape, layout, 0);
            double forwardTime = Now - start;
            y.Gradient.Fill(0.1f);
            start = Now;
            tape.Backward();
            if (round < 0) continue;
            loop.Add(FmaRate());
            forward.Add(forwardTime);
            backward.Add(Now - start);
        }
        double pairs = segments.Sum(s => (double)s.Length * (s.Length + 1) / 2 + (s.Prefix >= 0 ? (double)s.Length * segments[s.Prefix].Length : 0));
        double product = 2 * pairs * shape.HeadDimension * shape.Heads;
        double peak = Measure.Median(loop), forwardMs = Measure.Median(forward), backwardMs = Measure.Median(backward);
        Console.WriteLine($"{name,-30} forward {forwardMs,8:F2} ms {2 * product / forwardMs / 1e6,6:F0} GF/s {2 * product / forwardMs / 1e6 / peak,5:P0}   backward {backwardMs,8:F2} ms {5 * product / backwardMs / 1e6,6:F0} GF/s {5 * product / backwardMs / 1e6 / peak,5:P0}");
    }

    private static void Decode(string name, AttentionShape shape, int sequences, int length, int rounds, string only)
    {
        if (!name.Contains(only)) return;
        int layers = Math.Max(1, (int)(400_000_000L / (8L * sequences * length * shape.KeyColumns)));      // so much that it comes from memory
        layers = Math.Min(layers, 64);
        using var cache = new KeyValueCache(layers, sequences, length + 1, shape.KeyColumns);
        int[] slots = [.. Enumerable.Range(0, sequences)];
        cache.Advance(new PackedLayout([.. slots.Select(s => new Segment(s * length, length))], cache, slots));
        using var arena = new Arena();
        List<double> times = [], reads = [];
        for (int round = -1; round < rounds; round++)
        {
            using Tape tape = arena.Begin(record: false);
            var layout = new PackedLayout([.. slots.Select(s => new Segment(s, 1))], cache, slots);
            Tensor x = Tensor.Matrix(sequences, shape.QueryColumns + 2 * shape.KeyColumns, new float[sequences * (shape.QueryColumns + 2 * shape.KeyColumns)]);
            double start = Now;
            for (int layer = 0; layer < layers; layer++) Tensor.CausalAttention(x, 0, x, shape.QueryColumns, x, shape.QueryColumns + shape.KeyColumns, shape, layout, layer);
            if (round < 0) continue;
            times.Add((Now - start) / layers);
            reads.Add(ReadRate(cache));
        }
        double ms = Measure.Median(times), rate = 8.0 * sequences * length * shape.KeyColumns / ms / 1e6;
        Console.WriteLine($"{name,-30} {ms,8:F3} ms a layer {rate,6:F1} GB/s of keys and values, {rate / Measure.Median(reads),5:P0} of reading them");
    }

    private static double FmaRate()
    {
        double start = Now, operations = FmaLoop.Run(ThreadTeam.Shared, 300_000);
        return operations / (Now - start) / 1e6;
    }

    private static unsafe double ReadRate(KeyValueCache cache)
    {
        double start = Now;
        int blocks = (cache.LengthOf(0) + KeyValueCache.BlockTokens - 1) / KeyValueCache.BlockTokens, numbers = KeyValueCache.BlockTokens * cache.Width;
        long planes = (long)cache.Layers * cache.Slots * blocks;
        ThreadTeam.Shared.For(planes, 1, (_, plane, _) =>
        {
            (int layer, int rest) = Math.DivRem((int)plane, cache.Slots * blocks);
            System.Numerics.Tensors.TensorPrimitives.Sum(new ReadOnlySpan<float>(cache.Keys(layer, rest / blocks, rest % blocks), numbers));
        });
        return 4.0 * planes * numbers / (Now - start) / 1e6;
    }

    private static string? Option(string[] args, string name) => Array.IndexOf(args, name) is >= 0 and int at && at + 1 < args.Length ? args[at + 1] : null;
}
