using Leftover.Tensors.Memory;

namespace Leftover.Tensors.Tests.Memory;

public sealed unsafe class NativeBlockTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(17)]
    [InlineData(100_003)]
    [InlineData(3_000_001)]
    public void A_block_is_zeroed_and_aligned(long length)
    {
        using var block = new NativeBlock(length);

        Assert.Equal(length, block.Length);
        Assert.Equal(0, (nint)block.Pointer % (length * 4 >= 4 << 20 ? 2 << 20 : 64));
        Assert.False(block.Span(0, (int)length).ContainsAnyExcept(0f));
    }

    [Fact]
    public void Memory_that_was_used_before_is_zeroed_too()
    {
        for (int round = 0; round < 20; round++)
        {
            using var block = new NativeBlock(1000);
            Assert.False(block.Span(0, 1000).ContainsAnyExcept(0f));
            block.Span(0, 1000).Fill(1f);
        }
    }

    [Fact]
    public void A_span_outside_the_block_is_refused()
    {
        using var block = new NativeBlock(10);

        Assert.Equal(3, block.Span(7, 3).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => { block.Span(8, 3); });
        Assert.Throws<ArgumentOutOfRangeException>(() => { block.Span(-1, 3); });
        Assert.Throws<ArgumentOutOfRangeException>(() => { block.Span(0, -1); });
        Assert.Throws<ArgumentOutOfRangeException>(() => { block.Span(long.MaxValue, 1); });
    }

    [Fact]
    public void Disposing_twice_is_harmless_and_the_memory_cannot_be_reached_afterwards()
    {
        var block = new NativeBlock(10);
        block.Dispose();
        block.Dispose();

        Assert.Throws<ObjectDisposedException>(() => { block.Span(0, 1); });
        Assert.Throws<ObjectDisposedException>(() => { _ = block.Pointer; });
    }

    [Fact]
    public void A_length_that_cannot_be_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new NativeBlock(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new NativeBlock(long.MaxValue));
        Assert.Throws<OutOfMemoryException>(() => new NativeBlock(1L << 55));
    }
}
