using System.Text.Json.Nodes;
using Leftover.Data;

namespace Leftover.Models;

/// <summary>What a causal language model is made of, as its config.json says.</summary>
public abstract record ModelConfig : TransformerConfig
{
    /// <summary>True where the embedding is the head's matrix too.</summary>
    public bool TiedHead { get; init; }

    /// <summary>What the family's classes in Transformers begin with.</summary>
    internal abstract string ClassName { get; }

    /// <summary>The same as a config.json that Transformers reads.</summary>
    public abstract JsonObject ToJson();

    /// <summary>A model of this shape whose weights are declared and have no memory yet.</summary>
    /// <param name="withHead">False where another head follows: a reward model's, a value head.</param>
    internal abstract LanguageModel Build(bool withHead = true);

    /// <summary>Reads a config.json.</summary>
    /// <param name="json">Its content.</param>
    /// <param name="place">Where it came from, for messages.</param>
    /// <exception cref="DataException">The architecture is unknown, or a setting is missing, wrong or not supported; all problems at once.</exception>
    public static ModelConfig Parse(JsonObject json, string place) => Parse(json, place, []);

    internal static ModelConfig Parse(JsonObject json, string place, List<string> notes)
    {
        var reader = new ConfigReader(json, place);
        ModelConfig config = LanguageModel.FamilyOf(json, place)(reader);
        reader.Check();
        config.Validate(place);
        notes.AddRange(reader.Notes);
        return config;
    }
}
