using System.Text.Json.Nodes;
using Leftover.Data;

namespace Leftover.Models;

/// <summary>What a model is made of, as its config.json says; a family's record adds its own settings.</summary>
public abstract record ModelConfig
{
    /// <summary>The family's name in config.json (<c>model_type</c>), for example <c>llama</c>.</summary>
    public abstract string Family { get; }

    /// <summary>Rows of the embedding and of the head; token ids lie below it.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>The most tokens one sequence can have, prompt and completion together.</summary>
    public required int ContextLength { get; init; }

    /// <summary>C, the residual stream's channels.</summary>
    public required int Width { get; init; }

    /// <summary>Decoder blocks.</summary>
    public required int Layers { get; init; }

    /// <summary>Query heads of each block.</summary>
    public required int Heads { get; init; }

    /// <summary>Key and value heads of each block; each serves the same number of query heads.</summary>
    public virtual int KeyValueHeads { get => Heads; init { } }

    /// <summary>Channels of one head.</summary>
    public virtual int HeadDimension { get => Width / Heads; init { } }

    /// <summary>Weights of one block that every token is multiplied by; norms and biases are not among them.</summary>
    public abstract long BlockWeights { get; }

    /// <summary>True where the embedding is the head's matrix too.</summary>
    public bool TiedHead { get; init; }

    /// <summary>Standard deviation of a new model's matrices. Default 0.02.</summary>
    public float InitializerRange { get; init; } = 0.02f;

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

    /// <summary>Checks what no single key can show.</summary>
    private void Validate(string place)
    {
        List<string> problems = [];
        if (Heads % KeyValueHeads != 0) problems.Add($"{Heads} query heads cannot share {KeyValueHeads} key/value heads evenly");
        if (HeadDimension < 1) problems.Add($"{Heads} heads are more than the width of {Width}");
        AddProblems(problems);
        if (problems.Count > 0) throw new DataException($"{place}: {string.Join("; ", problems)}. Check the file against the model's weights.");
    }

    /// <summary>Adds what does not fit together in this family's settings.</summary>
    private protected virtual void AddProblems(List<string> problems) { }
}
