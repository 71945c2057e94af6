using Leftover.Data;

namespace Leftover.Tests.DataFiles;

public sealed class SplitTests : IDisposable
{
    private readonly DataFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Numbered(string name, int rows) =>
        _folder.Write(name, [.. Enumerable.Range(0, rows).Select(i => $$"""{"prompt": "p{{i}}", "completion": "c{{i}}", "reward": {{i}}}""")]);

    [Fact]
    public void A_hold_out_divides_the_train_files()
    {
        string path = Numbered("a.jsonl", 12);
        DataReport report = ExampleReader.Read(new DataOptions { Train = [new DataSource { Path = path }], HoldOut = new HoldOut { Modulo = 5, Remainder = 4 } });
        Assert.Equal(["c4", "c9"], report.HeldOut.Examples.Select(e => e.Completion));
        Assert.Equal(10, report.Train.Examples.Count);
        Assert.DoesNotContain("c9", report.Train.Examples.Select(e => e.Completion));
        Assert.Equal((12, 10, 2), (report.Train.Files[0].Rows, report.Train.Files[0].Kept, report.Train.Files[0].Elsewhere));
    }

    [Fact]
    public void Lines_are_left_out_on_either_side_by_file_and_key()
    {
        string path = Numbered("helpful_base.jsonl", 10);
        string bad = _folder.Write("bad.json", """{"helpful_base.json": [0, 4], "other.json": [1]}""");
        DataOptions options = new()
        {
            Train = [new DataSource { Path = path, Lines = [new LineFilter { ExcludeFile = bad }, new LineFilter { Exclude = [2] }] }],
            HeldOut = [new DataSource { Path = path, Lines = [new LineFilter { ExcludeFile = bad, ExcludeKey = "helpful_base" }] }],
            HoldOut = new HoldOut(),
        };
        DataReport report = ExampleReader.Read(options);
        Assert.Equal(["c1", "c3", "c5", "c6", "c7", "c8"], report.Train.Examples.Select(e => e.Completion));
        Assert.Equal(["c9"], report.HeldOut.Examples.Select(e => e.Completion));
        Assert.Equal(3, report.Train.Files[0].Excluded);

        DataOptions wrong = new() { Train = [new DataSource { Path = path, Lines = [new LineFilter { ExcludeFile = bad, ExcludeKey = "helpful_bse" }] }] };
        Assert.Contains("has no list 'helpful_bse'; did you mean 'helpful_base'?", Assert.Throws<DataException>(() => ExampleReader.Read(wrong)).Message);
    }

    [Fact]
    public void A_hold_out_by_prompt_keeps_all_rows_of_a_prompt_on_one_side()
    {
        string path = _folder.Write("a.jsonl", [.. Enumerable.Range(0, 200).Select(i => $$"""{"prompt": "p{{i % 50}}", "completion": "c{{i}}"}""")]);
        DataReport report = ExampleReader.Read(new DataOptions { Train = [new DataSource { Path = path }], HoldOut = new HoldOut { By = HoldOutBy.Prompt } });
        Assert.Empty(report.Train.Examples.Select(e => e.Group).Intersect(report.HeldOut.Examples.Select(e => e.Group)));
        Assert.Equal(200, report.Train.Examples.Count + report.HeldOut.Examples.Count);
        Assert.InRange(report.HeldOut.Prompts, 2, 20);       // 10 expected of 50; outside has a probability below 0.001
        Assert.Empty(report.Overlap);
    }

    [Fact]
    public void Text_without_prompts_is_held_out_by_its_own_hash()
    {
        string path = _folder.Write("names.txt", [.. Enumerable.Range(0, 200).Select(i => $"name {i}")]);
        DataReport report = ExampleReader.Read(new DataOptions { Train = [new DataSource { Path = path }], HoldOut = new HoldOut { By = HoldOutBy.Prompt } });
        Assert.InRange(report.HeldOut.Examples.Count, 20, 62);       // 40 expected of 200; outside has a probability below 0.001
        Assert.Equal(200, report.Train.Examples.Count + report.HeldOut.Examples.Count);
    }

