using Leftover.Tensors.Memory;
using Leftover.Tensors.Optimizers;

namespace Leftover.Tensors.Tests.Memory;

[Collection("thread team")]             // threads have scratch of their own: no other test may change their number meanwhile
public sealed unsafe class TapeMemoryTests
{
    [Fact]
    public void A_tensor_that_outlives_its_tape_is_caught()
    {
        using var arena = new Arena();
        Tensor tensor;
        using (arena.Begin()) tensor = Tensor.Vector([1, 2, 3]);
        Assert.Contains("[3]", Assert.Throws<ObjectDisposedException>(() => tensor.Data[0]).Message);
        Assert.Throws<ObjectDisposedException>(() => tensor.Gradient[0]);
        using Tape next = arena.Begin();
        Assert.Throws<ObjectDisposedException>(() => tensor + Tensor.Vector([1, 2, 3]));
    }

    [Fact]
    public void A_block_that_outlives_its_tape_is_caught()
    {
        using var arena = new Arena();
        Block block;
        using (arena.Begin()) block = Block.Rent(5);
        Assert.Throws<ObjectDisposedException>(() => block.Span[0]);
    }

    [Fact]
    public void An_op_outside_a_tape_is_caught()
    {
        using WeightSet weights = Weights(4);
        InvalidOperationException e = Assert.Throws<InvalidOperationException>(() => weights["w"].Tensor.Exp());
        Assert.Contains("Arena.Begin", e.Message);
    }

    [Fact]
    public void A_second_tape_on_an_arena_in_use_is_caught()
    {
        using var arena = new Arena();
        using Tape tape = arena.Begin();
        Assert.Throws<InvalidOperationException>(() => arena.Begin());
    }

    [Fact]
    public void A_rewind_does_not_hand_out_memory_twice()
    {
        using var arena = new Arena();
        using Tape tape = arena.Begin(record: false);
        var mark = arena.Mark();
        Block scratch = Block.Rent(64);
        scratch.Return();
        arena.Rewind(mark);
        Assert.NotEqual((nint)Block.Rent(64).Pointer, (nint)Block.Rent(64).Pointer);
    }

    [Fact]
    public void After_warm_up_a_step_allocates_nothing_that_grows_with_the_batch()
    {
        long small = ManagedBytesOfStep(16), large = ManagedBytesOfStep(512);
        Assert.True(large <= small + 1024, $"A step of 16 tokens allocates {small} managed bytes, one of 512 tokens {large}.");
    }

    [Fact]
    public void After_warm_up_the_arena_takes_no_more_native_memory()
    {
        using WeightSet weights = Weights(32);
        using var arena = new Arena();
        using var optimizer = new AdamW(weights);
        for (int i = 0; i < 2; i++) Step(arena, weights, optimizer, 700);
        long peak = arena.Peak;
        for (int i = 0; i < 3; i++) Step(arena, weights, optimizer, 700);
        Assert.Equal(peak, arena.Peak);
    }

    private static long ManagedBytesOfStep(int tokens)
    {
        using WeightSet weights = Weights(32);
        using var arena = new Arena();
        using var optimizer = new AdamW(weights);
        for (int i = 0; i < 3; i++) Step(arena, weights, optimizer, tokens);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Step(arena, weights, optimizer, tokens);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    // A small transformer's step with every kind of op; token ids and the layout are the caller's, made before.
    private static void Step(Arena arena, WeightSet weights, AdamW optimizer, int tokens)
    {
        const int Columns = 32;
        (int[] ids, PackedLayout layout, RopeTable table) = Inputs(tokens);
        weights.ClearGradients();
        using (Tape tape = arena.Begin())
        {
            Tensor w = weights["w"], vector = weights["v"];
            Tensor x = Tensor.Embedding(w, ids);
            Tensor q = x.RmsNorm(vector, 1e-5f).Linear(w, vector).Rope(table, layout, 4), k = x.LayerNorm(vector, vector, 1e-5f).Linear(w, null, weightIsInOut: true);
            x += Tensor.CausalAttention(q, 0, k, 0, x, 0, new AttentionShape(4, 4, Columns / 4, 0.3f), layout, 0);
            x += Tensor.SwiGlu(x.Linear(w), x.Gelu());
            Tensor logProbs = Tensor.TokenLogProbs(x.GatherRows(ids.AsSpan(0, tokens / 2)), w, vector, ids.AsSpan(0, tokens / 2));
            tape.Backward((logProbs.SumBySegment([0, 3, tokens / 2]) * -0.5f).Exp().Mean());
        }
        GradientClipper.Clip(weights, 1);
        optimizer.Update(1e-3f);
    }

    private static readonly Dictionary<int, (int[], PackedLayout, RopeTable)> s_inputs = [];

    private static (int[] Ids, PackedLayout Layout, RopeTable Table) Inputs(int tokens)
    {
        if (s_inputs.TryGetValue(tokens, out var known)) return known;
        double[] frequencies = [1, 0.5, 0.25];
        return s_inputs[tokens] = ([.. Enumerable.Range(0, tokens).Select(i => i * 7 % 16)], new PackedLayout([new(0, tokens / 4), new(tokens / 4, tokens - tokens / 4, 0)]), new RopeTable(frequencies, 1024));
    }

    private static WeightSet Weights(int columns)
    {
        var weights = new WeightSet();
        Weight matrix = weights.Root.Matrix("w", 32, columns), vector = weights.Root.Vector("v", columns);
        weights.Allocate(trainable: true);
        var random = new RandomStream(1, "weights");
        foreach (ref float x in matrix.Tensor.Data) x = (float)random.NextNormal() * 0.1f;
        vector.Tensor.Data.Fill(1);
        return weights;
    }
}
