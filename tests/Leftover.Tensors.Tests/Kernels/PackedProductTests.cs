using Leftover.Tensors.Kernels;
using Leftover.Tensors.Memory;
using Leftover.Tensors.Tests.Oracles;

namespace Leftover.Tensors.Tests.Kernels;

/// <summary>Products with packed weights against a double loop over what their storage holds, for every instruction set of this machine.</summary>
public sealed unsafe class PackedProductTests : IDisposable
{
    private static readonly (int Inputs, int Outputs)[] s_shapes = [(1, 1), (7, 5), (19, 16), (40, 33), (64, 128), (576, 200), (771, 50), (1536, 17), (2, 131)];

    private readonly ThreadTeam _team = new(2);

    public static TheoryData<WeightStorage, InstructionSet> Kinds()
    {
        var kinds = new TheoryData<WeightStorage, InstructionSet>();
        foreach (InstructionSet set in Instructions.Available)
            foreach (WeightStorage storage in Enum.GetValues<WeightStorage>()) kinds.Add(storage, set);
        return kinds;
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Any_number_of_rows_gives_what_a_double_loop_gives(WeightStorage storage, InstructionSet set)
    {
        foreach ((int inputs, int outputs) in s_shapes)
            foreach (bool inOut in new[] { false, true })
            {
                using var case_ = new Case(PackedKernel.For(set), storage, inputs, outputs, inOut);
                for (int rows = 1; rows <= 17; rows += inOut ? 8 : 1) Check(case_, rows, inOut);
                if (inputs < 500) Check(case_, 200, inOut);
            }
    }

    private void Check(Case of, int rows, bool inOut)
    {
        float[] x = Numbers(rows * of.Inputs, 3), y = of.Multiply(_team, x, rows);
        for (int row = 0; row < rows; row++)
            for (int output = 0; output < of.Outputs; output++)
            {
                double expected = 0, size = 0;
                for (int k = 0; k < of.Inputs; k++)
                {
                    double product = (double)x[row * of.Inputs + k] * of.Held(output, k);
                    expected += product;
                    size += Math.Abs(product);
                }
                double found = y[row * of.Outputs + output];
                Assert.True(Math.Abs(found - expected) <= 1e-6 * size + 1e-30, $"{of} in/out {inOut}, {rows} rows: y[{row}, {output}] is {found} instead of {expected}.");
            }
    }

    [Theory, MemberData(nameof(Kinds))]
    public void A_row_has_the_same_bits_alone_and_among_others_on_any_number_of_threads(WeightStorage storage, InstructionSet set)
    {
        const int rows = 64;
        using ThreadTeam one = new(1), three = new(3);
        foreach ((int inputs, int outputs) in new[] { (576, 200), (771, 50), (40, 33) })
        {
            using var of = new Case(PackedKernel.For(set), storage, inputs, outputs, inOut: false);
            float[] x = Numbers(rows * inputs, 5), together = of.Multiply(_team, x, rows);
            Assert.Equal(together, of.Multiply(one, x, rows));
            Assert.Equal(together, of.Multiply(three, x, rows));
            foreach (int count in new[] { 1, 2, 3, 4, 5, 7, 16, 33 })
            {
                int first = rows - count;
                Assert.Equal(together[(first * outputs)..], of.Multiply(_team, x[(first * inputs)..], count));
            }
        }
    }

    [Fact]
    public void In_float32_a_product_has_the_bits_of_one_that_is_not_packed_on_every_instruction_set()
    {
        foreach (InstructionSet set in Instructions.Available)
        {
            // Without fused multiply-adds the portable path rounds twice.
            if (set == InstructionSet.Portable && !System.Runtime.Intrinsics.X86.Fma.IsSupported && !System.Runtime.Intrinsics.Arm.AdvSimd.IsSupported) continue;
            foreach ((int inputs, int outputs) in s_shapes)
            {
                using var of = new Case(PackedKernel.For(set), WeightStorage.Float32, inputs, outputs, inOut: false);
                foreach (int rows in new[] { 1, 5, 40 })
                {
                    float[] x = Numbers(rows * inputs, 7), expected = new float[rows * outputs];
                    fixed (float* a = x, c = expected) MatMulKernel.Multiply(MicroKernel.For(set), _team, false, true, rows, outputs, inputs, a, inputs, of.Source, inputs, c, outputs, accumulate: false);
                    Assert.Equal(expected, of.Multiply(_team, x, rows));
                }
            }
        }
    }

    public static TheoryData<WeightStorage, bool> EmulatedKinds() => new()
    {
        { WeightStorage.Float32, false }, { WeightStorage.BFloat16, false }, { WeightStorage.Int8, false },
        { WeightStorage.Float32, true }, { WeightStorage.BFloat16, true }, { WeightStorage.Int8, true },
    };

    [Theory, MemberData(nameof(EmulatedKinds))]
    public void The_tiles_of_every_vector_width_give_the_portable_ones_bits_on_an_emulated_processor(WeightStorage storage, bool windows)
    {
        // Without fused multiply-adds the portable path rounds twice.
        if (!System.Runtime.Intrinsics.X86.Fma.IsSupported && !System.Runtime.Intrinsics.Arm.AdvSimd.IsSupported) return;
        foreach (PackedEncoding encoding in new[] { PackedEncoding.Ymm, PackedEncoding.Zmm })
            foreach ((int inputs, int outputs) in new[] { (7, 5), (21, 131), (2, 64) })
            {
                using var emulated = new Case(new EmulatedPackedKernel(encoding, windows), storage, inputs, outputs, inOut: false);
                using var portable = new Case(new PortablePackedKernel(), storage, inputs, outputs, inOut: false);
                for (int rows = 1; rows <= encoding.TallestTile + 1; rows++)
                {
                    float[] x = Numbers(rows * inputs, rows);
                    Assert.Equal(portable.Multiply(_team, x, rows), emulated.Multiply(_team, x, rows));
                }
            }
        using var longSum = new Case(new EmulatedPackedKernel(PackedEncoding.Zmm, windows), storage, 790, 64, inOut: false);
        using var longer = new Case(new PortablePackedKernel(), storage, 790, 64, inOut: false);
        Assert.Equal(longer.Multiply(_team, Numbers(790, 1), 1), longSum.Multiply(_team, Numbers(790, 1), 1));
    }

    [Fact]
    public void A_bfloat16_weight_is_the_nearest_and_an_int8_weight_within_half_a_step_of_its_output()
    {
        foreach (InstructionSet set in Instructions.Available)
        {
            using var half = new Case(PackedKernel.For(set), WeightStorage.BFloat16, 100, 37, inOut: false);
            using var bytes = new Case(PackedKernel.For(set), WeightStorage.Int8, 100, 37, inOut: false);
            for (int output = 0; output < 37; output++)
            {
                double largest = Enumerable.Range(0, 100).Max(k => Math.Abs(half.Source[output * 100 + k]));
                for (int k = 0; k < 100; k++)
                {
                    float weight = half.Source[output * 100 + k];
                    Assert.True(Math.Abs(half.Held(output, k) - weight) <= Math.Abs(weight) / 256);
                    Assert.True(Math.Abs(bytes.Held(output, k) - weight) <= largest / 127 / 2 * 1.0001);
                }
            }
        }
    }

    [Fact]
    public void An_output_without_weights_is_zero_in_every_storage_and_one_that_is_not_finite_shows()
    {
        foreach (WeightStorage storage in Enum.GetValues<WeightStorage>())
        {
            using var zeros = new Case(PackedKernel.For(Instructions.Current), storage, 20, 3, inOut: false, _ => 0);
            Assert.Equal(new float[6], zeros.Multiply(_team, Numbers(40, 1), 2));
            using var broken = new Case(PackedKernel.For(Instructions.Current), storage, 20, 3, inOut: false, i => i == 25 ? float.PositiveInfinity : 1);
            float[] y = broken.Multiply(_team, Numbers(20, 1), 1);
            Assert.True(float.IsFinite(y[0]) && !float.IsFinite(y[1]) && float.IsFinite(y[2]));
        }
    }

    private static float[] Numbers(int count, long seed)
    {
        var random = new RandomStream(seed, "packed");
        return [.. Enumerable.Range(0, count).Select(_ => (float)random.NextNormal())];
    }

    public void Dispose() => _team.Dispose();

    /// <summary>A weight, packed between guard bands.</summary>
    private sealed class Case : IDisposable
    {
        private const int Guard = 16;

        private readonly PackedWeight _packed;
        private readonly NativeBlock _source, _memory;

        public Case(PackedKernel kernel, WeightStorage storage, int inputs, int outputs, bool inOut, Func<int, float>? weight = null)
        {
            (Inputs, Outputs) = (inputs, outputs);
            _source = new NativeBlock((long)inputs * outputs);
            float[] numbers = Numbers(inputs * outputs, 1);
            for (int i = 0; i < numbers.Length; i++) Source[i] = weight is null ? numbers[i] : weight(i);
            _memory = new NativeBlock(PackedWeight.Bytes(kernel, storage, outputs, inputs) / sizeof(float) + 2 * Guard);
            new Span<float>(_memory.Pointer, (int)_memory.Length).Fill(float.NaN);
            _packed = new PackedWeight(kernel, storage, outputs, inputs, (byte*)(_memory.Pointer + Guard));
            using var scratch = new NativeBlock((long)inputs * kernel.Width);
            for (int panel = 0; panel < _packed.Panels; panel++)
                _packed.Pack(new Operand(Source, inOut ? outputs : inputs, outputs, stepsAreRows: inOut), panel, scratch.Pointer);
            for (int i = 0; i < Guard; i++) Assert.True(float.IsNaN(_memory.Pointer[i]) && float.IsNaN(_memory.Pointer[_memory.Length - 1 - i]));
        }

        public int Inputs { get; }
        public int Outputs { get; }
        public float* Source => _source.Pointer;

        /// <summary>The weight that is read for an output.</summary>
        public double Held(int output, int k)
        {
            (int panel, int column) = Math.DivRem(output, _packed.Kernel.Width);
            double value = PackedWeight.Get(_packed.Storage, _packed.Data + panel * _packed.PanelBytes, _packed.Kernel.Width, k, column);
            return _packed.Scales == null ? value : value * _packed.Scales[output];
        }

        public float[] Multiply(ThreadTeam team, float[] x, int rows)
        {
            float[] y = new float[rows * Outputs + 2 * Guard];
            Array.Fill(y, 12345f);
            fixed (float* from = x, to = y) PackedProduct.Multiply(team, _packed, from, rows, to + Guard);
            Assert.All(y[..Guard], value => Assert.Equal(12345f, value));
            Assert.All(y[^Guard..], value => Assert.Equal(12345f, value));
            return y[Guard..^Guard];
        }

        public override string ToString() => $"{_packed.Storage} [{Outputs}, {Inputs}]";

        public void Dispose()
        {
            _source.Dispose();
            _memory.Dispose();
        }
    }
}
