using Leftover.Tensors.Kernels;
using Leftover.Tensors.Memory;

namespace Leftover.Tensors;

public sealed unsafe partial class Tensor
{
    /// <summary>The embedding of each token: row ids[i] of the table, [N, C].</summary>
    /// <param name="weight">The table, [V, C].</param>
    /// <param name="ids">N token ids, each in [0, V).</param>
    /// <param name="padding">An id whose row gets no gradient from here (PyTorch's <c>padding_idx</c>); negative for none.</param>
    /// <exception cref="ArgumentException">An id is outside the table.</exception>
    public static Tensor Embedding(Tensor weight, ReadOnlySpan<int> ids, int padding = -1)
    {
        CheckRows("Embedding", "token id", weight, ids);
        return Tape.Current.Run(new PickRows(weight, Indices.Copy(ids), padding));
    }

    /// <summary>Picks rows by number: [R, C] to [N, C]. A row may come several times; its gradient is then the sum.</summary>
    /// <param name="rows">N row numbers, each in [0, R).</param>
    /// <exception cref="ArgumentException">A row number is outside the tensor.</exception>
    public Tensor GatherRows(ReadOnlySpan<int> rows)
    {
        CheckRows("GatherRows", "row", this, rows);
        return Tape.Current.Run(new PickRows(this, Indices.Copy(rows)));
    }

    private static void CheckRows(string name, string what, Tensor x, ReadOnlySpan<int> rows)
    {
        for (int i = 0; i < rows.Length; i++)
            if ((uint)rows[i] >= (uint)x.Rows) throw new ArgumentException($"{name}: {what} {rows[i]} at place {i} is outside {x.ShapeText}; it must be 0 to {x.Rows - 1}.");
    }
}

/// <summary>y[i] = x[rows[i]]; the row <paramref name="constant"/>, where it is not negative, gets no gradient.</summary>
internal sealed unsafe class PickRows(Tensor x, Indices rows, int constant = -1) : Op(x)
{
    public override (int Rows, int Columns) Shape => (rows.Length, x.Columns);

    protected override void Forward(Span<float> y) => GatherKernel.Gather(x.Pointer, rows.Pointer, rows.Length, x.Columns, Output.Pointer);

    // dx[rows[i]] += dy[i]
    protected override void Backward(ReadOnlySpan<float> dy)
    {
        float* dx = x.GradientForStore(out bool accumulate);
        if (!accumulate) RowKernel.Clear(dx, x.Length);
        GatherKernel.ScatterAdd(Output.GradientPointer, rows.Pointer, rows.Length, x.Columns, dx, constant);
    }
}
