using System.Text.Json;
using Leftover.Data;

namespace Leftover.Reporting;

/// <summary>The numbers that a method wrote while it was trained.</summary>
internal sealed class MetricSeries
{
    /// <summary>The name of the importance weights' effective sample size, as a share.</summary>
    public const string EffectiveSampleSize = "offpolicy/is_eff_sample_size";

    private readonly Dictionary<string, SortedDictionary<int, double>> _series = new(StringComparer.Ordinal);

    private MetricSeries(string method) => Method = method;

    /// <summary>The method's label.</summary>
    public string Method { get; }

    /// <summary>The logs that exist, in the order of the methods.</summary>
    /// <exception cref="DataException">A line is no JSON object with a step.</exception>
    public static IReadOnlyList<MetricSeries> ReadAll(ReportInput input) =>
        [.. input.Results.Methods.Where(method => input.MetricsFiles.TryGetValue(method.Name, out string? path) && File.Exists(path)).Select(method => Read(method.Name, input.MetricsFiles[method.Name]))];

    /// <summary>A line for each method whose importance weights left few rows in effect when training ended.</summary>
    public static IReadOnlyList<string> Notes(IReadOnlyList<MetricSeries> logs)
    {
        List<string> notes = [];
        foreach (MetricSeries log in logs)
        {
            double[] sizes = [.. log.Of(EffectiveSampleSize).Select(point => point.Value)];
            if (sizes.Length == 0) continue;
            double last = sizes[^Math.Max(1, sizes.Length / 4)..].Average();
            if (last < 0.3) notes.Add($"{log.Method}: in the last quarter of training the effective sample size was {Figures.Percent(last)} of the rows; below 30% a few rows decide. A lower learning rate or fewer steps keep the policy nearer to the reference.");
        }
        return notes;
    }

    /// <summary>Reads a <c>metrics.jsonl</c>. Of a step that was written twice, by a run that was stopped and continued, the later numbers count.</summary>
    /// <exception cref="DataException">A line is no JSON object with a step.</exception>
    public static MetricSeries Read(string method, string path)
    {
        var log = new MetricSeries(method);
        foreach ((int number, string json) in JsonLines.Read(path))
        {
            try
            {
                using JsonDocument document = JsonDocument.Parse(json);
                log.Add(document.RootElement);
            }
            catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
            {
                throw new DataException($"{path}({number}) is no line of metrics: {error.Message} It is an object with a whole number 'step'. Remove the line, or train again.", error);
            }
        }
        return log;
    }

    /// <summary>A metric's finite values by step; none where the log has no such metric.</summary>
    public IEnumerable<(int Step, double Value)> Of(string metric) =>
        _series.TryGetValue(metric, out SortedDictionary<int, double>? series) ? series.Select(pair => (pair.Key, pair.Value)) : [];

    private void Add(JsonElement line)
    {
        int step = line.GetProperty("step").GetInt32();
        foreach (JsonProperty property in line.EnumerateObject())
        {
            if (property.Name == "step" || property.Value.ValueKind != JsonValueKind.Number) continue;
            string name = property.Name.StartsWith("train/offpolicy/", StringComparison.Ordinal) ? property.Name["train/".Length..] : property.Name;
            if (!_series.TryGetValue(name, out SortedDictionary<int, double>? series)) _series[name] = series = [];
            if (property.Value.GetDouble() is var value && double.IsFinite(value)) series[step] = value;
        }
    }
}
