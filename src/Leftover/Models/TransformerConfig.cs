using Leftover.Data;

namespace Leftover.Models;

/// <summary>The shape that all models have, whatever they are for; a family's record adds its own settings.</summary>
public abstract record TransformerConfig
{
    /// <summary>The family's name in config.json (<c>model_type</c>), for example <c>llama</c>.</summary>
    public abstract string Family { get; }

    /// <summary>Rows of the embedding; token ids lie below it.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>The most tokens one sequence can have; prompt and completion together.</summary>
    public required int ContextLength { get; init; }

    /// <summary>C, the residual stream's channels.</summary>
    public required int Width { get; init; }

    /// <summary>Blocks.</summary>
    public required int Layers { get; init; }

    /// <summary>Query heads of each block.</summary>
    public required int Heads { get; init; }

    /// <summary>Key and value heads of each block; each serves the same number of query heads.</summary>
    public virtual int KeyValueHeads { get => Heads; init { } }

    /// <summary>Channels of one head.</summary>
    public virtual int HeadDimension { get => Width / Heads; init { } }

    /// <summary>Weights of one block that every token is multiplied by; norms and biases are not among them.</summary>
    public abstract long BlockWeights { get; }

    /// <summary>Standard deviation of a new model's matrices. Default 0.02.</summary>
    public float InitializerRange { get; init; } = 0.02f;

    /// <summary>Checks what no single key can show.</summary>
    private protected void Validate(string place)
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
