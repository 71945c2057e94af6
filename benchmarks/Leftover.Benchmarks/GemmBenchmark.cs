using Leftover.Tensors;
using Leftover.Tensors.Kernels;
using Leftover.Tensors.Memory;

namespace Leftover.Benchmarks;

/// <summary>Times matrix products against an FMA loop, in turns, so that what slows one slows the other.</summary>
/// <remarks>
/// Options: <c>--threads 1,2</c>, <c>--rounds 9</c>, <c>--only text</c> (lines whose name contains it), <c>--decode</c> (one to sixteen rows times
/// weights that come from memory, in GB/s), <c>--prototype</c> (the prototype too, where it was compiled in).
/// </remarks>
internal static unsafe class GemmBenchmark
{
    private sealed record Shape(string Name, bool TransposeA, bool TransposeB, int M, int N, int K)
    {
        public double Operations => 2.0 * M * N * K;
        public override string ToString() => $"{Name,-22} {(TransposeA ? 'T' : 'N')}{(TransposeB ? 'T' : 'N')} {M,5} x {N,5} x {K,5}";
    }

    public static int Run(string[] args)
    {
        int rounds = int.Parse(Option(args, "--rounds") ?? "9");
        string only = Option(args, "--only") ?? "";
        Console.WriteLine($"{Instructions.Current}, median of {rounds} rounds; GF/s and share of the FMA loop");
        foreach (string threads in (Option(args, "--threads") ?? "1,2").Split(','))
        {
            ThreadTeam.Resize(int.Parse(threads));
            if (args.Contains("--decode")) RunDecoding(rounds);
            else RunProducts(Shapes().Where(shape => shape.ToString().Contains(only)), rounds, args.Contains("--prototype"));
        }
        return 0;
    }

    private static IEnumerable<Shape> Shapes()
    {
        foreach ((string layer, int outputs, int inputs, int tokens) in new[]
        {
            ("GPT-2 attention", 768, 768, 1024), ("GPT-2 qkv", 2304, 768, 1024), ("GPT-2 up", 3072, 768, 1024), ("GPT-2 down", 768, 3072, 1024),
            ("GPT-2 head", 50257, 768, 256), ("SmolLM2 attention", 576, 576, 1024), ("SmolLM2 k, v", 192, 576, 1024),
            ("SmolLM2 up", 1536, 576, 1024), ("SmolLM2 down", 576, 1536, 1024), ("SmolLM2 head", 49152, 576, 256),
        })
        {
            yield return new Shape(layer, false, true, tokens, outputs, inputs);
            yield return new Shape(layer + " dX", false, false, tokens, inputs, outputs);
            yield return new Shape(layer + " dW", true, false, outputs, inputs, tokens);
        }
        yield return new Shape("scores of a head", false, true, 64, 64, 64);
        yield return new Shape("values of a head", false, false, 64, 64, 64);
        yield return new Shape("their dV", true, false, 64, 64, 64);
        yield return new Shape("16 rows", false, true, 16, 768, 768);
        yield return new Shape("16 rows", false, false, 16, 768, 768);
        yield return new Shape("64 rows", false, true, 64, 768, 768);
        yield return new Shape("64 rows", false, false, 64, 768, 768);
    }

    private static void RunProducts(IEnumerable<Shape> shapes, int rounds, bool prototype)
    {
        Console.WriteLine($"{ThreadTeam.Shared.Size} threads");
        double logShare = 0, logRatio = 0;
        int count = 0;
        foreach (Shape shape in shapes)
        {
            using NativeBlock a = Random((long)shape.M * shape.K), b = Random((long)shape.K * shape.N), c = new((long)shape.M * shape.N);
            int lda = shape.TransposeA ? shape.M : shape.K, ldb = shape.TransposeB ? shape.K : shape.N;
            Action ours = () => MatMulKernel.Multiply(shape.TransposeA, shape.TransposeB, shape.M, shape.N, shape.K, a.Pointer, lda, b.Pointer, ldb, c.Pointer, shape.N, false);
            Action? theirs = prototype ? Prototype(shape, a.Pointer, lda, b.Pointer, ldb, c.Pointer) : null;

            double[] oursRate = new double[rounds], theirRate = new double[rounds], loopRate = new double[rounds];
            for (int round = -1; round < rounds; round++)
            {
                double loop = Measure.Rate(() => FmaLoop.Run(ThreadTeam.Shared, 100_000)), mine = Measure.Rate(() => { ours(); return shape.Operations; });
                double other = theirs == null ? 0 : Measure.Rate(() => { theirs(); return shape.Operations; });
                if (round >= 0) (loopRate[round], oursRate[round], theirRate[round]) = (loop, mine, other);
            }
            double share = Measure.Median(Divide(oursRate, loopRate)), ratio = Measure.Median(Divide(oursRate, theirRate));
            Console.WriteLine($"{shape}  {Measure.Median(oursRate) / 1e9,6:F0} of {Measure.Median(loopRate) / 1e9,6:F0} {share,7:P0}" + (theirs == null ? "" : $"   prototype {Measure.Median(theirRate) / 1e9,6:F0}: ours is {ratio:F3} of it"));
            (logShare, logRatio, count) = (logShare + Math.Log(share), logRatio + Math.Log(ratio), count + 1);
        }
        Console.WriteLine($"geometric mean {Math.Exp(logShare / count):P1}" + (prototype ? $", of the prototype {Math.Exp(logRatio / count):F3}" : ""));
    }

