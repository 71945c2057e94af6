using System.Globalization;
using System.Text.Json.Nodes;
using Leftover.Tensors;
using Leftover.Tensors.Gguf;

namespace Leftover.Models.Gguf;

/// <summary>A GGUF file's tensors under Hugging Face's names and in its order of rows.</summary>
internal sealed class GgufWeights : IWeightSource
{
    private readonly GgufFile _file;
    private readonly Dictionary<string, (string Name, GgufOrder Order)> _own = new(StringComparer.Ordinal);
    private readonly int _queryHeads, _keyHeads;

    /// <summary>The tensors of a file; the model's config.json tells how many heads they have.</summary>
    public GgufWeights(GgufFile file, JsonObject config)
    {
        _file = file;
        GgufNames names = GgufNames.Of(file);
        _queryHeads = HeadsOf(config, "num_attention_heads", 1);
        _keyHeads = HeadsOf(config, "num_key_value_heads", _queryHeads);
        foreach (string name in file.Names)
        {
            if (name == GgufConfig.RopeFactors) continue;           // the config says the same
            (string wanted, GgufOrder order) = names.ToHuggingFace(name);
            _own.Add(wanted, (name, order));
        }
    }

    /// <inheritdoc/>
    public IEnumerable<string> Names => _own.Keys;

    /// <inheritdoc/>
    public bool Contains(string name) => _own.ContainsKey(name);

    /// <inheritdoc/>
    public long[] ShapeOf(string name)
    {
        (string own, GgufOrder order) = _own[name];
        long[] shape = _file.ShapeOf(own);
        return order == GgufOrder.Transposed ? [.. shape.Reverse()] : shape;
    }

    /// <inheritdoc/>
    public unsafe void Read(string name, float* destination)
    {
        (string own, GgufOrder order) = _own[name];
        if (order == GgufOrder.Same)
        {
            _file.Read(own, destination);
            return;
        }
        long[] shape = _file.ShapeOf(own);
        int rows = (int)shape[0], columns = shape.Length == 1 ? 1 : (int)shape[1];
        float[] stored = new float[(long)rows * columns];
        _file.Read(own, stored);
        var result = new Span<float>(destination, stored.Length);
        if (order == GgufOrder.Transposed) Transpose(stored, rows, columns, result);
        else TakeApart(stored, rows, columns, order == GgufOrder.QueryRows ? _queryHeads : _keyHeads, result);
    }

    private static void Transpose(ReadOnlySpan<float> stored, int rows, int columns, Span<float> result)
    {
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++) result[column * rows + row] = stored[row * columns + column];
        }
    }

    /// <summary>A head of d rows is stored as 0, d/2, 1, d/2 + 1, …: row j here is the file's 2j, row d/2 + j its 2j + 1.</summary>
    private static void TakeApart(ReadOnlySpan<float> stored, int rows, int columns, int heads, Span<float> result)
    {
        int dimension = rows / heads, half = dimension / 2;
        for (int row = 0; row < heads * dimension; row++)
        {
            int head = row / dimension, j = row % dimension;
            int from = head * dimension + (j < half ? 2 * j : 2 * (j - half) + 1);
            stored.Slice(from * columns, columns).CopyTo(result[(row * columns)..]);
        }
    }

    private static int HeadsOf(JsonObject config, string name, int fallback) =>
        int.TryParse(config[name]?.ToJsonString(), CultureInfo.InvariantCulture, out int heads) && heads > 0 ? heads : fallback;
}
