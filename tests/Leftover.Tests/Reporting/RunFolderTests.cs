using Leftover.Advantages;
using Leftover.Data;
using Leftover.Reporting;

namespace Leftover.Tests.Reporting;

public sealed class RunFolderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("leftover-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_report_written_again_from_the_run_folder_is_the_same()
    {
        ReportInput input = SampleRun.Input(_folder);
        SampleRun.Save(input, _folder);
        string first = Path.Combine(_folder, "first.html"), again = Path.Combine(_folder, "again.html");
        HtmlReport.Write(first, input);
        HtmlReport.Write(again, ReportInput.FromRunFolder(_folder));
        Assert.Equal(File.ReadAllText(first), File.ReadAllText(again));
    }

    [Fact]
    public void A_recipe_of_another_version_is_shown_as_it_stands()
    {
        SampleRun.Save(SampleRun.Input(_folder), _folder);
        string run = """{"format":1,"recipe":{"no_such_key":1}}""";
        File.WriteAllText(Path.Combine(_folder, "run.json"), run);
        Assert.Equal(run, ReportInput.FromRunFolder(_folder).RecipeYaml);
    }

    [Fact]
    public void A_folder_without_results_says_what_to_do()
    {
        var error = Assert.Throws<DataException>(() => ReportInput.FromRunFolder(_folder));
        Assert.Contains("holds no report/results.json: its run has not come to its end. Finish it with `leftover run`.", error.Message);
        Assert.Contains("does not exist", Assert.Throws<DataException>(() => ReportInput.FromRunFolder(Path.Combine(_folder, "no"))).Message);
    }

    [Fact]
    public void A_line_that_cannot_be_read_is_named()
    {
        SampleRun.Save(SampleRun.Input(_folder), _folder);
        string replies = Path.Combine(_folder, "report", "replies-nll.jsonl");
        File.AppendAllText(replies, "{\"prompt\": \n");
        Assert.Contains($"{replies}(121) cannot be read", Assert.Throws<DataException>(() => ReportInput.FromRunFolder(_folder)).Message);
    }

    [Fact]
    public void Results_that_are_no_results_are_named()
    {
        string report = Directory.CreateDirectory(Path.Combine(_folder, "report")).FullName;
        File.WriteAllText(Path.Combine(report, "results.json"), "{}");
        Assert.Contains("results.json cannot be read", Assert.Throws<DataException>(() => ReportInput.FromRunFolder(_folder)).Message);
    }

    [Fact]
    public void A_step_written_twice_counts_as_written_last_and_a_broken_off_line_not_at_all()
    {
        string path = Path.Combine(_folder, "metrics.jsonl");
        File.WriteAllText(path, """
            {"step":1,"train/loss":5}
            {"step":2,"train/loss":4}
            {"step":2,"eval/reward":0.5}

            {"step":2,"train/loss":3}
            {"step":3,"train/lo
            """);
        MetricSeries log = MetricSeries.Read("a-lol", path);
        Assert.Equal([(1, 5.0), (2, 3.0)], log.Of("train/loss"));
        Assert.Equal([(2, 0.5)], log.Of("eval/reward"));
        Assert.Empty(log.Of("train/unknown"));
    }

    [Theory]
    [InlineData("[1]")]
    [InlineData("{\"loss\": 1}")]
    [InlineData("{\"step\": \"one\"}")]
    [InlineData("{\"step\": 1.5}")]
    [InlineData("nonsense")]
    public void A_line_that_is_no_line_of_metrics_is_named(string line)
    {
        string path = Path.Combine(_folder, "metrics.jsonl");
        File.WriteAllText(path, "{\"step\":1}\n" + line + "\n");
        Assert.Contains($"{path}(2) is no line of metrics", Assert.Throws<DataException>(() => MetricSeries.Read("a-lol", path)).Message);
    }

    [Fact]
    public void The_table_that_advantages_are_written_to_can_be_read()
    {
        string path = Path.Combine(_folder, "advantages.jsonl");
        ScoredRow[] rows = [new("a", "log.jsonl", 1, 0, 0.9) { Source = "chat" }, new("b", "log.jsonl", 2, 0, 0.1), new("c", "log.jsonl", 3, 1, 0.7) { Weight = 0 }];
        AdvantageTable.Create(rows, [0.5, 0.5, 0.5], Credit.Advantage).SaveJsonLines(path);

        AdvantageSet set = Assert.Single(AdvantageSet.Read(Input(path)));
        Assert.Equal([0.9 - 0.5, 0.1 - 0.5, 0.7 - 0.5], set.Rows.Select(row => row.Advantage));
        Assert.Equal([true, false, false], set.Rows.Select(row => row.Kept));
        Assert.Equal(["", "advantage not above threshold", "weight is 0"], set.Rows.Select(row => row.Reason));
        Assert.Equal(["chat", null, null], set.Rows.Select(row => row.Source));
        Assert.Equal(3, set.Rows[2].Line);

        ReportTable kept = AdvantageTables.Kept([set]);
        Assert.Equal(["method", "rows", "kept", "share kept", "advantage not above threshold", "weight is 0"], kept.Columns.Take(6).Select(column => column.Title));
        Assert.Equal(["a-lol", "3", "1", "33%", "1", "1"], kept.Rows.Single().Take(6).Select(cell => cell.Text));
        Assert.Equal(["chat", "(none)"], AdvantageTables.BySource([set]).Rows.Select(row => row[0].Text).OrderDescending());
    }

    [Fact]
    public void A_row_that_is_no_advantage_is_named()
    {
        string path = Path.Combine(_folder, "advantages.jsonl");
        File.WriteAllText(path, "{\"advantage\":1,\"kept\":true}\n{\"advantage\":\"much\",\"kept\":true}\n");
        Assert.Contains($"{path}(2) is no row of an advantage table", Assert.Throws<DataException>(() => AdvantageSet.Read(Input(path))).Message);
    }

    private static ReportInput Input(string advantages) => new()
    {
        Results = VerdictTests.Run([("reference", 0), ("a-lol", 1)]),
        Replies = [],
        AdvantageFiles = new Dictionary<string, string> { ["a-lol"] = advantages },
    };
}
