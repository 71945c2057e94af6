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
    public void What_was_free_at_a_mark_is_free_again_after_the_rewind()
    {
        using var arena = new Arena();
        using Tape tape = arena.Begin(record: false);
        Block first = Block.Rent(64);
        Block.Rent(64);
        first.Return();
        var mark = arena.Mark();
        Assert.Equal((nint)first.Pointer, (nint)Block.Rent(64).Pointer);
        long used = arena.Used;
        arena.Rewind(mark);
        Assert.Equal((nint)first.Pointer, (nint)Block.Rent(64).Pointer);
        Assert.Equal(used, arena.Used);
    }

    [Fact]
    public void What_an_arena_grew_by_after_a_mark_is_free_after_the_rewind()
    {
        using var arena = new Arena();
        using Tape tape = arena.Begin(record: false);
        Block.Rent(64);
        long[] used = new long[5];
        for (int part = 0; part < used.Length; part++)
        {
            var mark = arena.Mark();
            for (int i = 0; i < 3; i++) Block.Rent(2 << 20);
            arena.Rewind(mark);
            used[part] = arena.Used;
        }
        Assert.All(used, floats => Assert.Equal(used[0], floats));
    }

    [Fact]
    public void Memory_of_a_dropped_tensor_is_the_next_ones_and_the_tensor_cannot_be_read()
    {
        using var arena = new Arena();
        using Tape tape = arena.Begin();
        Tensor dropped = Tensor.Vector([1, 2, 3]);
        nint place = (nint)dropped.Pointer;
        dropped.Drop();
        Assert.Contains("dropped", Assert.Throws<InvalidOperationException>(() => dropped.Data[0]).Message);
        Assert.Throws<InvalidOperationException>(dropped.Drop);
        Assert.Equal(place, (nint)Tensor.Vector([4, 5, 6]).Pointer);
    }

    [Fact]
    public void A_forgotten_tensor_is_computed_again_with_the_same_gradients()
    {
        (float[] kept, long more) = Gradients(forget: false);
        (float[] forgotten, long less) = Gradients(forget: true);
        Assert.Equal(kept, forgotten);
        Assert.True(less < more);

        static (float[], long) Gradients(bool forget)
        {
            using WeightSet weights = Weights(32);
            using var arena = new Arena();
            using Tape tape = arena.Begin();
            weights.ClearGradients();
            Tensor w = weights["w"], x = Tensor.Embedding(w, [1, 2, 3, 4, 5]);
            for (int i = 0; i < 3; i++)
            {
                Tensor normed = x.RmsNorm(weights["v"], 1e-5f), gate = normed.Linear(w), up = normed.Linear(w);
                if (forget) normed.Forget();
                Tensor inner = Tensor.SwiGlu(gate, up), change = inner.Linear(w);
                if (forget) inner.Forget();
                x += change;
                if (forget) change.Drop();
            }
            tape.Backward((x * x).Sum());
            weights.CompleteGradients();
            return ([.. w.Gradient, .. weights["v"].Tensor.Gradient], arena.Peak);
        }
    }

    [Fact]
    public void What_keeps_more_than_its_output_cannot_be_forgotten()
    {
        using WeightSet weights = Weights(32);
        using var arena = new Arena();
        using Tape tape = arena.Begin();
        Tensor product = Tensor.Embedding(weights["w"], [1, 2]).Linear(weights["w"]);
        Assert.Contains("cannot be run again", Assert.Throws<InvalidOperationException>(product.Forget).Message);
        Assert.Contains("is a weight", Assert.Throws<InvalidOperationException>(weights["w"].Tensor.Forget).Message);
    }

    [Fact]
    public void Runs_are_taken_lowest_first_and_join_when_they_are_given_back()
    {
        // 200 random steps against a plain array of who has what.
        var random = new RandomStream(5, "runs");
        var free = new FreeRuns();
        free.Give(0, 256);
        int[] owner = new int[256];
        List<(int Id, int Start, int Length)> held = [];
        for (int step = 1; step <= 200; step++)
        {
            if (held.Count > 0 && random.Next(2) == 0)
            {
                (int id, int start, int length) = held[random.Next(held.Count)];
                held.RemoveAll(run => run.Id == id);
                owner.AsSpan(start, length).Clear();
                free.Give(start, length);
                continue;
            }
            int wanted = 1 + random.Next(40), expected = -1;
            for (int at = 0; at + wanted <= 256 && expected < 0; at++)
                if (!owner.AsSpan(at, wanted).ContainsAnyExcept(0)) expected = at;
            bool taken = free.TryTake(wanted, out long found);
            Assert.Equal(expected >= 0, taken);
            if (!taken) continue;
            Assert.Equal(expected, found);
            owner.AsSpan(expected, wanted).Fill(step);
            held.Add((step, expected, wanted));
        }
        foreach ((_, int start, int length) in held) free.Give(start, length);
        Assert.Equal([new FreeRuns.Run(0, 256)], free.Snapshot());
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
