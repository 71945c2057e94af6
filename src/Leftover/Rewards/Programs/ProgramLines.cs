using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Leftover.Data;

namespace Leftover.Rewards.Programs;

/// <summary>What goes to a program for a row, and what its answer says.</summary>
internal static class ProgramLines
{
    private static readonly JsonWriterOptions s_plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The row as one line of JSON, without its end.</summary>
    /// <exception cref="DataException">The row has not all columns.</exception>
    public static string Of(RewardInput row, ProgramReward source)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes, s_plain))
        {
            json.WriteStartObject();
            json.WriteString("id", row.Id);
            json.WriteString("prompt", row.Prompt);
            json.WriteString("completion", row.Completion);
            foreach (string column in source.Columns)
            {
                if (row.Columns.TryGetValue(column, out double number)) json.WriteNumber(column, number);
                else if (row.Texts.TryGetValue(column, out string? text)) json.WriteString(column, text);
                else throw new DataException($"The program of the reward '{source.Name}' is to be given the column '{column}', which {row.Place(0)} does not have; it has: {KnownColumns(row)}. Name another column, or leave it out.");
            }
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    /// <summary>The score in a line.</summary>
    /// <param name="line">What the program printed.</param>
    /// <param name="row">The row that it answers.</param>
    /// <param name="score">The score; finite.</param>
    /// <returns>What the line is instead of a score, for a message; null where it is one.</returns>
    /// <exception cref="ScoresInDoubtException">It answers another row.</exception>
    public static string? Read(string line, RewardInput row, out double score)
    {
        score = 0;
        string text = line.Trim();
        if (text.Length == 0) return "an empty line";
        if (text[0] != '{') return ReadNumber(text, out score);
        try
        {
            JsonElement json = JsonElement.Parse(text);
            if (json.TryGetProperty("id", out JsonElement id) && id.ToString() != row.Id)
                throw new ScoresInDoubtException($"it answered with the id '{id}' where that of {row.Place(0)} was due: lines out must stand in the order of lines in.");
            if (!json.TryGetProperty("score", out JsonElement value)) return $"the object {Excerpt(text)}, which has no 'score'";
            if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out score) && double.IsFinite(score)) return null;
            return value.ValueKind == JsonValueKind.String ? ReadNumber(value.GetString()!.Trim(), out score) : $"the score {Excerpt(value.GetRawText())}";
        }
        catch (JsonException)
        {
            return $"{Excerpt(text)}, which begins like an object and is none";
        }
    }

    private static string? ReadNumber(string text, out double score) =>
        !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out score) ? Excerpt(text)
        : double.IsFinite(score) ? null
        : double.IsNaN(score) ? "NaN" : $"{text}, which is not finite";

    private static string Excerpt(string text) => Text.TextUnits.Excerpt(text);

    private static string KnownColumns(RewardInput row) => row.Columns.Count + row.Texts.Count == 0 ? "none" : string.Join(", ", row.Columns.Keys.Concat(row.Texts.Keys));
}
