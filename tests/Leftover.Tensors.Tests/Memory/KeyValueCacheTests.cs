using Leftover.Tensors.Memory;

namespace Leftover.Tensors.Tests.Memory;

public sealed unsafe class KeyValueCacheTests
{
    private const int Width = 6, Layers = 3;

    [Theory, InlineData(false), InlineData(true)]
    public void A_sequence_that_shares_another_ones_blocks_holds_the_same_and_takes_no_more(bool narrow)
    {
        using var cache = new KeyValueCache(Layers, slots: 3, capacity: 400, width: Width, narrow);
        Append(cache, 0, 130, seed: 1);
        Assert.Equal(3, cache.UsedBlocks);
        float[] prompt = Content(cache, 0);
        cache.Share(0, 1);
        cache.Share(0, 2, length: 100);
        Assert.Equal(3, cache.UsedBlocks);
        Assert.Equal((130, 100), (cache.LengthOf(1), cache.LengthOf(2)));
        Assert.Equal(prompt, Content(cache, 1));
        Assert.Equal(prompt[..(100 * Width)], Content(cache, 2)[..(100 * Width)]);
    }

    [Theory, InlineData(false), InlineData(true)]
    public void Who_writes_into_a_shared_block_copies_it_and_the_others_keep_what_they_had(bool narrow)
    {
        using var cache = new KeyValueCache(Layers, slots: 3, capacity: 400, width: Width, narrow);
        Append(cache, 0, 130, seed: 1);
        float[] prompt = Content(cache, 0);
        cache.Share(0, 1);
        cache.Share(0, 2);
        Append(cache, 1, 1, seed: 2);
        Assert.Equal(4, cache.UsedBlocks);                                 // the third block, with 2 tokens, is there twice
        Append(cache, 0, 70, seed: 3);
        Assert.Equal(6, cache.UsedBlocks);                                 // … three times, and a fourth block
        Append(cache, 2, 1, seed: 4);
        Assert.Equal(6, cache.UsedBlocks);                                 // the last of those who shared it writes in place
        Assert.Equal(prompt, Content(cache, 2, 130));
        Assert.Equal(prompt, Content(cache, 1, 130));
        Assert.Equal(prompt, Content(cache, 0, 130));
        Assert.NotEqual(Content(cache, 1), Content(cache, 2));
    }

    [Fact]
    public void Blocks_whose_last_user_leaves_are_used_again()
    {
        using var cache = new KeyValueCache(Layers, slots: 2, capacity: 4000, width: Width);
        Append(cache, 0, 640, seed: 1);
        cache.Share(0, 1, length: 128);
        long bytes = cache.Bytes;
        cache.Truncate(0);
        Assert.Equal(2, cache.UsedBlocks);
        cache.Truncate(1, 65);
        Assert.Equal(2, cache.UsedBlocks);
        cache.Truncate(1, 64);
        Assert.Equal(1, cache.UsedBlocks);
        Append(cache, 0, 400, seed: 2);
        Assert.Equal(bytes, cache.Bytes);
        cache.Truncate(0);
        cache.Truncate(1);
        Assert.Equal(0, cache.UsedBlocks);
    }

    [Fact]
    public void What_cannot_be_shared_or_cut_is_refused()
    {
        using var cache = new KeyValueCache(Layers, slots: 2, capacity: 100, width: Width);
        Append(cache, 0, 10, seed: 1);
        Assert.Throws<ArgumentException>(() => cache.Share(0, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => cache.Share(0, 1, length: 11));
        Assert.Throws<ArgumentOutOfRangeException>(() => cache.Truncate(0, 11));
    }

    private static void Append(KeyValueCache cache, int slot, int tokens, long seed)
    {
        var random = new RandomStream(seed, "tokens");
        cache.Reserve(slot, tokens);
        float* keys = stackalloc float[Width], values = stackalloc float[Width];
        for (int layer = 0; layer < Layers; layer++)
            for (int token = 0; token < tokens; token++)
            {
                for (int i = 0; i < Width; i++) (keys[i], values[i]) = ((float)random.NextNormal(), (float)random.NextNormal());
                cache.Store(layer, slot, cache.LengthOf(slot) + token, keys, values);
            }
        cache.Advance(new PackedLayout([new Segment(0, tokens)], cache, [slot]));
    }

    // Keys of the last layer, then values of the first, of the first tokens.
    private static float[] Content(KeyValueCache cache, int slot, int? tokens = null)
    {
        int count = tokens ?? cache.LengthOf(slot);
        float[] first = new float[2 * count * Width], last = new float[2 * count * Width];
        fixed (float* a = first, b = last)
        {
            cache.Load(0, slot, count, a, a + count * Width);
            cache.Load(Layers - 1, slot, count, b, b + count * Width);
        }
        return [.. last[..(count * Width)], .. first[(count * Width)..]];
    }
}
