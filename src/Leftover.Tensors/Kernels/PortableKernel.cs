using System.Numerics;
using System.Runtime.CompilerServices;

namespace Leftover.Tensors.Kernels;

/// <summary>Tiles of 4 rows by 3 vectors, compiled by .NET for whatever processor there is.</summary>
/// <typeparam name="TLanes">The vector: <see cref="VectorLanes"/>, or <see cref="ScalarLane"/> where vectors would be emulated.</typeparam>
internal sealed unsafe class PortableKernel<TLanes> : MicroKernel where TLanes : struct, ILanes<TLanes>
{
    public override int Columns => 3 * TLanes.Count;

    public override long BlockBytes => 200 << 10;
    public override int Width(int columns) => (columns + TLanes.Count - 1) / TLanes.Count * TLanes.Count;
    public override int Rows(int columns, bool alongK) => 4;
    public override int WidestTile(int rows) => Columns;

    public override void Run(int rows, int columns, TileArguments* tile)
    {
        int width = Width(columns);
        nint rowC = tile->RowStrideC / sizeof(float);
        float* bias = tile->Bias;
        for (int i = 0; i < rows; i += rows == 4 ? 4 : 1)
        {
            float* a = tile->A + i * (tile->RowStrideA / sizeof(float)), c = tile->C + i * rowC;
            if (width == Columns && rows == 4) FourByThree(tile, a, tile->B, c, bias);
            else if (width == Columns) OneByThree(tile, a, tile->B, c, bias);
            else
                for (int j = 0; j < width; j += TLanes.Count)
                    if (rows == 4) FourByOne(tile, a, tile->B + j, c + j, bias == null ? null : bias + j);
                    else OneByOne(tile, a, tile->B + j, c + j, bias == null ? null : bias + j);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourByThree(TileArguments* tile, float* a, float* b, float* c, float* bias)
    {
        nint stepA = tile->StepStrideA / sizeof(float), stepB = tile->StepStrideB / sizeof(float);
        nint rowA = tile->RowStrideA / sizeof(float), rowC = tile->RowStrideC / sizeof(float);
        float* a1 = a + rowA, a2 = a1 + rowA, a3 = a2 + rowA;
        TLanes c00 = default, c01 = default, c02 = default, c10 = default, c11 = default, c12 = default;
        TLanes c20 = default, c21 = default, c22 = default, c30 = default, c31 = default, c32 = default;
        for (nint k = tile->Steps, at = 0; k > 0; k--, at += stepA, b += stepB)
        {
            TLanes b0 = TLanes.Load(b), b1 = TLanes.Load(b + TLanes.Count), b2 = TLanes.Load(b + 2 * TLanes.Count);
            TLanes x = TLanes.Broadcast(a[at]);
            c00 = TLanes.MultiplyAdd(x, b0, c00); c01 = TLanes.MultiplyAdd(x, b1, c01); c02 = TLanes.MultiplyAdd(x, b2, c02);
            x = TLanes.Broadcast(a1[at]);
            c10 = TLanes.MultiplyAdd(x, b0, c10); c11 = TLanes.MultiplyAdd(x, b1, c11); c12 = TLanes.MultiplyAdd(x, b2, c12);
            x = TLanes.Broadcast(a2[at]);
            c20 = TLanes.MultiplyAdd(x, b0, c20); c21 = TLanes.MultiplyAdd(x, b1, c21); c22 = TLanes.MultiplyAdd(x, b2, c22);
            x = TLanes.Broadcast(a3[at]);
            c30 = TLanes.MultiplyAdd(x, b0, c30); c31 = TLanes.MultiplyAdd(x, b1, c31); c32 = TLanes.MultiplyAdd(x, b2, c32);
        }
        Write(c, c00, c01, c02, tile, bias);
        Write(c + rowC, c10, c11, c12, tile, bias);
        Write(c + 2 * rowC, c20, c21, c22, tile, bias);
        Write(c + 3 * rowC, c30, c31, c32, tile, bias);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourByOne(TileArguments* tile, float* a, float* b, float* c, float* bias)
    {
        nint stepA = tile->StepStrideA / sizeof(float), stepB = tile->StepStrideB / sizeof(float);
        nint rowA = tile->RowStrideA / sizeof(float), rowC = tile->RowStrideC / sizeof(float);
        float* a1 = a + rowA, a2 = a1 + rowA, a3 = a2 + rowA;
        TLanes c0 = default, c1 = default, c2 = default, c3 = default;
        for (nint k = tile->Steps, at = 0; k > 0; k--, at += stepA, b += stepB)
        {
            TLanes row = TLanes.Load(b);
            c0 = TLanes.MultiplyAdd(TLanes.Broadcast(a[at]), row, c0);
            c1 = TLanes.MultiplyAdd(TLanes.Broadcast(a1[at]), row, c1);
            c2 = TLanes.MultiplyAdd(TLanes.Broadcast(a2[at]), row, c2);
            c3 = TLanes.MultiplyAdd(TLanes.Broadcast(a3[at]), row, c3);
        }
        Write(c, c0, tile, bias);
        Write(c + rowC, c1, tile, bias);
        Write(c + 2 * rowC, c2, tile, bias);
        Write(c + 3 * rowC, c3, tile, bias);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void OneByThree(TileArguments* tile, float* a, float* b, float* c, float* bias)
    {
        nint stepA = tile->StepStrideA / sizeof(float), stepB = tile->StepStrideB / sizeof(float);
        TLanes c0 = default, c1 = default, c2 = default;
        for (nint k = tile->Steps, at = 0; k > 0; k--, at += stepA, b += stepB)
        {
            TLanes x = TLanes.Broadcast(a[at]);
            c0 = TLanes.MultiplyAdd(x, TLanes.Load(b), c0);
            c1 = TLanes.MultiplyAdd(x, TLanes.Load(b + TLanes.Count), c1);
            c2 = TLanes.MultiplyAdd(x, TLanes.Load(b + 2 * TLanes.Count), c2);
        }
        Write(c, c0, c1, c2, tile, bias);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void OneByOne(TileArguments* tile, float* a, float* b, float* c, float* bias)
    {
        nint stepA = tile->StepStrideA / sizeof(float), stepB = tile->StepStrideB / sizeof(float);
        TLanes sum = default;
        for (nint k = tile->Steps, at = 0; k > 0; k--, at += stepA, b += stepB) sum = TLanes.MultiplyAdd(TLanes.Broadcast(a[at]), TLanes.Load(b), sum);
        Write(c, sum, tile, bias);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write(float* c, TLanes sum0, TLanes sum1, TLanes sum2, TileArguments* tile, float* bias)
    {
        Write(c, sum0, tile, bias);
        Write(c + TLanes.Count, sum1, tile, bias == null ? null : bias + TLanes.Count);
        Write(c + 2 * TLanes.Count, sum2, tile, bias == null ? null : bias + 2 * TLanes.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write(float* c, TLanes sum, TileArguments* tile, float* bias)
    {
        if (tile->Accumulate != 0) sum = TLanes.Add(sum, TLanes.Load(c));
        if (bias != null) sum = TLanes.Add(sum, TLanes.Load(bias));
        TLanes.Store(sum, c);
    }
}

/// <summary>Chooses the vector of the portable kernel.</summary>
internal static class PortableKernel
{
    public static MicroKernel Create() => Vector.IsHardwareAccelerated ? new PortableKernel<VectorLanes>() : new PortableKernel<ScalarLane>();
}

/// <summary>The few operations that a tile needs of a vector.</summary>
internal unsafe interface ILanes<TSelf> where TSelf : struct, ILanes<TSelf>
{
    static abstract int Count { get; }
    static abstract TSelf Load(float* from);
    static abstract TSelf Broadcast(float value);
    static abstract TSelf MultiplyAdd(TSelf x, TSelf y, TSelf sum);
    static abstract TSelf Add(TSelf x, TSelf y);
    static abstract void Store(TSelf value, float* to);
}

/// <summary>As many floats as the processor's vectors hold.</summary>
internal readonly unsafe struct VectorLanes(Vector<float> value) : ILanes<VectorLanes>
{
    private readonly Vector<float> _value = value;

    public static int Count => Vector<float>.Count;
    public static VectorLanes Load(float* from) => new(Vector.Load(from));
    public static VectorLanes Broadcast(float value) => new(Vector.Create(value));
    public static VectorLanes MultiplyAdd(VectorLanes x, VectorLanes y, VectorLanes sum) => new(Vector.MultiplyAddEstimate(x._value, y._value, sum._value));
    public static VectorLanes Add(VectorLanes x, VectorLanes y) => new(x._value + y._value);
    public static void Store(VectorLanes value, float* to) => value._value.Store(to);
}

/// <summary>One float.</summary>
internal readonly unsafe struct ScalarLane(float value) : ILanes<ScalarLane>
{
    private readonly float _value = value;

    public static int Count => 1;
    public static ScalarLane Load(float* from) => new(*from);
    public static ScalarLane Broadcast(float value) => new(value);
    public static ScalarLane MultiplyAdd(ScalarLane x, ScalarLane y, ScalarLane sum) => new(x._value * y._value + sum._value);
    public static ScalarLane Add(ScalarLane x, ScalarLane y) => new(x._value + y._value);
    public static void Store(ScalarLane value, float* to) => *to = value._value;
}
