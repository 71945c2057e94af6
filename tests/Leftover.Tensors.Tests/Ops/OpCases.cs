using Leftover.Tensors.Tests.Oracles;

namespace Leftover.Tensors.Tests.Ops;

/// <summary>The table of ops; one row each.</summary>
internal static class OpCases
{
    private static readonly int[] s_ids = [3, 0, 3, 6, 1], s_offsets = [0, 3, 3, 10];

    public static IReadOnlyList<OpCase> All { get; } =
    [
        Map("exp", t => t.Exp(), Math.Exp),
        Map("log", t => t.Log(), Math.Log, 0.5, 3),
        Map("sigmoid", t => t.Sigmoid(), x => 1 / (1 + Math.Exp(-x)), -8, 8),
        Map("log_sigmoid", t => t.LogSigmoid(), x => -Math.Log(1 + Math.Exp(-x)), -8, 8),
        Map("tanh", t => t.Tanh(), Math.Tanh),
        Map("maximum", t => t.Maximum(0.25f), x => Math.Max(x, 0.25)),
        Map("clamp", t => t.Clamp(-0.5f, 0.75f), x => Math.Clamp(x, -0.5, 0.75)),
        Map("gelu_tanh", t => t.Gelu(), NaiveOps.GeluTanh, -6, 6),
        Map("gelu_erf", t => t.Gelu(tanh: false), NaiveOps.GeluErf, -6, 6),
        Map("silu", t => t.Silu(), x => x / (1 + Math.Exp(-x)), -6, 6),
        Map("negate", t => -t, x => -x),
        Map("scale", t => t * -1.5f, x => -1.5 * x),
        Map("plus_constant", t => t + 0.5f, x => x + 0.5),
        Map("minus_constant", t => t - 0.5f, x => x - 0.5),
        Map("constant_minus", t => 0.5f - t, x => 0.5 - x),

        Pair("add", (a, b) => a + b, (a, b) => a + b),
        Pair("subtract", (a, b) => a - b, (a, b) => a - b),
        Pair("multiply", (a, b) => a * b, (a, b) => a * b),
        Pair("swiglu", Tensor.SwiGlu, (g, u) => g / (1 + Math.Exp(-g)) * u, -5, 5),
        new("add_to_itself", t => t[0] + t[0], (x, _) => [.. x[0].Select(v => 2 * v)], [[3, 19]], [[70, 1001]]),
        new("multiply_by_itself", t => t[0] * t[0], (x, _) => [.. x[0].Select(v => v * v)], [[3, 19]], [[70, 1001]]),
        new("add_number", t => t[0] + t[1], (x, _) => [.. x[0].Select(v => v + x[1][0])], [[3, 19], [1]], [[70, 1001], [1]]),
        new("number_minus", t => t[0] - t[1], (x, _) => [.. x[1].Select(v => x[0][0] - v)], [[1], [3, 19]], [[1], [70, 1001]]),
        new("minus_number", t => t[0] - t[1], (x, _) => [.. x[0].Select(v => v - x[1][0])], [[3, 19], [1]], [[70, 1001], [1]]),
        new("number_times", t => t[0] * t[1], (x, _) => [.. x[1].Select(v => x[0][0] * v)], [[1], [3, 19]], [[1], [70, 1001]]),

        new("sum", t => t[0].Sum(), (x, _) => [x[0].Sum()], [[3, 19]], [[70, 1001]]),
        new("mean", t => t[0].Mean(), (x, _) => [x[0].Average()], [[3, 19]], [[70, 1001]]),
        new("sum_by_segment", t => t[0].SumBySegment(s_offsets), (x, _) => [x[0][..3].Sum(), 0, x[0][3..].Sum()], [[10]], [[10]]),
        new("repeat_by_segment", t => t[0].RepeatBySegment(s_offsets), (x, _) => [.. Enumerable.Repeat(x[0][0], 3), .. Enumerable.Repeat(x[0][2], 7)], [[3]], [[3]]),
        new("mean_by_segment", t => t[0].MeanBySegment(Cut(t[0].Rows)), (x, s) => NaiveOps.MeanBySegment(x[0], Cut(s[0][0]), s[0][1]), [[7, 19]], [[501, 131]]),
        new("column", t => t[0].Column(2), (x, s) => [.. Enumerable.Range(0, s[0][0]).Select(i => x[0][i * s[0][1] + 2])], [[5, 3]], [[301, 7]]),
        new("row_log_probs", t => t[0].RowLogProbs(Labels(t[0])), (x, s) => NaiveOps.RowLogProbs(x[0], s[0]), [[5, 3]], [[301, 7]]),
        new("log_sum_exp_by_segment", t => t[0].LogSumExpBySegment([0, 3, 4, 10]), (x, _) => [LogSumExp(x[0][..3]), LogSumExp(x[0][3..4]), LogSumExp(x[0][4..])], [[10]], [[10]]),
        new("pick", t => t[0].Pick(s_ids), (x, _) => [.. s_ids.Select(i => x[0][i])], [[7]], [[7]]),
        new("sorted", t => t[0].Sorted(), (x, _) => [.. x[0].Order()], [[19]], [[1001]]),
        new("flatten", t => t[0].Flatten(), (x, _) => [.. x[0]], [[3, 19]], [[70, 1001]]),
        new("gather_rows", t => t[0].GatherRows(s_ids), (x, s) => NaiveOps.Gather(x[0], s_ids, s[0][1]), [[7, 19]], [[7, 1001]]),
        new("embedding", t => Tensor.Embedding(t[0], s_ids), (x, s) => NaiveOps.Gather(x[0], s_ids, s[0][1]), [[7, 19]], [[7, 1001]]),

        new("linear", t => t[0].Linear(t[1]), (x, s) => NaiveOps.Linear(x[0], x[1], null, s[0], s[1], false), [[5, 19], [7, 19]], [[150, 131], [301, 131]]),
        new("linear_bias", t => t[0].Linear(t[1], t[2]), (x, s) => NaiveOps.Linear(x[0], x[1], x[2], s[0], s[1], false), [[5, 19], [7, 19], [7]], [[150, 131], [301, 131], [301]]),
        new("linear_in_out", t => t[0].Linear(t[1], null, true), (x, s) => NaiveOps.Linear(x[0], x[1], null, s[0], s[1], true), [[5, 19], [19, 7]], [[150, 131], [131, 301]]),
        new("linear_in_out_bias", t => t[0].Linear(t[1], t[2], true), (x, s) => NaiveOps.Linear(x[0], x[1], x[2], s[0], s[1], true), [[5, 19], [19, 7], [7]], [[150, 131], [131, 301], [301]]),

        new("layer_norm", t => t[0].LayerNorm(t[1], t[2], 1e-2f), (x, s) => NaiveOps.LayerNorm(x[0], x[1], x[2], 1e-2f, s[0]), [[3, 43], [43], [43]], [[200, 501], [501], [501]]),
        new("layer_norm_without_bias", t => t[0].LayerNorm(t[1], null, 1e-2f), (x, s) => NaiveOps.LayerNorm(x[0], x[1], null, 1e-2f, s[0]), [[3, 43], [43]], [[200, 501], [501]]),
        new("rms_norm", t => t[0].RmsNorm(t[1], 1e-2f), (x, s) => NaiveOps.RmsNorm(x[0], x[1], 1e-2f, s[0]), [[3, 43], [43]], [[200, 501], [501]]),

        RopeCase("rope", half: 13, dimension: 26),
        RopeCase("rope_on_a_part_of_the_head", half: 5, dimension: 13),

        AttentionCase("attention", heads: 2, keyHeads: 2, d: 5),
        AttentionCase("attention_grouped_queries", heads: 6, keyHeads: 2, d: 5),
        AttentionCase("attention_window", heads: 2, keyHeads: 1, d: 9, window: 3),
        FusedAttentionCase("attention_fused", heads: 2, d: 5, gap: 0),
        FusedAttentionCase("attention_fused_with_unused_columns", heads: 2, d: 5, gap: 3),

        BidirectionalCase("bidirectional_attention", heads: 3, keyHeads: 3, d: 5),
        BidirectionalCase("bidirectional_attention_grouped_queries", heads: 4, keyHeads: 2, d: 9),

        AttentionPoolCase("attention_pool", heads: 3),
        AttentionPoolCase("attention_pool_with_one_head", heads: 1),

        HeadCase("token_log_probs", null, bias: false),
        HeadCase("token_log_probs_bias", null, bias: true),
        HeadCase("token_log_probs_computed_again", new HeadOptions { KeepBytes = 0, BlockBytes = 2 * 48 * 4 }, bias: true),
        HeadCase("token_log_probs_partly_kept", new HeadOptions { KeepBytes = 3 * 48 * 4, BlockBytes = 0 }, bias: false),
    ];