    [Fact]
    public void A_prompt_on_both_sides_is_an_error_unless_told_otherwise()
    {
        string train = _folder.Write("train.jsonl", """{"prompt": "same  thing", "completion": "a"}""", """{"prompt": "x", "completion": "b"}""");
        string test = _folder.Write("test.jsonl", """{"prompt": "other", "completion": "b"}""", """{"prompt": "same thing ", "completion": "a"}""");
        DataOptions options = new() { Train = [new DataSource { Path = train }], HeldOut = [new DataSource { Path = test }], Validation = [new DataSource { Path = test }] };
        string message = Assert.Throws<DataException>(() => ExampleReader.Read(options)).Message;
        Assert.Contains("1 prompt is in the train set and in the held-out set:", message);
        Assert.Contains("train.jsonl(1) and ", message);
        Assert.Contains("test.jsonl(2): \"same  thing\"", message);

        DataReport dropped = ExampleReader.Read(options with { Overlap = OverlapPolicy.Drop });
        Assert.Equal(["b"], dropped.Train.Examples.Select(e => e.Completion));
        Assert.Equal((1, 1, 2), (dropped.DroppedForOverlap, dropped.Overlap.Count, dropped.ValidationPromptsHeldOut));

        DataReport allowed = ExampleReader.Read(options with { Overlap = OverlapPolicy.Allow });
        Assert.Equal((2, 0, 1), (allowed.Train.Examples.Count, allowed.DroppedForOverlap, allowed.Overlap.Count));
    }

    [Fact]
    public void Identical_pairs_and_duplicates_are_counted_and_kept()
    {
        string path = _folder.Write("a.jsonl", """{"prompt": "p", "chosen": "same", "rejected": "same"}""", """{"prompt": "p", "chosen": "same", "rejected": "other"}""");
        ExampleSet train = ExampleReader.Read(new DataOptions { Train = [new DataSource { Path = path }] }).Train;
        Assert.Equal((4, 2, 1, 1), (train.Examples.Count, train.Duplicates, train.Files[0].IdenticalPairs, train.Prompts));
    }

    [Fact]
    public void A_summary_has_the_figures_of_each_source()
    {
        string path = _folder.Write("a.jsonl",
            """{"prompt": "p", "chosen": "abcd", "rejected": "ab", "score_chosen": 4, "score_rejected": 1}""",
            """{"prompt": "q", "chosen": "abcd", "rejected": "ab", "score_chosen": 2, "score_rejected": 2, "source": "b"}""",
            """{"prompt": "r", "chosen": "abcd", "rejected": "ab", "score_chosen": 0, "score_rejected": 1}""");
        DataSummary train = Assert.Single(DataSummary.Of(ExampleReader.Read(new DataOptions { Train = [new DataSource { Path = path }] })));
        Assert.Equal(["a", "b"], train.Sources.Select(s => s.Source));
        Assert.Equal((4, 2, 3.0, 2, 0.5), (train.Sources[0].Examples, train.Sources[0].Prompts, train.Sources[0].MeanCharacters, train.Sources[0].Pairs, train.Sources[0].ChosenEarnsMore));
        Assert.Equal(new RewardSummary(1.5, 1.5, 0, 4), train.Sources[0].Rewards["reward"]);       // 4, 1, 0, 1: squares about 1.5 are 6.25, .25, 2.25, .25
        Assert.Equal(0.5, train.Sources[1].ChosenEarnsMore);
        Assert.Equal(
            ["train: 6 completions of 3 prompts from 1 file", $"  {path}: 3 rows, 3 kept", "  a: reward 1.5000 ± 1.5000 in [0, 4]", "  a: the chosen completion earns more in 50.0 % of 2 pairs",
             "  b: reward 2.0000 ± 0.0000 in [2, 2]", "  b: the chosen completion earns more in 50.0 % of 1 pairs"],
            train.Lines());
    }

    [Fact]
    public void A_limit_keeps_the_first_rows() =>
        Assert.Equal(["c0", "c1", "c2"], ExampleReader.Read(new DataOptions { Train = [new DataSource { Path = Numbered("a.jsonl", 40), MaxRows = 3 }] }).Train.Examples.Select(e => e.Completion));
}
