using Leftover.Tensors.Memory;

namespace Leftover.Tensors.Tests.Ops;

public class AttentionPoolTests
{
    [Fact]
    public void Shapes_that_do_not_fit_are_named()
    {
        using var arena = new Arena();
        using Tape tape = arena.Begin();
        Tensor Zeros(int rows, int columns) => Tensor.Matrix(rows, columns, new float[rows * columns]);
        Tensor Pool(int c = 4, int rows = 5, int heads = 2, params int[] offsets) => Tensor.AttentionPool(Zeros(rows, 4), Zeros(1, c), Zeros(12, 4), Zeros(1, 12), offsets, heads);

        Assert.Contains("need a query [4], a projection [12, 4]", Assert.Throws<ShapeException>(() => Pool(c: 3, offsets: [0, 5])).Message);
        Assert.Contains("3 heads do not divide the 4 columns", Assert.Throws<ShapeException>(() => Pool(heads: 3, offsets: [0, 5])).Message);
        Assert.Contains("segment 1 is empty", Assert.Throws<ShapeException>(() => Pool(offsets: [0, 2, 2, 5])).Message);
        Assert.Contains("they run from 0 to 5", Assert.Throws<ShapeException>(() => Pool(offsets: [0, 4])).Message);
        Assert.Equal((2, 4), (Pool(offsets: [0, 2, 5]).Rows, Pool(offsets: [0, 2, 5]).Columns));
    }
}
