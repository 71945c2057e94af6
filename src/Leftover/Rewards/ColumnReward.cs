using System.Text.Json.Serialization;
using Leftover.Data;

namespace Leftover.Rewards;

/// <summary>A reward that the data already holds.</summary>
public sealed record ColumnReward() : RewardSource("column")
{
    /// <summary>The column; a single <c>reward</c> column is named "reward". Default reward.</summary>
    public string Column { get; init; } = "reward";

    /// <summary>The score of rows without the column. Default: such a row is an error.</summary>
    public double? Missing { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool ReadsText => false;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Problems() =>
        string.IsNullOrWhiteSpace(Column) ? ["column is empty; it must name a reward column of the data."] : [];

    /// <inheritdoc/>
    protected override double[] ScoreRows(IReadOnlyList<RewardInput> rows)
    {
        double[] scores = new double[rows.Count];
        for (int i = 0; i < scores.Length; i++)
        {
            if (rows[i].Columns.TryGetValue(Column, out double score)) scores[i] = score;
            else if (Missing is { } missing) scores[i] = missing;
            else
            {
                string known = rows[i].Columns.Count == 0 ? "none" : string.Join(", ", rows[i].Columns.Keys);
                throw new DataException($"{Capital(RowName(rows, i))} has no reward column '{Column}'; it has: {known}. Name another column, or give 'missing' a score for such rows.");
            }
        }
        return scores;
    }

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
