using Leftover.Tensors;
using Leftover.Tensors.Kernels;
using Leftover.Tensors.Memory;

namespace Leftover.Benchmarks;

/// <summary>One to sixteen rows times weights that come from memory, as generation multiplies them: GB/s of weights against reading them alone.</summary>
internal static unsafe class DecodeBenchmark
{
    private const int Outputs = 3072, Inputs = 768, Matrices = 80;                  // 768 MB taken in turns: each comes from memory

    public static int Run(string[] args)
    {
        var options = BenchmarkOptions.Parse(args, rounds: 5);
        const double bytes = 4.0 * Outputs * Inputs * Matrices;
        using NativeBlock weights = new((long)Outputs * Inputs * Matrices), x = new(16 * Inputs), y = new(16 * Outputs);
        var random = new RandomStream(1, "decode");
        for (long i = 0; i < weights.Length; i++) weights.Pointer[i] = (float)random.NextDouble() - 0.5f;
        float* w = weights.Pointer, px = x.Pointer, py = y.Pointer;
        List<BenchmarkLine> lines = [];
        foreach (bool transposeB in new[] { true, false })
        {
            foreach (int m in new[] { 1, 2, 3, 4, 6, 8, 12, 16 })
            {
                string name = $"{m} rows {(transposeB ? "NT" : "NN")} {Outputs} x {Inputs}";
                if (!name.Contains(options.Only)) continue;
                double Multiply()
                {
                    for (int i = 0; i < Matrices; i++)
                        MatMulKernel.Multiply(false, transposeB, m, Outputs, Inputs, px, Inputs, w + (long)i * Outputs * Inputs, transposeB ? Inputs : Outputs, py, Outputs, false);
                    return bytes;
                }
                Multiply();
                Sample[][] samples = Rounds.Run(options.Rounds, () => Measure.Rate(() => ReadLoop.Run(weights)) / 1e9, () => Measure.Rate(Multiply) / 1e9);
                lines.Add(BenchmarkLine.Of(name, "GB/s of weights", true, samples[1], samples[0]));
            }
        }
        return options.Show(BenchmarkResult.Now("decode", lines));
    }
}
