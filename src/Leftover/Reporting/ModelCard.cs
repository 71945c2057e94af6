using System.Text;
using Leftover.Evaluation;
using YamlDotNet.Serialization;

namespace Leftover.Reporting;

/// <summary>What a model card is made of.</summary>
public sealed record ModelCardInput
{
    /// <summary>The run's figures; the method's row must be among them.</summary>
    public required RunResults Results { get; init; }

    /// <summary>The label of the method that trained this model.</summary>
    public required string Method { get; init; }

    /// <summary>The algorithm's name, for example <c>a-lol</c>.</summary>
    public required string Algorithm { get; init; }

    /// <summary>The model that training began with: its name on the hub, or a path, of which only the last part is shown; null where it began with random weights.</summary>
    public string? BaseModel { get; init; }

    /// <summary>The method's settings as YAML; "" shows none.</summary>
    public string SettingsYaml { get; init; } = "";

    /// <summary>What was read, kept, cut and dropped, in plain lines.</summary>
    public IReadOnlyList<string> DataSummary { get; init; } = [];

    /// <summary>Codes of the languages it writes, for example <c>en</c>; empty where not known.</summary>
    public IReadOnlyList<string> Languages { get; init; } = [];
}

/// <summary>The README.md of a trained model's folder, in the form that model hubs read.</summary>
public static class ModelCard
{
    /// <summary>The card: YAML front matter, what was done with which data, the figures with their intervals, and how to load the model. It names no licence, which is the user's to choose.</summary>
    /// <exception cref="ArgumentException">The results have no such method.</exception>
    public static string Text(ModelCardInput input)
    {
        RunResults results = input.Results;
        MethodResult own = results.Methods.FirstOrDefault(method => method.Name == input.Method)
            ?? throw new ArgumentException($"The results have no method '{input.Method}'; they have {string.Join(", ", results.Methods.Select(method => method.Name))}.", nameof(input));
        RunResults shown = results with
        {
            Methods = [.. results.Methods.Where((method, i) => i == 0 || method == own)],
            Paired = [.. results.Paired.Where(pair => (pair.A == own.Name && pair.B == results.Methods[0].Name) || (pair.B == own.Name && pair.A == results.Methods[0].Name))],
        };
        Verdict verdict = Verdict.Of(shown);
        string? baseModel = input.BaseModel is { Length: > 0 } name ? DisplayName(name) : null;
        string title = results.Name.Length == 0 || results.Name == own.Name ? own.Name : $"{results.Name}: {own.Name}";

        var text = new StringBuilder();
        text.Append("---\n").Append(FrontMatter(input, baseModel)).Append("---\n\n");
        text.Append($"# {title}\n\n");
        text.Append(verdict.Headline).Append('\n');
        text.Append("\n## How it was made\n\n");
        text.Append(baseModel is null ? $"Trained with `{input.Algorithm}` " : $"`{baseModel}`, trained with `{input.Algorithm}` ");
        text.Append("on answers that were there already and the rewards they had earned (offline; nothing was generated for training).");
        text.Append($" Preset {results.Preset}, seed {results.Seed}{(own.Step is { } step ? $", weights of step {step}" : "")}.\n");
        if (input.SettingsYaml.Trim().Length > 0) text.Append("\n```yaml\n").Append(input.SettingsYaml.ReplaceLineEndings("\n").Trim('\n').Replace("```", "", StringComparison.Ordinal)).Append("\n```\n");
        if (input.DataSummary.Count > 0)
        {
            text.Append("\n## Data\n\n");
            foreach (string line in input.DataSummary) text.Append("- ").Append(MarkdownReport.Escape(line)).Append('\n');
        }
        text.Append("\n## Figures\n\n").Append(ResultTables.Policies(shown).Caption).Append("\n\n").Append(MarkdownReport.Table(shown));
        if (shown.Paired.Count > 0) text.Append('\n').Append(ResultTables.Pairs(shown).Caption).Append("\n\n").Append(MarkdownReport.PairedTable(shown));
        if (results.Notes.Count > 0)
        {
            text.Append("\n## To know before using it\n\n");
            foreach (string note in results.Notes) text.Append("- ").Append(MarkdownReport.Escape(note)).Append('\n');
        }
        text.Append("\n## How to load it\n\n```sh\nleftover chat --model .        # in this folder\n```\n\n");
        text.Append("```python\nfrom transformers import AutoModelForCausalLM, AutoTokenizer\n\nmodel = AutoModelForCausalLM.from_pretrained(\".\")\ntokenizer = AutoTokenizer.from_pretrained(\".\")\n```\n");
        return text.ToString();
    }

    private static string FrontMatter(ModelCardInput input, string? baseModel)
    {
        var front = new Dictionary<string, object>();
        if (input.Languages.Count > 0) front["language"] = input.Languages;
        front["library_name"] = "transformers";
        front["pipeline_tag"] = "text-generation";
        if (baseModel is not null) front["base_model"] = baseModel;
        front["tags"] = new[] { "leftover", "offline-rl", input.Algorithm, "text-generation" }.Distinct().ToArray();
        return new SerializerBuilder().WithQuotingNecessaryStrings().DisableAliases().WithNewLine("\n").Build().Serialize(front);
    }

    /// <summary>A hub name as it is; of a path its last part, since the rest says nothing to others.</summary>
    private static string DisplayName(string model)
    {
        bool hub = model.Count(c => c == '/') == 1 && !Path.IsPathRooted(model) && model[0] is not ('.' or '~') && !Path.Exists(model);
        return hub ? model : Path.GetFileName(Path.TrimEndingDirectorySeparator(model.Replace('\\', '/')));
    }
}
