namespace Leftover.Tensors.Kernels;

/// <summary>Rows picked out of a matrix by number, and their gradients put back.</summary>
internal static unsafe class GatherKernel
{
    private const int Stripe = 128;                     // columns: 512 bytes of each row

    /// <summary>y[i] = x[rows[i]]; x is [R, C], y is [N, C].</summary>
    public static void Gather(float* x, int* rows, int count, int columns, float* y) => RowKernel.ForRows(count, columns, (_, start, end) =>
    {
        for (long i = start; i < end; i++)
            new ReadOnlySpan<float>(x + (long)rows[i] * columns, columns).CopyTo(new Span<float>(y + i * columns, columns));
    });

    /// <summary>dx[rows[i]] += dy[i]; dy is [N, C], dx is [R, C]. A row that comes several times gets their sum, and row <paramref name="constant"/> nothing.</summary>
    /// <remarks>Cores share the columns, so none writes where another does, and a row's summands are added in their order.</remarks>
    public static void ScatterAdd(float* dy, int* rows, int count, int columns, float* dx, int constant = -1) => ThreadTeam.Shared.For(columns, Stripe, (_, start, end) =>
    {
        int width = (int)(end - start);
        for (int i = 0; i < count; i++)
            if (rows[i] != constant) RowKernel.AddVector(dx + (long)rows[i] * columns + start, dy + (long)i * columns + start, width, 0, 1);
    });
}