    // Weights of 768 MB taken in turns: each comes from memory.
    private static void RunDecoding(int rounds)
    {
        const int outputs = 3072, inputs = 768, matrices = 80;
        const double bytes = 4.0 * outputs * inputs * matrices;
        using NativeBlock weights = Random((long)outputs * inputs * matrices), x = Random(16 * inputs), y = new(16 * outputs);
        float* w = weights.Pointer, px = x.Pointer, py = y.Pointer;
        double Read()
        {
            ThreadTeam.Shared.For(weights.Length, 1 << 16, (_, start, end) => System.Numerics.Tensors.TensorPrimitives.Sum(weights.Span(start, (int)(end - start))));
            return bytes;
        }
        Console.WriteLine($"{ThreadTeam.Shared.Size} threads, weights [{outputs}, {inputs}], GB/s of weights");
        foreach (bool transposeB in new[] { true, false })
            foreach (int m in new[] { 1, 2, 3, 4, 6, 8, 12, 16 })
            {
                double[] rate = new double[rounds], read = new double[rounds];
                for (int round = -1; round < rounds; round++)
                {
                    double pure = Measure.Rate(Read), ours = Measure.Rate(() =>
                    {
                        for (int i = 0; i < matrices; i++)
                            MatMulKernel.Multiply(false, transposeB, m, outputs, inputs, px, inputs, w + (long)i * outputs * inputs, transposeB ? inputs : outputs, py, outputs, false);
                        return bytes;
                    });
                    if (round >= 0) (rate[round], read[round]) = (ours, pure);
                }
                Console.WriteLine($"{m,2} rows {(transposeB ? "NT" : "NN")}  {Measure.Median(rate) / 1e9,6:F1} of {Measure.Median(read) / 1e9,6:F1} read {Measure.Median(Divide(rate, read)),7:P0}   {Measure.Median(rate) / 4e9 * 2 * m,6:F0} GF/s");
            }
    }

    private static Action? Prototype(Shape shape, float* a, int lda, float* b, int ldb, float* c)
    {
#if PROTOTYPE
        var team = s_prototypeTeam is { } made && made.Size == ThreadTeam.Shared.Size ? made : s_prototypeTeam = new Proto.Team(ThreadTeam.Shared.Size);
        return () => Proto.Gemm.Run(team, shape.TransposeA, shape.TransposeB, shape.M, shape.N, shape.K, a, lda, b, ldb, c, shape.N);
#else
        throw new InvalidOperationException("The prototype was not compiled in: set LEFTOVER_SHARED to the folder that holds prototypes/Gemm.cs and build again.");
#endif
    }

#if PROTOTYPE
    private static Proto.Team? s_prototypeTeam;
#endif

    private static NativeBlock Random(long length)
    {
        var random = new RandomStream(1, "benchmark");
        var block = new NativeBlock(length);
        for (long i = 0; i < length; i++) block.Pointer[i] = (float)random.NextDouble() - 0.5f;
        return block;
    }

    private static IEnumerable<double> Divide(double[] x, double[] y) => x.Zip(y, (a, b) => a / b);

    private static string? Option(string[] args, string name) => Array.IndexOf(args, name) is >= 0 and int at && at + 1 < args.Length ? args[at + 1] : null;
}
