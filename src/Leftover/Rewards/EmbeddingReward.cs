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
    public override bool IsCostly => true;

    /// <inheritdoc/>
    protected internal override RewardSource Identity => this with { Name = "", Model = "", File = File is null ? null : "file" };      // its files say which they are

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
    protected internal override RewardScorer Open(RewardContext context)
    {
        string[] evidence = To == EmbeddingTarget.Evidence ? [.. LexiconFile.ReadEntries(File!, "a list of texts")] : [];
        TextEmbedder embedder = TextEmbedder.Load(Model, MaxTokens);
        float[][] near = embedder.Embed(evidence);
        return new ModelScorer(this, embedder, rows => To == EmbeddingTarget.Evidence ? Nearest(embedder, rows, near) : Similarities(embedder, rows), context.Cancellation);
    }

    private static double[] Nearest(TextEmbedder embedder, IReadOnlyList<RewardInput> rows, float[][] evidence) =>
        [.. embedder.Embed([.. rows.Select(row => row.Completion)]).Select(own => evidence.Max(text => TextEmbedder.Cosine(own, text)))];

    private double[] Similarities(TextEmbedder embedder, IReadOnlyList<RewardInput> rows)
    {
        string[] targets = [.. rows.Select((row, i) => To == EmbeddingTarget.Prompt ? row.Prompt : row.Texts.GetValueOrDefault(Column!)
            ?? throw new DataException($"The reward '{Name}': {RowName(rows, i)} has no column '{Column}', which it is compared with."))];
        float[][] both = embedder.Embed([.. rows.Select(row => row.Completion), .. targets]);
        return [.. rows.Select((_, i) => TextEmbedder.Cosine(both[i], both[rows.Count + i]))];
    }
}