    private static double LogSumExp(double[] x) => Math.Log(x.Sum(Math.Exp));

    public static OpCase Named(string name) => All.Single(op => op.Name == name);

    private static OpCase Map(string name, Func<Tensor, Tensor> build, Func<double, double> oracle, double low = -2, double high = 2) =>
        new(name, t => build(t[0]), (x, _) => [.. x[0].Select(oracle)], [[3, 19]], [[70, 1001]], low, high);

    private static OpCase Pair(string name, Func<Tensor, Tensor, Tensor> build, Func<double, double, double> oracle, double low = -2, double high = 2) =>
        new(name, t => build(t[0], t[1]), (x, _) => [.. x[0].Zip(x[1], oracle)], [[3, 19], [3, 19]], [[70, 1001], [70, 1001]], low, high);

    // Two sequences that share a prefix: rows 0-2, then two completions whose positions go on from 3.
    private static OpCase RopeCase(string name, int half, int dimension)
    {
        double[] frequencies = [.. Enumerable.Range(0, half).Select(i => Math.Pow(100, -(double)i / half))];
        var table = new RopeTable(frequencies, 400, attentionFactor: 1.25);
        return new(name, t => t[0].Rope(table, Layout(t[0].Rows), 3), (x, s) => NaiveOps.Rope(x[0], frequencies, Positions(s[0][0]), 3, dimension, 1.25), [[8, 3 * dimension]], [[311, 3 * dimension]]);

        static int[] Positions(int rows) => rows == 8 ? [0, 1, 2, 3, 4, 3, 4, 5] : [.. Enumerable.Range(0, rows)];
        static PackedLayout Layout(int rows) => rows == 8 ? new PackedLayout([new(0, 3), new(3, 2, 0), new(5, 3, 0)]) : PackedLayout.Single(rows);
    }

