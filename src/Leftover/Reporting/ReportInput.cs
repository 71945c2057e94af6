using Leftover.Data;
using Leftover.Evaluation;

namespace Leftover.Reporting;

/// <summary>All that a report is made of.</summary>
public sealed record ReportInput
{
    /// <summary>The run's figures.</summary>
    public required RunResults Results { get; init; }

    /// <summary>Each policy's replies, in the order of <see cref="RunResults.Methods"/>; the first policy is the reference.</summary>
    public required IReadOnlyList<PolicyReplies> Replies { get; init; }

    /// <summary>Each method's <c>metrics.jsonl</c>, by label; a file that does not exist gives no learning curve.</summary>
    public IReadOnlyDictionary<string, string> MetricsFiles { get; init; } = new Dictionary<string, string>();

    /// <summary>Each method's <c>advantages.jsonl</c>, by label; a file that does not exist gives no histogram.</summary>
    public IReadOnlyDictionary<string, string> AdvantageFiles { get; init; } = new Dictionary<string, string>();

    /// <summary>The resolved recipe as YAML (or JSON, which is YAML); "" shows none.</summary>
    public string RecipeYaml { get; init; } = "";

    /// <summary>What was read, kept, cut and dropped, in plain lines.</summary>
    public IReadOnlyList<string> DataSummary { get; init; } = [];

    /// <summary>Held-out prompts whose replies stand side by side, at most, the first ones; ≥ 0. Default 12.</summary>
    public int SamplePrompts { get; init; } = 12;

    /// <summary>What a finished run left in its folder, to show it again.</summary>
    /// <param name="folder">The run folder: <c>report/results.json</c> must be there; replies, metrics, advantages and recipe may be.</param>
    /// <exception cref="DataException">The folder holds no finished run, or one of its files cannot be read.</exception>
    public static ReportInput FromRunFolder(string folder) => RunFolderReader.Read(folder);
}
