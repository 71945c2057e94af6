using Leftover.Benchmarks.Peers;
using Leftover.Tensors;
using Leftover.Tensors.Kernels;
using Leftover.Tensors.Memory;

namespace Leftover.Benchmarks;

/// <summary>Matrix products of GPT-2's and SmolLM2's layers, forward and backward, against multiply-adds in registers.</summary>
/// <remarks>
/// The geometric mean is over the models' shapes; MiniLM's and the few small ones are listed apart. OpenBLAS is timed beside fp32 where the system has it
/// (<c>--no-peers</c> leaves it out), or with <c>--prototype</c> the prototype's products, where it was compiled in. That one and all threads give the same bytes is checked for each shape.
/// </remarks>
internal static unsafe class GemmBenchmark
{
    private delegate void Product(Shape shape, float* a, int lda, float* b, int ldb, float* c);

    /// <summary>A number type of products: its name, its multiply-adds in registers, and the product.</summary>
    private sealed record Kind(string Name, Func<double> Peak, Product Multiply);

    private sealed record Shape(string Name, bool TransposeA, bool TransposeB, int M, int N, int K, bool OfModel)
    {
        public double Operations => 2.0 * M * N * K;

        public int Lda => TransposeA ? M : K;

        public int Ldb => TransposeB ? K : N;

        public override string ToString() => $"{Name} {(TransposeA ? 'T' : 'N')}{(TransposeB ? 'T' : 'N')} {M} x {N} x {K}";
    }

    private static readonly Kind[] s_kinds =
    [
        new("fp32", Measure.FmaRate, (s, a, lda, b, ldb, c) => MatMulKernel.Multiply(s.TransposeA, s.TransposeB, s.M, s.N, s.K, a, lda, b, ldb, c, s.N, accumulate: false)),
        .. BFloat16Loop.IsSupported
            ? [new("bf16", Measure.BFloat16Rate, (s, a, lda, b, ldb, c) => MatMulKernel.Multiply(s.TransposeA, s.TransposeB, s.M, s.N, s.K, a, lda, b, ldb, c, s.N, accumulate: false, ComputeType.BFloat16))]
            : Array.Empty<Kind>(),
    ];

    public static int Run(string[] args)
    {
        var options = BenchmarkOptions.Parse(args, rounds: 9, switches: ["--prototype", "--no-peers"]);
        OpenBlas? blas = options["--no-peers"] is null && options["--prototype"] is null ? OpenBlas.Find(ThreadTeam.Shared.Size) : null;
        List<BenchmarkLine> lines = [];
        foreach (Kind kind in s_kinds) lines.AddRange(LinesOf(kind, options, kind == s_kinds[0] ? blas : null));
        bool lacks = blas is null && options["--no-peers"] is null && options["--prototype"] is null;
        return options.Show(BenchmarkResult.Now("gemm", lines, lacks ? [OpenBlas.Install] : []));
    }

    private static List<BenchmarkLine> LinesOf(Kind kind, BenchmarkOptions options, OpenBlas? blas)
    {
        List<BenchmarkLine> ofModels = [], others = [];
        List<string> different = [];
        int compared = 0;
        foreach (Shape shape in Shapes().Where(shape => shape.ToString().Contains(options.Only)))
        {
            using NativeBlock a = Random((long)shape.M * shape.K), b = Random((long)shape.K * shape.N), c = new((long)shape.M * shape.N);
            (shape.OfModel ? ofModels : others).Add(Line(kind, shape, a, b, c, options, blas));
            compared++;
            if (!SameOnOneThread(kind, shape, a, b, c)) different.Add(shape.ToString());
        }
        int threads = ThreadTeam.Shared.Size;
        BenchmarkLine same = BenchmarkLine.Counted($"{kind.Name}, the same bytes on 1 and {threads} threads", "products", true, compared - different.Count, compared,
            different.Count == 0 ? null : $"different: {string.Join("; ", different)}");
        return [.. ofModels, .. ofModels.Count > 1 ? [Mean(kind, ofModels)] : Array.Empty<BenchmarkLine>(), .. others, .. threads > 1 ? [same] : Array.Empty<BenchmarkLine>()];
    }

