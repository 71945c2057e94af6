using Leftover.Tensors.Memory;

namespace Leftover.Tensors.Tests.Ops;

/// <summary>Callers' mistakes are named with the shapes whole.</summary>
public sealed class ShapeErrorTests
{
    private static readonly AttentionShape s_heads = new(2, 1, 4, 1);

    public static TheoryData<string, string[]> Mistakes => new()
    {
        { "add", ["[2, 3]", "[3, 2]"] },
        { "linear", ["[2, 3]", "[4, 5]", "[out, in]", "inputs (5)"] },
        { "linear in-out", ["[2, 3]", "[4, 5]", "[in, out]", "inputs (4)"] },
        { "linear bias", ["[4, 3]", "[5]", "4 outputs"] },
        { "layer norm", ["LayerNorm", "[2, 3]", "weight [4]"] },
        { "layer norm bias", ["LayerNorm", "[2, 3]", "bias [4]"] },
        { "rms norm", ["RmsNorm", "[2, 3]", "weight [4]"] },
        { "swiglu", ["gate [2, 3]", "up [3, 2]"] },
        { "rope rows", ["[2, 3]", "3 tokens"] },
        { "rope position", ["position 4", "4 positions"] },
        { "embedding", ["token id 7", "place 1", "[3, 2]", "0 to 2"] },
        { "embedding negative", ["token id -1"] },
        { "gather", ["row 2", "place 0", "[2, 3]"] },
        { "segments", ["[3]", "0, 2"] },
        { "segments backwards", ["0, 4, 3"] },
        { "repeat", ["RepeatBySegment", "[3]"] },
        { "mean of nothing", ["[0, 3]"] },
        { "item", ["[2, 3]"] },
        { "clamp", ["low (2)", "high (1)"] },
        { "head columns", ["[2, 3]", "[3, 2]"] },
        { "head targets", ["[2, 3]", "2 targets", "there are 1"] },
        { "head target", ["target 9", "[5, 3]"] },
        { "head bias", ["[5, 3]", "[4]"] },
        { "attention heads", ["3 query heads", "2 key/value heads"] },
        { "attention columns", ["queries", "[2, 3]", "0 to 7"] },
        { "attention rows", ["keys", "[2, 4]", "3 rows"] },
        { "attention overlap", ["overlap"] },
        { "backward", ["[2, 3]", "one number"] },
    };

    [Theory, MemberData(nameof(Mistakes))]
    public void A_mistake_names_what_does_not_fit(string mistake, string[] parts)
    {
        using var arena = new Arena();
        using Tape tape = arena.Begin();
        Tensor Matrix(int rows, int columns) => Tensor.Matrix(rows, columns, new float[rows * columns]);
        Tensor x = Matrix(2, 3);
        var table = new RopeTable([1.0], 4);
        Action act = mistake switch
        {
            "add" => () => _ = x + Matrix(3, 2),
            "linear" => () => x.Linear(Matrix(4, 5)),
            "linear in-out" => () => x.Linear(Matrix(4, 5), null, weightIsInOut: true),
            "linear bias" => () => x.Linear(Matrix(4, 3), Matrix(1, 5)),
            "layer norm" => () => x.LayerNorm(Matrix(1, 4), null, 1e-5f),
            "layer norm bias" => () => x.LayerNorm(Matrix(1, 3), Matrix(1, 4), 1e-5f),
            "rms norm" => () => x.RmsNorm(Matrix(1, 4), 1e-5f),
            "swiglu" => () => Tensor.SwiGlu(x, Matrix(3, 2)),
            "rope rows" => () => x.Rope(table, PackedLayout.Single(3), 1),
            "rope position" => () => Matrix(5, 2).Rope(table, PackedLayout.Single(5), 1),
            "embedding" => () => Tensor.Embedding(Matrix(3, 2), [0, 7]),
            "embedding negative" => () => Tensor.Embedding(Matrix(3, 2), [-1]),
            "gather" => () => x.GatherRows([2]),
            "segments" => () => Matrix(1, 3).SumBySegment([0, 2]),
            "segments backwards" => () => Matrix(1, 3).SumBySegment([0, 4, 3]),
            "repeat" => () => Matrix(1, 3).RepeatBySegment([0, 2]),
            "mean of nothing" => () => Matrix(0, 3).Mean(),
            "item" => () => x.Item(),
            "clamp" => () => x.Clamp(2, 1),
            "head columns" => () => Tensor.TokenLogProbs(x, Matrix(3, 2), null, [0, 0]),
            "head targets" => () => Tensor.TokenLogProbs(x, Matrix(5, 3), null, [0]),
            "head target" => () => Tensor.TokenLogProbs(x, Matrix(5, 3), null, [0, 9]),
            "head bias" => () => Tensor.TokenLogProbs(x, Matrix(5, 3), Matrix(1, 4), [0, 0]),
            "attention heads" => () => Attend(Matrix(2, 12), 8, new AttentionShape(3, 2, 2, 1)),
            "attention columns" => () => Attend(x, 0, s_heads),
            "attention rows" => () => Tensor.CausalAttention(Matrix(3, 8), 0, Matrix(2, 4), 0, Matrix(3, 4), 0, s_heads, PackedLayout.Single(3), 0),
            "attention overlap" => () => Attend(Matrix(2, 16), 7, s_heads),
            "backward" => () => tape.Backward(x),
            _ => throw new ArgumentException(mistake),
        };
        ArgumentException e = Assert.ThrowsAny<ArgumentException>(act);
        foreach (string part in parts) Assert.Contains(part, e.Message);

        static void Attend(Tensor qkv, int keys, AttentionShape shape) =>
            Tensor.CausalAttention(qkv, 0, qkv, keys, qkv, keys + shape.KeyColumns, shape, PackedLayout.Single(qkv.Rows), 0);
    }
}
