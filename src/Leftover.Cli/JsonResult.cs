using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Leftover.Evaluation;

namespace Leftover.Cli;

/// <summary>How results are written for programs: snake_case, and null for a number that is not finite, which JSON cannot say.</summary>
internal static class JsonResult
{
    private static readonly JsonSerializerOptions s_line = Make(indented: false), s_indented = Make(indented: true);

    /// <summary>A result as indented JSON.</summary>
    public static string Text(object result) => JsonSerializer.Serialize(result, result.GetType(), s_indented);

    /// <summary>A row as a line, its end included.</summary>
    public static string Line<T>(T row) => JsonSerializer.Serialize(row, s_line) + "\n";

    private static JsonSerializerOptions Make(bool indented) => new(RunResults.Json)
    {
        WriteIndented = indented,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new FiniteDouble(), new FiniteFloat() },
    };

    private sealed class FiniteDouble : JsonConverter<double>
    {
        public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDouble();

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
        {
            if (double.IsFinite(value)) writer.WriteNumberValue(value);
            else writer.WriteNullValue();
        }
    }

    private sealed class FiniteFloat : JsonConverter<float>
    {
        public override float Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetSingle();

        public override void Write(Utf8JsonWriter writer, float value, JsonSerializerOptions options)
        {
            if (float.IsFinite(value)) writer.WriteNumberValue(value);
            else writer.WriteNullValue();
        }
    }
}
