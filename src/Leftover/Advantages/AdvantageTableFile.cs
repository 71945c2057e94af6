using System.Text.Json;
using CsvHelper;
using Leftover.Tensors.Files;

namespace Leftover.Advantages;

/// <summary>Writes an advantage table as JSON lines or CSV, with the columns id, file, line, reward, value, advantage, kept, reason, priority, source.</summary>
/// <remarks>Numbers are written so that they read back to the same double. A file appears whole or not at all.</remarks>
public static class AdvantageTableFile
{
    private static readonly string[] s_columns = ["id", "file", "line", "reward", "value", "advantage", "kept", "reason", "priority", "source"];

    /// <summary>The reason in words; empty for a kept row.</summary>
    public static string Text(this DropReason reason) => reason switch
    {
        DropReason.None => "",
        DropReason.AdvantageNotAboveThreshold => "advantage not above threshold",
        DropReason.WeightZero => "weight is 0",
        DropReason.WorseAnswer => "worse answer of its prompt",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "The reason is unknown."),
    };

    /// <summary>Writes one JSON object a row.</summary>
    public static void SaveJsonLines(this AdvantageTable table, string path) => FileReplacement.Write(path, stream =>
    {
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { SkipValidation = true });
        foreach (AdvantageRow row in table.Rows)
        {
            json.WriteStartObject();
            json.WriteString("id", row.Scored.Id);
            json.WriteString("file", row.Scored.File);
            json.WriteNumber("line", row.Scored.Line);
            json.WriteNumber("reward", row.Scored.Reward);
            json.WriteNumber("value", row.Value);
            json.WriteNumber("advantage", row.Advantage);
            json.WriteBoolean("kept", row.Kept);
            json.WriteString("reason", row.Reason.Text());
            json.WriteNumber("priority", row.Priority);
            json.WriteString("source", row.Scored.Source);
            json.WriteEndObject();
            json.Flush();
            stream.WriteByte((byte)'\n');
            json.Reset();
        }
    });

    /// <summary>Writes a header and one record a row.</summary>
    public static void SaveCsv(this AdvantageTable table, string path) => FileReplacement.Write(path, stream =>
    {
        using CsvWriter csv = CsvWriter.Create(stream, new CsvWriterOptions { NewLine = "\n", TrueValue = "true", FalseValue = "false" }, leaveOpen: true);
        csv.WriteHeader(s_columns);
        foreach (AdvantageRow row in table.Rows)
        {
            csv.WriteField(row.Scored.Id);
            csv.WriteField(row.Scored.File);
            csv.WriteField(row.Scored.Line);
            csv.WriteField(row.Scored.Reward);
            csv.WriteField(row.Value);
            csv.WriteField(row.Advantage);
            csv.WriteField(row.Kept);
            csv.WriteField(row.Reason.Text());
            csv.WriteField(row.Priority);
            csv.WriteField(row.Scored.Source);
            csv.EndRecord();
        }
    });
}