    private static BenchmarkLine Line(Kind kind, Shape shape, NativeBlock a, NativeBlock b, NativeBlock c, BenchmarkOptions options, OpenBlas? blas)
    {
        double Ours() => Measure.Rate(() =>
        {
            kind.Multiply(shape, a.Pointer, shape.Lda, b.Pointer, shape.Ldb, c.Pointer);
            return shape.Operations;
        }) / 1e9;
        (string Name, Action Multiply)? peer = options["--prototype"] is not null ? ("prototype", () => Prototype(shape, a.Pointer, b.Pointer, c.Pointer))
            : blas is not null ? (blas.Name, () => blas.Multiply(shape.TransposeA, shape.TransposeB, shape.M, shape.N, shape.K, a.Pointer, shape.Lda, b.Pointer, shape.Ldb, c.Pointer, shape.N))
            : null;
        double Peer() => Measure.Rate(() =>
        {
            peer!.Value.Multiply();
            return shape.Operations;
        }) / 1e9;
        Ours();
        Sample[][] samples = Rounds.Run(options.Rounds, [() => kind.Peak() / 1e9, Ours, .. peer is null ? Array.Empty<Func<double>>() : [Peer]]);
        return BenchmarkLine.Of($"{kind.Name} {shape}", "GFLOP/s", true, samples[1], samples[0], peer is null ? null : (peer.Value.Name, samples[2]));
    }

    private static BenchmarkLine Mean(Kind kind, List<BenchmarkLine> lines)
    {
        double Of(Func<BenchmarkLine, double> value) => Math.Exp(lines.Average(line => Math.Log(value(line))));
        bool peer = lines.TrueForAll(line => line.Ratio is not null);
        return new BenchmarkLine
        {
            Name = $"{kind.Name}, geometric mean of the models' {lines.Count} shapes",
            Unit = "GFLOP/s",
            Better = "more",
            Ours = Of(line => line.Ours),
            Min = lines.Min(line => line.Ours),
            Max = lines.Max(line => line.Ours),
            Floor = Of(line => line.Floor!.Value),
            ShareOfFloor = Of(line => line.ShareOfFloor!.Value),
            Peer = peer ? lines[0].Peer : null,
            PeerValue = peer ? Of(line => line.PeerValue!.Value) : null,
            Ratio = peer ? Of(line => line.Ratio!.Value) : null,
            Rounds = lines[0].Rounds,
            Disturbed = lines.Exists(line => line.Disturbed),
            Others = lines.Average(line => line.Others),
            Note = "minimum and maximum are those of the shapes",
        };
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
            foreach (Shape shape in ShapesOf(layer, outputs, inputs, tokens, true)) yield return shape;
        }
        foreach ((string layer, int outputs, int inputs) in new[] { ("MiniLM attention", 384, 384), ("MiniLM up", 1536, 384), ("MiniLM down", 384, 1536) })
        {
            foreach (Shape shape in ShapesOf(layer, outputs, inputs, 4096, false)) yield return shape;
        }
        yield return new Shape("scores of a head", false, true, 64, 64, 64, false);
        yield return new Shape("values of a head", false, false, 64, 64, 64, false);
        yield return new Shape("their dV", true, false, 64, 64, 64, false);
        yield return new Shape("16 rows", false, true, 16, 768, 768, false);
        yield return new Shape("16 rows", false, false, 16, 768, 768, false);
        yield return new Shape("64 rows", false, true, 64, 768, 768, false);
        yield return new Shape("64 rows", false, false, 64, 768, 768, false);
    }

    private static Shape[] ShapesOf(string layer, int outputs, int inputs, int tokens, bool ofModel) =>
    [
        new Shape(layer, false, true, tokens, outputs, inputs, ofModel),
        new Shape(layer + " dX", false, false, tokens, inputs, outputs, ofModel),
        new Shape(layer + " dW", true, false, outputs, inputs, tokens, ofModel),
    ];

    // Inside a job of the team a product runs on one thread.
    private static bool SameOnOneThread(Kind kind, Shape shape, NativeBlock a, NativeBlock b, NativeBlock all)
    {
        using NativeBlock one = new(all.Length);
        kind.Multiply(shape, a.Pointer, shape.Lda, b.Pointer, shape.Ldb, all.Pointer);
        ThreadTeam.Shared.For(1, 1, (_, _, _) => kind.Multiply(shape, a.Pointer, shape.Lda, b.Pointer, shape.Ldb, one.Pointer));
        return new ReadOnlySpan<byte>(all.Pointer, checked((int)(all.Length * sizeof(float)))).SequenceEqual(new ReadOnlySpan<byte>(one.Pointer, checked((int)(one.Length * sizeof(float)))));
    }

    private static void Prototype(Shape shape, float* a, float* b, float* c)
    {
#if PROTOTYPE
        Proto.Team team = s_prototypeTeam is { } made && made.Size == ThreadTeam.Shared.Size ? made : s_prototypeTeam = new Proto.Team(ThreadTeam.Shared.Size);
        Proto.Gemm.Run(team, shape.TransposeA, shape.TransposeB, shape.M, shape.N, shape.K, a, shape.Lda, b, shape.Ldb, c, shape.N);
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
}
