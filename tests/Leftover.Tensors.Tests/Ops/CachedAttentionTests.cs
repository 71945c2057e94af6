using Leftover.Tensors.Kernels;
using Leftover.Tensors.Memory;
using Leftover.Tensors.Tests.Oracles;

namespace Leftover.Tensors.Tests.Ops;

public sealed class CachedAttentionTests
{
    [Theory]
    [InlineData(4, 2, 0, 9, false)]
    [InlineData(4, 4, 0, 9, false)]
    [InlineData(6, 2, 5, 9, false)]
    [InlineData(3, 1, 150, 9, false)]
    [InlineData(6, 2, 0, 35, false)]
    [InlineData(4, 2, 0, 9, true)]
    [InlineData(6, 2, 70, 35, true)]
    public void Tokens_fed_a_few_at_a_time_get_what_the_whole_sequence_gives_them(int heads, int keyHeads, int window, int dimension, bool narrow)
    {
        // Two sequences, in slots 2 and 0 of three: first their prompts, then runs of new tokens, some of them single; the second has more than one block of keys.
        int[][] pieces = [[7, 1, 3, 1, 0, 1], [260, 1, 1, 9, 1, 1]];
        int[] slots = [2, 0];
        var shape = new AttentionShape(heads, keyHeads, dimension, 0.3f, window);
        int[] lengths = [.. pieces.Select(p => p.Sum())];
        double[][] q = [.. lengths.Select((n, i) => Numbers(i, n * shape.QueryColumns))], k = [.. lengths.Select((n, i) => Numbers(10 + i, n * shape.KeyColumns))], v = [.. lengths.Select((n, i) => Numbers(20 + i, n * shape.KeyColumns))];
        if (narrow) foreach (double[] numbers in k.Concat(v)) for (int i = 0; i < numbers.Length; i++) numbers[i] = BFloat16.Widen(BFloat16.Round((float)numbers[i]));
        double[][] whole = [.. lengths.Select((n, i) => NaiveAttention.Forward(q[i], shape.QueryColumns, 0, k[i], shape.KeyColumns, 0, v[i], shape.KeyColumns, 0, shape, [new Segment(0, n)]))];

        using var cache = new KeyValueCache(layers: 2, slots: 3, capacity: 300, width: shape.KeyColumns, narrow);
        using var arena = new Arena();
        int[] done = [0, 0];
        for (int step = 0; step < pieces[0].Length; step++)
        {
            using Tape tape = arena.Begin(record: false);
            var layout = new PackedLayout([new(0, pieces[0][step]), new(pieces[0][step], pieces[1][step])], cache, slots);
            Tensor Part(double[][] x, int columns) =>
                Tensor.Matrix(layout.Tokens, columns, [.. Enumerable.Range(0, 2).SelectMany(s => x[s].Skip(done[s] * columns).Take(pieces[s][step] * columns)).Select(number => (float)number)]);
            Tensor y = Tensor.CausalAttention(Part(q, shape.QueryColumns), 0, Part(k, shape.KeyColumns), 0, Part(v, shape.KeyColumns), 0, shape, layout, layer: 1);
            cache.Advance(layout);

            int at = 0;
            for (int s = 0; s < 2; s++)
                for (int i = 0; i < pieces[s][step] * shape.QueryColumns; i++)
                    Assert.Equal(whole[s][done[s] * shape.QueryColumns + i], y.Data[at++], 2e-6);
            for (int s = 0; s < 2; s++) done[s] += pieces[s][step];
        }
        Assert.Equal([lengths[1], 0, lengths[0]], new[] { 0, 1, 2 }.Select(cache.LengthOf));
    }

    [Fact]
    public void A_full_cache_is_an_error_that_names_the_sequence()
    {
        using var cache = new KeyValueCache(layers: 1, slots: 1, capacity: 4, width: 2);
        using var arena = new Arena();
        using Tape tape = arena.Begin(record: false);
        Tensor x = Tensor.Matrix(5, 2, new float[10]);
        var layout = new PackedLayout([new(0, 5)], cache, [0]);
        ArgumentException e = Assert.Throws<ArgumentException>(() => Tensor.CausalAttention(x, 0, x.Detach(), 0, x.Detach(), 0, new AttentionShape(1, 1, 2, 1), layout, 0));
        Assert.Contains("holds 4 tokens", e.Message);
        Assert.Contains("sequence 0", e.Message);
    }

    private static double[] Numbers(int stream, int count)
    {
        var random = new RandomStream(5, "cache", stream);
        return [.. Enumerable.Range(0, count).Select(_ => (double)(float)(random.NextDouble() * 4 - 2))];
    }
}