    // Two prompts of different lengths, the first with two completions and an empty one, and a sequence of one token.
    private static readonly Segment[] s_few = [new(0, 4), new(4, 3, 0), new(7, 0, 0), new(7, 2, 0), new(9, 3), new(12, 5, 4), new(17, 1)];

    // The same with more than one block of keys and many tiles of queries.
    private static readonly Segment[] s_many = [new(0, 530), new(530, 70, 0), new(600, 131, 0), new(731, 66), new(797, 0, 3), new(797, 10, 3)];

    private static OpCase AttentionCase(string name, int heads, int keyHeads, int d, int window = 0)
    {
        var shape = new AttentionShape(heads, keyHeads, d, 0.4f, window);
        Segment[] Segments(int tokens) => tokens == 18 ? s_few : s_many;
        int[][] Shapes(int tokens) => [[tokens, heads * d], [tokens, keyHeads * d], [tokens, keyHeads * d]];
        return new(name,
            t => Tensor.CausalAttention(t[0], 0, t[1], 0, t[2], 0, shape, new PackedLayout(Segments(t[0].Rows)), 0),
            (x, s) => NaiveAttention.Forward(x[0], heads * d, 0, x[1], keyHeads * d, 0, x[2], keyHeads * d, 0, shape, Segments(s[0][0])), Shapes(18), Shapes(807));
    }

