using Leftover.Data;
using Leftover.Runs;
using Leftover.Tests.Golden;

namespace Leftover.Tests.DataFiles;

/// <summary>The published files, read as their descriptions say they are.</summary>
public class SharedDataTests
{
    private static string PathOf(params string[] parts) => SharedData.PathOf(["data", .. parts]);

    private static DataReport Read(string path, bool skipInvalid = true) => ExampleReader.Read(new DataOptions { Train = [new DataSource { Path = path }], SkipInvalid = skipInvalid });

    [SharedTheory("data/hh_lolrl")]
    [InlineData("helpful_base", 2354, 0.402813, 0.66)]
    [InlineData("harmless_base", 2312, 0.548173, 0.60)]
    public void The_better_answers_of_the_released_files_earn_their_published_mean(string name, int rows, double mean, double agreement)
    {
        LineFilter bad = new() { ExcludeFile = PathOf("hh_lolrl", "bad_test_indices.json") };
        DataOptions options = new() { Train = [new DataSource { Path = PathOf("hh_lolrl", $"{name}.jsonl.gz"), Lines = [bad] }], SkipInvalid = true };
        DataReport report = ExampleReader.Read(options);
        FileReport file = report.Train.Files[0];
        Assert.Equal((DataFormat.ALol, rows, RewardTransform.Sigmoid), (file.Format, file.Rows, file.RewardTransform));
        Assert.Equal(rows, file.Kept + file.Excluded + file.Skipped);

        // Published over all rows but the bad ones; the few with an empty answer are passed over here, so the mean may move by their share.
        double[] better = [.. report.Train.Examples.Where(e => e.SftTarget == true).Select(e => e.Rewards["reward"])];
        Assert.Equal(mean, better.Average(), tolerance: (double)file.Skipped / file.Kept);

        // The reward model agrees with the human choice as often as is published, in whole per cent, over all rows.
        DataReport all = Read(PathOf("hh_lolrl", $"{name}.jsonl.gz"));
        Assert.Equal(agreement, DataSummary.Of(all)[0].Sources[0].ChosenEarnsMore!.Value, tolerance: 0.005 + (double)all.Train.Files[0].Skipped / rows);
    }

    [SharedFact("data/hh_lolrl")]
    public void The_second_validation_row_has_the_rewards_worked_out_by_hand()
    {
        DataReport report = Read(PathOf("hh_lolrl", "sampled_dev.jsonl.gz"));
        Assert.Equal([0.597108, 0.153614], report.Train.Examples.Where(e => e.Line == 2).Select(e => Math.Round(e.Rewards["reward"], 6)));
        Assert.Equal(3, report.Train.Files[0].IdenticalPairs);
    }

    [SharedFact("data/hh_lolrl")]
    public void The_suggested_split_is_a_recipe()
    {
        string yaml = """
            data:
              hold_out: {modulo: 5, equals: 4}
              overlap: drop
              skip_invalid: true
              train:
                - path: helpful_base.jsonl.gz
                  lines: [{exclude_file: bad_test_indices.json}, {exclude_file: dev_overlap.json}]
                - path: harmless_base.jsonl.gz
                  lines: [{exclude_file: bad_test_indices.json}, {exclude_file: dev_overlap.json}]
              held_out:
                - {path: helpful_base.jsonl.gz, lines: {exclude_file: bad_test_indices.json}}
                - {path: harmless_base.jsonl.gz, lines: {exclude_file: bad_test_indices.json}}
              validation: sampled_dev.jsonl.gz
            """;
        Recipe recipe = RecipeLoader.Parse(yaml, PathOf("hh_lolrl"));
        DataReport report = ExampleReader.Read(recipe.Data);

        // Counted with another reader: 3595 train and 893 held-out lines, one prompt in both, 1 + 8 lines with an empty answer among all.
        int trainLines = report.Train.Files.Sum(f => f.Kept + f.Skipped);
        int heldOutLines = report.HeldOut.Files.Sum(f => f.Kept + f.Skipped);
        Assert.Equal((3595, 893), (trainLines, heldOutLines));
        Assert.Equal((1, 2), (report.Overlap.Count, report.DroppedForOverlap));
        Assert.Equal(280, report.Validation.Files[0].Rows);
        Assert.All(report.Train.Examples, e => Assert.NotEqual(4, (e.Line - 1) % 5));
        Assert.All(report.HeldOut.Examples, e => Assert.Equal(4, (e.Line - 1) % 5));
        Assert.Empty(report.Train.Examples.Select(e => e.Group).Intersect(report.HeldOut.Examples.Select(e => e.Group)));
        Assert.Empty(report.Train.Examples.Select(e => e.Group).Intersect(report.Validation.Examples.Select(e => e.Group)));
        Assert.Equal(["harmless_base", "helpful_base"], report.HeldOut.Examples.Select(e => e.Source!).Distinct().Order());

        string message = Assert.Throws<DataException>(() => ExampleReader.Read(recipe.Data with { Overlap = OverlapPolicy.Error })).Message;
        Assert.Contains("harmless_base.jsonl.gz(251) and ", message);
        Assert.Contains("harmless_base.jsonl.gz(920)", message);
    }

