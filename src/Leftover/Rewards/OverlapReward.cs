using System.Text.Json.Serialization;
using Leftover.Data;
using Leftover.Rewards.Text;

namespace Leftover.Rewards;

/// <summary>How much a completion says what a reference text says, which the data holds in a column of its own.</summary>
/// <remarks>New replies to a prompt are held against the text that the prompt's row has.</remarks>
public abstract record OverlapReward : RewardSource
{
    /// <param name="type">The name in recipes.</param>
    protected OverlapReward(string type) : base(type) { }

    /// <summary>The column of the reference text. Default reference.</summary>
    public string Reference { get; init; } = "reference";

    /// <summary>The score of rows without the text. Default: such a row is an error.</summary>
    public double? Missing { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override RewardRange Range => Missing is { } missing ? new RewardRange(Math.Min(0, missing), Math.Max(1, missing)) : RewardRange.Unit;

    /// <inheritdoc/>
    [JsonIgnore]
    public override IReadOnlyList<string> ReadColumns => [Reference];

    /// <inheritdoc/>
    public override IReadOnlyList<string> Problems() =>
        string.IsNullOrWhiteSpace(Reference) ? ["reference is empty; it must name a column of text."] : [];

    /// <summary>The score of one completion, in [0, 1].</summary>
    protected abstract double ScoreOf(string completion, string reference);

    /// <inheritdoc/>
    protected override double[] ScoreRows(IReadOnlyList<RewardInput> rows)
    {
        double[] scores = new double[rows.Count];
        for (int i = 0; i < scores.Length; i++)
        {
            scores[i] = rows[i].Texts.TryGetValue(Reference, out string? reference) ? ScoreOf(rows[i].Completion, reference)
                : Missing ?? throw new DataException($"The reward '{Name}' finds no text in the column '{Reference}' of {RowName(rows, i)}. Name another column as 'reference', or give 'missing' a score for such rows.");
        }
        return scores;
    }
}

/// <summary>BLEU of the completion against a reference text, a hundredth of sacrebleu's: in [0, 1]. It counts precision alone, and a short completion is penalised.</summary>
public sealed record BleuReward() : OverlapReward("bleu")
{
    /// <summary>The longest n-grams; ≥ 1. Default 4; orders that a completion is too short for do not count.</summary>
    public int Order { get; init; } = 4;

    /// <summary>Texts are lower-cased first. Default false.</summary>
    public bool LowerCase { get; init; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Problems() => Order < 1 ? [.. base.Problems(), $"order is {Order}; it must be at least 1."] : base.Problems();

    /// <inheritdoc/>
    protected override double ScoreOf(string completion, string reference) =>
        Bleu.OfSentence(completion, [reference], BleuOptions.Sentence with { Order = Order, LowerCase = LowerCase }).Score / 100;
}

/// <summary>chrF of the completion against a reference text, a hundredth of sacrebleu's: in [0, 1]. It counts characters, so it needs no words, and recall before precision.</summary>
public sealed record ChrfReward() : OverlapReward("chrf")
{
    /// <summary>The longest n-grams of words: 0 for chrF, 2 for chrF++. Default 0.</summary>
    public int WordOrder { get; init; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Problems() => WordOrder < 0 ? [.. base.Problems(), $"word_order is {WordOrder}; it must be at least 0."] : base.Problems();

    /// <inheritdoc/>
    protected override double ScoreOf(string completion, string reference) => Chrf.OfSentence(completion, reference, WordOrder) / 100;
}
