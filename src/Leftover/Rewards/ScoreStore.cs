using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Leftover.Data;
using Leftover.Runs;

namespace Leftover.Rewards;

/// <summary>The scores of one source, each under a hash of all that it depends on, in a file under the cache folder.</summary>
/// <remarks>A score is handed to the system before the next is computed: a killed process loses none.</remarks>
internal sealed class ScoreStore(ScoreAddress address, string cache) : IDisposable
{
    private readonly RowStore _rows = new(Path.Combine(cache, "rewards", address.Context + ".rows"));

    /// <summary>True where the row was scored before; its score is null where the source found none and its <see cref="RewardSource.MissingScore"/> stands for it.</summary>
    public bool TryFind(string key, out double? score)
    {
        score = null;
        if (_rows.Find(key) is not { } record) return false;
        if (record.Length == 2) score = MemoryMarshal.Cast<float, double>(record)[0];
        return score is not null || address.Source.MissingScore is not null;
    }

    /// <summary>Keeps a score; null for a row that has none.</summary>
    public void Add(string key, double? score)
    {
        _rows.Add(key, score is { } value ? MemoryMarshal.Cast<double, float>([value]).ToArray() : [0]);
        _rows.Flush();
    }

    /// <summary>Takes back all that was added since it was opened.</summary>
    public void Forget() => _rows.Forget();

    /// <inheritdoc/>
    public void Dispose() => _rows.Dispose();
}

/// <summary>Where a source's scores are kept: a hash of what they have in common, and one of each row.</summary>
internal sealed class ScoreAddress(RewardSource source)
{
    private readonly IReadOnlyList<string> _columns = source.ReadColumns;

    public RewardSource Source => source;

    /// <summary>A hash of the settings, the files' contents and the version of what computes; the files are read once.</summary>
    public string Context { get; } = ContentHash.Key(
    [
        KeyValuePair.Create("source", JsonSerializer.Serialize(source.Identity with { Name = "" })),
        KeyValuePair.Create("version", source.ScoreVersion),
        .. source.Files.Select((file, i) => KeyValuePair.Create($"file {i}", HashOf(file, source))),
    ]);

    /// <summary>The address of a row's score.</summary>
    public string KeyOf(RewardInput row) => RowStore.TextKey(Context, [row.Prompt, row.Completion, .. _columns.Select(column => ColumnOf(row, column))]);

    private static string HashOf(string file, RewardSource source)
    {
        MissingFile.ThrowIfMissing(file, $"what the reward '{source.Name}' depends on");
        return ContentHash.OfFile(file);
    }

    // The first letter tells a number from a text and from nothing.
    private static string ColumnOf(RewardInput row, string column) =>
        row.Columns.TryGetValue(column, out double number) ? "n" + number.ToString("R", CultureInfo.InvariantCulture)
        : row.Texts.TryGetValue(column, out string? text) ? "t" + text : "";
}
