using System.Text.Json.Nodes;
using Leftover.Data;

namespace Leftover.Models.Encoders;

/// <summary>The shape of an encoder of BERT's kin.</summary>
public sealed record EncoderConfig : TransformerConfig
{
    internal EncoderConfig(EncoderFamily names) => Names = names;

    /// <inheritdoc/>
    public override string Family => Names.Name;

    /// <inheritdoc/>
    public override long BlockWeights => Width * (4L * Width + 2L * InnerWidth);

    /// <summary>Channels of the embeddings; where they are not the width, a product widens them.</summary>
    public required int EmbeddingWidth { get; init; }

    /// <summary>Channels inside the MLP.</summary>
    public required int InnerWidth { get; init; }

    /// <summary>Rows of the position table.</summary>
    public required int Positions { get; init; }

    /// <summary>The row of a sequence's first token in the position table.</summary>
    public int FirstPosition { get; init; }

    /// <summary>Rows of the token types' table; 0 where there is none.</summary>
    public int TokenTypes { get; init; }

    /// <summary>The MLP's activation by its name in Transformers. Default <c>gelu</c>, the exact form.</summary>
    public string Activation { get; init; } = "gelu";

    /// <summary>Layer norm's ε. Default 1e-12.</summary>
    public float LayerNormEpsilon { get; init; } = 1e-12f;

    /// <summary>The token whose embedding gets no gradient (PyTorch's <c>padding_idx</c>); negative for none. Default -1.</summary>
    public int PaddingToken { get; init; } = -1;

    internal EncoderFamily Names { get; }

    /// <summary>Reads a config.json.</summary>
    /// <param name="json">Its content.</param>
    /// <param name="place">Where it came from, for messages.</param>
    /// <exception cref="DataException">The family is not built, or a setting is missing, wrong or not supported; all problems at once.</exception>
    public static EncoderConfig Parse(JsonObject json, string place) => Parse(json, place, []);

    internal static EncoderConfig Parse(JsonObject json, string place, List<string> notes)
    {
        string name = json["model_type"]?.ToString() ?? "";
        if (!EncoderFamily.All.TryGetValue(name, out EncoderFamily? family))
            throw new DataException($"{place} has model_type \"{name}\", which is no encoder that is supported. Known: {string.Join(", ", EncoderFamily.All.Keys)}.");
        var reader = new ConfigReader(json, place);
        EncoderConfig config = family.Read(reader);
        reader.Check();
        config.Validate(place);
        notes.AddRange(reader.Notes);
        return config;
    }

    private protected override void AddProblems(List<string> problems)
    {
        if (Width % Heads != 0) problems.Add($"the width {Width} is no multiple of the {Heads} heads");
    }
}