    // Sequences on their own, one of them of one token and one empty; the longer ones take several blocks of keys.
    private static OpCase BidirectionalCase(string name, int heads, int keyHeads, int d)
    {
        var shape = new AttentionShape(heads, keyHeads, d, 0.4f);
        Segment[] Segments(int tokens) => tokens == 13 ? [new(0, 4), new(4, 1), new(5, 0), new(5, 8)] : [new(0, 530), new(530, 70), new(600, 33), new(633, 1)];
        int[][] Shapes(int tokens) => [[tokens, heads * d], [tokens, keyHeads * d], [tokens, keyHeads * d]];
        return new(name,
            t => Tensor.BidirectionalAttention(t[0], 0, t[1], 0, t[2], 0, shape, new PackedLayout(Segments(t[0].Rows))),
            (x, s) => NaiveAttention.Forward(x[0], heads * d, 0, x[1], keyHeads * d, 0, x[2], keyHeads * d, 0, shape, Segments(s[0][0]), seesAll: true), Shapes(13), Shapes(634));
    }

    private static int[] Cut(int rows) => rows == 7 ? [0, 3, 4, 7] : [0, 1, 130, 131, 400, rows];

    private static int[] Labels(Tensor x) => [.. Enumerable.Range(0, x.Rows).Select(i => i * 2 % x.Columns)];

    private static OpCase FusedAttentionCase(string name, int heads, int d, int gap)
    {
        var shape = new AttentionShape(heads, heads, d, 0.4f);
        Segment[] Segments(int tokens) => tokens == 18 ? s_few : s_many;
        int k = heads * d + gap, v = k + heads * d, columns = v + heads * d;
        return new(name,
            t => Tensor.CausalAttention(t[0], 0, t[0], k, t[0], v, shape, new PackedLayout(Segments(t[0].Rows)), 0),
            (x, s) => NaiveAttention.Forward(x[0], columns, 0, x[0], columns, k, x[0], columns, v, shape, Segments(s[0][0])), [[18, columns]], [[807, columns]]);
    }

    private static OpCase AttentionPoolCase(string name, int heads)
    {
        int[] Offsets(int rows) => rows == 7 ? [0, 3, 4, 7] : [0, 1, 30, 80, 81, rows];
        return new(name, t => Tensor.AttentionPool(t[0], t[1], t[2], t[3], Offsets(t[0].Rows), heads),
            (x, s) => NaiveAttentionPool.Forward(x[0], x[1], x[2], x[3], Offsets(s[0][0]), heads), [[7, 9], [9], [27, 9], [27]], [[101, 33], [33], [99, 33], [99]], -1, 1);
    }

    private static OpCase HeadCase(string name, HeadOptions? options, bool bias)
    {
        int[] Targets(int rows, int vocabulary) => [.. Enumerable.Range(0, rows).Select(i => (i * 17 + 5) % vocabulary)];
        int[][] shapes = bias ? [[7, 19], [43, 19], [43]] : [[7, 19], [43, 19]], large = bias ? [[30, 64], [4099, 64], [4099]] : [[30, 64], [4099, 64]];
        return new(name,
            t => Tensor.TokenLogProbs(t[0], t[1], bias ? t[2] : null, Targets(t[0].Rows, t[1].Rows), options ?? HeadOptions.Default),
            (x, s) => NaiveOps.TokenLogProbs(x[0], x[1], bias ? x[2] : null, Targets(s[0][0], s[1][0]), s[0], s[1]), shapes, large);
    }
}
