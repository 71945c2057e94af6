using System.Text.Json.Serialization;
using Leftover.Data;
using Leftover.Models.Encoders;
using Leftover.Rewards.Text;
using Leftover.Runs;

namespace Leftover.Rewards;

/// <summary>What an <see cref="EmbeddingReward"/> compares the completion with.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<EmbeddingTarget>))]
public enum EmbeddingTarget
{
    /// <summary>The row's prompt.</summary>
    [JsonStringEnumMemberName("prompt")] Prompt,

    /// <summary>A column of the row's text: a reference answer, or the row's own evidence.</summary>
    [JsonStringEnumMemberName("column")] Column,

    /// <summary>Given texts, one a line of a file: the most similar one counts.</summary>
    [JsonStringEnumMemberName("evidence")] Evidence,
}

/// <summary>Similarity of meaning: the cosine of mean-pooled encoder embeddings of the completion and of what it is to be near; in [−1, 1].</summary>
public sealed record EmbeddingReward() : RewardSource("embedding")
{
    /// <summary>The encoder's folder in Hugging Face layout, with its tokenizer; for example a sentence encoder.</summary>
    [RecipePath]
    public required string Model { get; init; }

    /// <summary>What the completion is compared with. Default the prompt.</summary>
    public EmbeddingTarget To { get; init; } = EmbeddingTarget.Prompt;

    /// <summary>For <c>column</c>: the column's name.</summary>
    public string? Column { get; init; }

    /// <summary>For <c>evidence</c>: the file of texts, one a line.</summary>
    [RecipePath]
    public string? File { get; init; }

    /// <summary>Tokens of a text, at most; longer ones lose their end; ≥ 3. Default: the model's limit.</summary>
    [System.ComponentModel.DataAnnotations.Range(3, int.MaxValue)]
    public int? MaxTokens { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override IReadOnlyList<string> Files => [.. ModelFiles.Of(Model), .. new[] { File }.OfType<string>()];

    /// <inheritdoc/>
    [JsonIgnore]
    public override IReadOnlyList<string> ReadColumns => Column is null ? [] : [Column];

    /// <inheritdoc/>
    [JsonIgnore]
    public override RewardRange Range => new(-1, 1);

    /// <inheritdoc/>
    public override IReadOnlyList<string> Problems()
    {
        List<string> problems = [];
        if (string.IsNullOrWhiteSpace(Model)) problems.Add("model is empty; it must name the folder of an encoder.");
        if (To == EmbeddingTarget.Column != (Column is not null)) problems.Add(Column is null ? "to: column needs 'column', the name of a column of text." : "column belongs to to: column.");
        if (To == EmbeddingTarget.Evidence != (File is not null)) problems.Add(File is null ? "to: evidence needs 'file', a file of texts, one a line." : "file belongs to to: evidence.");
        return problems;
    }

    /// <inheritdoc/>
    protected override double[] ScoreRows(IReadOnlyList<RewardInput> rows)
    {
        if (rows.Count == 0) return [];
        string[][] targets = TargetsOf(rows);
        using TextEmbedder embedder = TextEmbedder.Load(Model, MaxTokens);
        float[][] completions = embedder.Embed([.. rows.Select(row => row.Completion)]);
        if (To == EmbeddingTarget.Evidence)
        {
            float[][] evidence = embedder.Embed(targets[0]);
            return [.. completions.Select(own => evidence.Max(text => TextEmbedder.Cosine(own, text)))];
        }
        float[][] others = embedder.Embed([.. targets.Select(texts => texts[0])]);
        return [.. completions.Zip(others, TextEmbedder.Cosine)];
    }

    private string[][] TargetsOf(IReadOnlyList<RewardInput> rows)
    {
        if (To == EmbeddingTarget.Evidence)
        {
            string[] evidence = [.. LexiconFile.ReadEntries(File!, "a list of texts")];
            if (evidence.Length == 0) throw new DataException($"{File} holds no text; the reward '{Name}' compares completions with its lines.");
            return [evidence];
        }
        return [.. rows.Select((row, i) => new[] { To == EmbeddingTarget.Prompt ? row.Prompt : row.Texts.GetValueOrDefault(Column!) ?? throw new DataException($"The reward '{Name}': {RowName(rows, i)} has no column '{Column}', which it is compared with.") })];
    }
}
