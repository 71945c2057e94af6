using Leftover.Evaluation;
using Leftover.Reporting;
using YamlDotNet.Serialization;

namespace Leftover.Tests.Reporting;

public sealed class MarkdownReportTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("leftover-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_table_is_aligned_and_has_the_numbers_given()
    {
        RunResults run = VerdictTests.Run([("reference", 0.5), ("a-lol", 12.25)], ("a-lol", "reference", 11.75, 11.5, 12));
        Assert.Equal("""
            | policy    |                  total |   KL | length |
            | --------- | ---------------------: | ---: | -----: |
            | reference |    0.50 (0.40 to 0.60) | 1.00 |   10.0 |
            | a-lol     | 12.25 (12.15 to 12.35) | 1.00 |   10.0 |

            """.ReplaceLineEndings("\n"), MarkdownReport.Summary(run)[(Verdict.Of(run).Headline.Length + 2)..]);
        Assert.Contains("| a-lol | reference | total  | +11.75 (11.50 to 12.00) | < 0.001 |  < 0.001 | a-lol is better |", MarkdownReport.PairedTable(run));
    }

    [Fact]
    public void A_pair_that_interval_and_p_see_differently_is_told_apart_barely()
    {
        RunResults run = VerdictTests.Run([("reference", 0.5), ("a-lol", 1)], ("a-lol", "reference", 0.5, 0.01, 1));
        Assert.Contains("| a-lol is better ", MarkdownReport.PairedTable(run));
        Assert.Contains("| a-lol is barely better ", MarkdownReport.PairedTable(run with { Paired = [run.Paired[0] with { P = 0.087 }] }));
    }

    [Fact]
    public void Names_cannot_break_out_of_their_cell()
    {
        RunResults run = VerdictTests.Run([("reference", 0.5), ("a|b\n<i>`*", 1)]);
        string[] lines = MarkdownReport.Table(run).TrimEnd('\n').Split('\n');
        Assert.Equal(4, lines.Length);
        Assert.Contains(@"| a\|b \<i>\`\*", lines[3]);
    }

    [Fact]
    public void The_report_as_text_has_verdict_tables_notes_data_and_recipe()
    {
        ReportInput input = SampleRun.Input(_folder);
        string text = MarkdownReport.Text(input);
        Assert.Contains($"**{Verdict.Of(input.Results).Headline}**", text);
        Assert.Equal(
            ["## Results", "## Pair by pair", "## Signs of reward hacking", "## What was kept", "## Kept by source", "## Notes", "## Data", "## Versions and hashes", "## Recipe"],
            text.Split('\n').Where(line => line.StartsWith("## ", StringComparison.Ordinal)));
        Assert.Contains("\n    preset: corrected\n", text);
    }

    [Fact]
    public void A_model_card_has_front_matter_that_hubs_read()
    {
        string card = Card("/models/smollm2-135m");
        string[] parts = card.Split("---\n", 3);
        var front = new DeserializerBuilder().Build().Deserialize<Dictionary<string, object>>(parts[1]);
        Assert.Equal("", parts[0]);
        Assert.Equal(["library_name", "pipeline_tag", "base_model", "tags"], front.Keys);             // no licence: that is the user's to choose
        Assert.Equal("smollm2-135m", front["base_model"]);
        Assert.Contains("a-lol", (List<object>)front["tags"]);
    }

    [Fact]
    public void A_model_card_tells_of_its_own_method_and_the_reference_alone()
    {
        string card = Card("HuggingFaceTB/SmolLM2-135M-Instruct");
        Assert.Contains("base_model: HuggingFaceTB/SmolLM2-135M-Instruct", card);
        Assert.Contains("a-lol beats the reference policy", card);
        Assert.Contains("| reference |", card);
        Assert.DoesNotContain("r-lol", card);
        Assert.Contains("train: 2400 rows of 600 prompts", card);
        Assert.Contains("from_pretrained", card);
    }

    [Fact]
    public void A_model_card_of_an_unknown_method_is_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => ModelCard.Text(new ModelCardInput { Results = SampleRun.Input(_folder).Results, Method = "dpo", Algorithm = "dpo" }));
        Assert.Contains("The results have no method 'dpo'; they have reference, nll, r-lol, a-lol, a-lol-ref-free.", error.Message);
    }

    private string Card(string baseModel)
    {
        ReportInput input = SampleRun.Input(_folder);
        return ModelCard.Text(new ModelCardInput { Results = input.Results, Method = "a-lol", Algorithm = "a-lol", BaseModel = baseModel, DataSummary = input.DataSummary });
    }
}
