using System.Globalization;
using Leftover.Data;

namespace Leftover.Rewards.Judging;

/// <summary>One kind of question: how a row becomes the judge's text, and how a verdict is read out of an answer.</summary>
internal abstract class JudgeQuestion
{
    /// <summary>What the judge reads for a row.</summary>
    public abstract string Text(RewardInput row);

    /// <summary>The verdict in an answer as a number, or null where there is none.</summary>
    public abstract double? Read(string answer);

    /// <summary>What is said to an answer without a verdict.</summary>
    public abstract string Again { get; }

    /// <summary>What an answer must hold, for messages.</summary>
    public abstract string Wanted { get; }

    /// <summary>A column of text.</summary>
    /// <exception cref="DataException">The row does not have it.</exception>
    protected static string ColumnOf(RewardInput row, string column, JudgeReward settings) =>
        row.Texts.TryGetValue(column, out string? text) ? text
        : row.Columns.TryGetValue(column, out double number) ? number.ToString("R", CultureInfo.InvariantCulture)
        : throw new DataException($"The rubric of the judge '{settings.Name}' asks for {{{column}}}, a column that {row.Place(0)} does not have. Correct the name in {settings.Rubric}, or give the data that column.");
}

/// <summary>Asks for a score.</summary>
internal sealed class ScoreQuestion(JudgeReward settings) : JudgeQuestion
{
    private readonly Rubric _rubric = Rubric.OfScores(settings);

    public override string Again => $"That holds no score I can use. Answer with nothing but {{\"score\": N}}, where N is a number from {Number(settings.Min)} to {Number(settings.Max)}.";

    public override string Wanted => $"a number from {Number(settings.Min)} to {Number(settings.Max)}";

    public override string Text(RewardInput row) => _rubric.Fill(name => name switch
    {
        "prompt" => row.Prompt,
        "completion" => row.Completion,
        "min" => Number(settings.Min),
        "max" => Number(settings.Max),
        _ => ColumnOf(row, name, settings),
    });

    public override double? Read(string answer) => Verdicts.Score(answer, settings.Min, settings.Max);

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}

/// <summary>Asks which of two is better; the first is the row's completion, the other its column <see cref="Other"/>. 1 for the first, −1 for the other, 0 for a tie.</summary>
internal sealed class PairQuestion(JudgeReward settings) : JudgeQuestion
{
    /// <summary>The column of the second answer.</summary>
    public const string Other = "(other)";

    private readonly Rubric _rubric = Rubric.OfPairs(settings);

    public IReadOnlyList<string> Columns => _rubric.Columns;

    public override string Again => "That names no verdict I can use. Answer with nothing but {\"better\": \"A\"}, {\"better\": \"B\"} or {\"better\": \"tie\"}.";

    public override string Wanted => "A, B or tie";

    public override string Text(RewardInput row) => _rubric.Fill(name => name switch
    {
        "prompt" => row.Prompt,
        "a" => row.Completion,
        "b" => row.Texts[Other],
        _ => ColumnOf(row, name, settings),
    });

    public override double? Read(string answer) => Verdicts.Better(answer);
}
