using System.Numerics;
using System.Runtime.CompilerServices;

namespace Leftover.Tensors.Kernels;

/// <summary>Tiles of 4 rows by 3 vectors, compiled by .NET for whatever processor there is.</summary>
/// <typeparam name="TLanes">The vector: <see cref="VectorLanes"/>, or <see cref="ScalarLane"/> where vectors would be emulated.</typeparam>
internal sealed unsafe class PortableKernel<TLanes> : MicroKernel where TLanes : struct, ILanes<TLanes>
{
    public override int Rows => 4;
    public override int Vectors => 3;
    public override int Lanes => TLanes.Count;
    public override int WidestTile(int rows) => Vectors;

    public override void Run(int rows, int vectors, TileArguments* tile)
    {
        nint strideA = tile->StrideA / sizeof(float), strideB = tile->StrideB / sizeof(float), strideC = tile->StrideC / sizeof(float);
        bool accumulate = tile->Accumulate != 0;
        for (int i = 0; i < rows; i += rows == 4 ? 4 : 1)
        {
            float* c = tile->C + i * strideC;
            if (rows == 4 && vectors == 3) FourByThree(tile->Steps, tile->A, strideA, tile->B, strideB, c, strideC, accumulate);
            else if (vectors == 3) OneByThree(tile->Steps, tile->A + i, strideA, tile->B, strideB, c, accumulate);
            else
                for (int j = 0; j < vectors; j++)
                {
                    float* b = tile->B + j * TLanes.Count;
                    if (rows == 4) FourByOne(tile->Steps, tile->A, strideA, b, strideB, c + j * TLanes.Count, strideC, accumulate);
                    else OneByOne(tile->Steps, tile->A + i, strideA, b, strideB, c + j * TLanes.Count, accumulate);
                }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourByThree(nint steps, float* a, nint strideA, float* b, nint strideB, float* c, nint strideC, bool accumulate)
    {
        TLanes c00 = default, c01 = default, c02 = default, c10 = default, c11 = default, c12 = default;
        TLanes c20 = default, c21 = default, c22 = default, c30 = default, c31 = default, c32 = default;
        for (nint k = 0; k < steps; k++, a += strideA, b += strideB)
        {
            TLanes b0 = TLanes.Load(b), b1 = TLanes.Load(b + TLanes.Count), b2 = TLanes.Load(b + 2 * TLanes.Count);
            TLanes x = TLanes.Broadcast(a[0]);
            c00 = TLanes.MultiplyAdd(x, b0, c00); c01 = TLanes.MultiplyAdd(x, b1, c01); c02 = TLanes.MultiplyAdd(x, b2, c02);
            x = TLanes.Broadcast(a[1]);
            c10 = TLanes.MultiplyAdd(x, b0, c10); c11 = TLanes.MultiplyAdd(x, b1, c11); c12 = TLanes.MultiplyAdd(x, b2, c12);
            x = TLanes.Broadcast(a[2]);
            c20 = TLanes.MultiplyAdd(x, b0, c20); c21 = TLanes.MultiplyAdd(x, b1, c21); c22 = TLanes.MultiplyAdd(x, b2, c22);
            x = TLanes.Broadcast(a[3]);
            c30 = TLanes.MultiplyAdd(x, b0, c30); c31 = TLanes.MultiplyAdd(x, b1, c31); c32 = TLanes.MultiplyAdd(x, b2, c32);
        }
        Write(c, c00, c01, c02, accumulate);
        Write(c + strideC, c10, c11, c12, accumulate);
        Write(c + 2 * strideC, c20, c21, c22, accumulate);
        Write(c + 3 * strideC, c30, c31, c32, accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourByOne(nint steps, float* a, nint strideA, float* b, nint strideB, float* c, nint strideC, bool accumulate)
    {
        TLanes c0 = default, c1 = default, c2 = default, c3 = default;
        for (nint k = 0; k < steps; k++, a += strideA, b += strideB)
        {
            TLanes row = TLanes.Load(b);
            c0 = TLanes.MultiplyAdd(TLanes.Broadcast(a[0]), row, c0);
            c1 = TLanes.MultiplyAdd(TLanes.Broadcast(a[1]), row, c1);
            c2 = TLanes.MultiplyAdd(TLanes.Broadcast(a[2]), row, c2);
            c3 = TLanes.MultiplyAdd(TLanes.Broadcast(a[3]), row, c3);
        }
        Write(c, c0, accumulate);
        Write(c + strideC, c1, accumulate);
        Write(c + 2 * strideC, c2, accumulate);
        Write(c + 3 * strideC, c3, accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void OneByThree(nint steps, float* a, nint strideA, float* b, nint strideB, float* c, bool accumulate)
    {
        TLanes c0 = default, c1 = default, c2 = default;
        for (nint k = 0; k < steps; k++, a += strideA, b += strideB)
        {
            TLanes x = TLanes.Broadcast(a[0]);
            c0 = TLanes.MultiplyAdd(x, TLanes.Load(b), c0);
            c1 = TLanes.MultiplyAdd(x, TLanes.Load(b + TLanes.Count), c1);
            c2 = TLanes.MultiplyAdd(x, TLanes.Load(b + 2 * TLanes.Count), c2);
        }
        Write(c, c0, c1, c2, accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void OneByOne(nint steps, float* a, nint strideA, float* b, nint strideB, float* c, bool accumulate)
    {
        TLanes sum = default;
        for (nint k = 0; k < steps; k++, a += strideA, b += strideB) sum = TLanes.MultiplyAdd(TLanes.Broadcast(a[0]), TLanes.Load(b), sum);
        Write(c, sum, accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write(float* c, TLanes sum0, TLanes sum1, TLanes sum2, bool accumulate)
    {
        Write(c, sum0, accumulate);
        Write(c + TLanes.Count, sum1, accumulate);
        Write(c + 2 * TLanes.Count, sum2, accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write(float* c, TLanes sum, bool accumulate) => TLanes.Store(accumulate ? TLanes.Add(sum, TLanes.Load(c)) : sum, c);
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