    [SharedTheory("data/hh_rlhf")]
    [InlineData("harmless-base", 2312, 4, 0)]
    [InlineData("helpful-base", 2354, 4, 2)]
    [InlineData("helpful-rejection-sampled", 2749, 0, 32)]
    public void Official_transcripts_are_pairs_with_one_prompt(string name, int rows, int empty, int identical)
    {
        DataReport report = Read(PathOf("hh_rlhf", $"{name}.test.jsonl.gz"));
        FileReport file = report.Train.Files[0];
        Assert.Equal((DataFormat.Preference, rows, empty, identical), (file.Format, file.Rows, file.Skipped, file.IdenticalPairs));
        Assert.Equal(2 * (rows - empty), report.Train.Examples.Count);
        Assert.All(report.Train.Examples, e => Assert.Equal("user", e.Prompt[0].Role));
        Assert.All(report.Train.Examples, e => Assert.Equal("user", e.Prompt[^1].Role));
    }

    [SharedFact("data/reddit_rjokes")]
    public void A_score_and_a_text_a_line_are_rewarded_text()
    {
        DataSource jokes = new() { Path = PathOf("reddit_rjokes", "dev.tsv.gz"), Header = false, Columns = new Dictionary<string, string> { ["reward"] = "0", ["text"] = "1" } };
        DataReport report = ExampleReader.Read(new DataOptions { Train = [jokes], SkipInvalid = true });
        Assert.Equal(43246, report.Train.Files[0].Rows);
        Assert.Equal(12, report.Train.Files[0].Skipped);             // jokes with tabs in them
        Assert.All(report.Problems, p => Assert.Contains("cells and must have 2", p.Message));
        Assert.All(report.Train.Examples, e => Assert.InRange(e.Rewards["reward"], 0, 11));
    }

    [SharedFact("data/realtoxicityprompts")]
    public void Nested_columns_are_reached_by_dotted_names()
    {
        Dictionary<string, string> columns = new() { ["prompt"] = "prompt.text", ["completion"] = "continuation.text", ["rewards.toxicity"] = "continuation.toxicity" };
        DataReport report = ExampleReader.Read(new DataOptions { Train = [new DataSource { Path = PathOf("realtoxicityprompts", "rtp.jsonl.gz"), Columns = columns }], SkipInvalid = true });
        Assert.Equal(4015, report.Train.Files[0].Rows);
        Assert.True(report.Train.Files[0].Kept > 3900, $"kept {report.Train.Files[0].Kept}");
    }

    [SharedTheory("data/reddit_trump")]
    [InlineData("comments_train.csv", 555)]
    [InlineData("comments_val.csv", 417)]
    public void Comments_with_commas_and_line_breaks_are_read_from_csv(string name, int rows)
    {
        Dictionary<string, string> columns = new() { ["prompt"] = "parent_content", ["completion"] = "content", ["reward"] = "support" };
        DataReport report = ExampleReader.Read(new DataOptions { Train = [new DataSource { Path = PathOf("reddit_trump", name), Columns = columns }], SkipInvalid = true });
        Assert.Equal(rows, report.Train.Files[0].Rows);
        Assert.Equal(rows, report.Train.Files[0].Kept + report.Train.Files[0].Skipped);
        Assert.All(report.Train.Files[0].Problems, p => Assert.Contains("is empty", p.Message));
    }
}
