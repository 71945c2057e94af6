using Leftover.Tensors.Kernels;
using Leftover.Tensors.Memory;
using Leftover.Tensors.Tests.Oracles;

namespace Leftover.Tensors.Tests.Kernels;

/// <summary>Random operands of one tile, packed or with gaps, and a C with more columns than the tile, so that a write beside it shows.</summary>
internal sealed unsafe class TileMemory : IDisposable
{
    private const int Beside = 16;
    private const float Untouched = 12345f;

    private readonly int _rows, _columns, _steps, _rowA, _stepA, _stepB, _rowC;
    private readonly NativeBlock _a, _b, _c, _bias;
    private readonly float[] _before;

    public TileMemory(TileShape shape, int steps, int gap, bool pairs)
    {
        (_rows, _columns, _steps) = (shape.Rows, shape.Width, steps);
        (_rowA, _stepA) = shape.Strides switch
        {
            TileStrides.AlongK => (steps + gap, 1),
            TileStrides.Packed => (1, TileFamily.Pitch(_rows)),
            _ => (1, _rows + gap),
        };
        (_stepB, _rowC) = (shape.Strides == TileStrides.Any ? _columns + gap : _columns, _columns + Beside);
        (_a, _b, _c) = (new NativeBlock(_rowA * (_rows - 1) + _stepA * (steps - 1) + 1 + gap), new NativeBlock(_stepB * steps), new NativeBlock(_rowC * _rows));
        _bias = new NativeBlock(_columns);
        var random = new RandomStream(5, "tile", _rows, _columns, steps);
        foreach (NativeBlock block in new[] { _a, _b })
            for (int i = 0; i < block.Length; i++)
                block.Pointer[i] = pairs ? BitConverter.UInt32BitsToSingle(Pair(Rounded(random), Rounded(random))) : (float)random.NextNormal();
        for (int i = 0; i < _c.Length; i++) _c.Pointer[i] = i % _rowC < _columns ? (float)random.NextNormal() : Untouched;
        for (int i = 0; i < _columns; i++) _bias.Pointer[i] = (float)random.NextNormal();
        _before = C();
    }

    /// <summary>Two numbers of bf16 as a tile reads them.</summary>
    public static uint Pair(float lower, float upper) => BitConverter.SingleToUInt32Bits(upper) & 0xFFFF0000 | BitConverter.SingleToUInt32Bits(lower) >> 16;

    public delegate void Tile(int steps, TileArguments* tile);

    /// <summary>Computes the tile; an emulator may touch its memory alone.</summary>
    public void Run(Tile run, bool accumulate, bool bias, TileEmulator? emulator = null)
    {
        TileArguments tile = new()
        {
            A = _a.Pointer,
            RowStrideA = _rowA * sizeof(float),
            StepStrideA = _stepA * sizeof(float),
            B = _b.Pointer,
            StepStrideB = _stepB * sizeof(float),
            C = _c.Pointer,
            RowStrideC = _rowC * sizeof(float),
            Steps = _steps,
            Accumulate = accumulate ? 1 : 0,
            Bias = bias ? _bias.Pointer : null,
        };
        if (emulator is not null)
        {
            emulator.Memory.Clear();
            emulator.Memory.Add(((nint)(&tile), sizeof(TileArguments)));
            foreach (NativeBlock block in new[] { _a, _b, _c, _bias }) emulator.Memory.Add(((nint)block.Pointer, block.Length * sizeof(float)));
        }
        run(_steps, &tile);
    }

    /// <summary>The tile by its definition, in single precision: from zero, step after step, then C and then the bias.</summary>
    public float[] Chains(bool accumulate, bool bias, bool pairs)
    {
        float[] result = new float[_rows * _columns];
        for (int i = 0; i < _rows; i++)
            for (int j = 0; j < _columns; j++)
            {
                float sum = 0;
                for (int k = 0; k < _steps; k++)
                {
                    uint x = BitConverter.SingleToUInt32Bits(_a.Pointer[k * _stepA + i * _rowA]), y = BitConverter.SingleToUInt32Bits(_b.Pointer[k * _stepB + j]);
                    if (pairs)
                    {
                        // The product of two numbers of 8 bits is exact: this is the fused multiply-add too.
                        sum += Half(x >> 16) * Half(y >> 16);
                        sum += Half(x & 0xFFFF) * Half(y & 0xFFFF);
                    }
                    else sum = MathF.FusedMultiplyAdd(_a.Pointer[k * _stepA + i * _rowA], _b.Pointer[k * _stepB + j], sum);
                }
                if (accumulate) sum += _before[i * _columns + j];
                result[i * _columns + j] = bias ? sum + _bias.Pointer[j] : sum;
            }
        return result;

        static float Half(uint bits) => BitConverter.UInt32BitsToSingle(bits << 16);
    }

    /// <summary>The tile of C, row by row.</summary>
    public float[] C() => [.. Enumerable.Range(0, _rows * _columns).Select(at => _c.Pointer[at / _columns * _rowC + at % _columns])];

    /// <summary>Nothing beside the tile was written.</summary>
    public void CheckGuards()
    {
        for (int i = 0; i < _c.Length; i++) Assert.True(i % _rowC < _columns || _c.Pointer[i] == Untouched, $"wrote beside C at {i}");
    }

    private static float Rounded(RandomStream random) => NaiveBFloat16.Nearest((float)random.NextNormal());

    public void Dispose()
    {
        _a.Dispose();
        _b.Dispose();
        _c.Dispose();
        _bias.Dispose();
    }
}
