using Leftover.Data;

namespace Leftover.Tests.DataFiles;

public sealed class BadDataTests : IDisposable
{
    private const string Good = """{"prompt": "p", "completion": "c", "reward": 1}""";

    private readonly DataFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("""{"prompt": "p", "completion": "I'm sorry", "reward": NaN}""", "'reward' is NaN for the completion \"I'm sorry\"; a reward is a finite number.")]
    [InlineData("""{"prompt": "p", "completion": "c", "reward": -Infinity}""", "'reward' is -Infinity")]
    [InlineData("""{"prompt": "p", "completion": "c", "reward": "NaN"}""", "'reward' is NaN")]
    [InlineData("""{"prompt": "p", "completion": "c", "reward": 1e999}""", "'reward' is 1e999")]
    [InlineData("""{"prompt": "p", "completion": "c", "reward": null}""", "'reward' is null for the completion")]
    [InlineData("""{"prompt": "p", "completion": "c"}""", "'reward' is missing for the completion \"c\"")]
    [InlineData("""{"prompt": "p", "completion": "c", "reward": "good"}""", "'reward' is good for the completion")]
    [InlineData("""{"prompt": "p", "completion": "c", "reward": [1]}""", "'reward' is a list of 1 for the completion")]
    [InlineData("""{"prompt": "p", "completion": " ", "reward": 1}""", "the completion is empty")]
    [InlineData("""{"prompt": "p", "completion": null, "reward": 1}""", "'completion' is null; it must be a text.")]
    [InlineData("""{"prompt": "p", "reward": 1}""", "'completion' is missing; it must be a text. The row has 'prompt', 'reward'.")]
    [InlineData("""{"completion": "c", "reward": 1}""", "'prompt' is missing")]
    [InlineData("""{"prompt": "", "completion": "c", "reward": 1}""", "'prompt' is empty")]
    [InlineData("""{"prompt": 5, "completion": "c", "reward": 1}""", "'prompt' is 5; it must be a text.")]
    [InlineData("""{"prompt": "p", "completion": {"a": 1}, "reward": 1}""", "'completion' is an object; it must be a text.")]
    [InlineData("""{"prompt": "p", "completion": "c", "reward": 1, "weight": -1}""", "'weight' is -1; it must be at least 0.")]
    [InlineData("""{"prompt": "p", "completion": "c", "reward": 1, "weight": "NaN"}""", "'weight' is NaN; it must be a finite number.")]
    [InlineData("""{"prompt": "p", "completion": "c", "reward": 1, "propensity": 1.5}""", "'propensity' is 1.5; it is the probability")]
    [InlineData("""{"prompt": "p", "completion": "c", "reward": 1""", "the line is no JSON at its byte")]
    [InlineData("""{"prompt": [{"role": "king", "content": "x"}], "completion": "c", "reward": 1}""", "'prompt[0].role' is 'king'; it must be one of")]
    [InlineData("""{"prompt": [{"role": "user"}], "completion": "c", "reward": 1}""", "'prompt[0]' has no 'content'.")]
    [InlineData("""[1]""", "the row is a list of 1; it must be an object")]
    public void A_bad_row_is_named_with_its_place_what_was_found_and_what_is_needed(string row, string expected)
    {
        string message = _folder.Error("train.jsonl", Good, Good, row);
        Assert.StartsWith("1 row cannot be used:\n  ", message);
        Assert.Contains("train.jsonl(3): ", message);
        Assert.Contains(expected, message);
        Assert.EndsWith("or leave such rows out with --skip-invalid.", message);
    }

    [Theory]
    [InlineData("""{"prompt": "p", "chosen": "a", "rejected": ""}""", "completion 1 (counted from 0) is empty")]
    [InlineData("""{"chosen": "just text", "rejected": "just words"}""", "come without a prompt and share none")]
    [InlineData("""{"prompt": "p", "chosen": "a"}""", "'rejected' is missing")]
    [InlineData("""{"prompt": "p", "chosen": [{"role": "user", "content": "x"}], "rejected": [{"role": "user", "content": "x"}]}""", "ends with a turn of the user")]
    [InlineData("""{"prompt": "p", "chosen": "a", "rejected": "b", "chosen_score": 1}""", "'rejected_score' is missing")]
    public void A_bad_pair_says_why(string row, string expected) =>
        Assert.Contains(expected, _folder.Error("pairs.jsonl", """{"prompt": "p", "chosen": "a", "rejected": "b"}""", row));

    [Theory]
    [InlineData("""{"prefix": [["<|prompter|>a", "<|assistant|>"]], "suffix": ["x", "y"], "reward": [1, 2]}""", "'prefix' is a list of 1; it must be a list of 2")]
    [InlineData("""{"prefix": [["a", "<|assistant|>"]], "suffix": ["x"], "reward": [1]}""", "'prefix[0][0]' begins with \"a\"")]
    [InlineData("""{"prefix": [["<|prompter|>a"]], "suffix": ["x"], "reward": [1]}""", "does not end with an open")]
    [InlineData("""{"prefix": [["<|prompter|>a", "<|assistant|>"]], "suffix": ["x"], "reward": [1, 2]}""", "'reward' is a list of 2; it must be a list of 1")]
    [InlineData("""{"prefix": [["<|prompter|>a", "<|assistant|>"]], "suffix": ["x"], "reward": [1], "sft_index": 1}""", "'sft_index' is 1; it must be the number of a 'suffix'")]
    public void A_bad_row_of_the_released_format_says_why(string row, string expected) => Assert.Contains(expected, _folder.Error("x.jsonl", row));

    [Fact]
    public void The_first_ten_problems_are_shown_and_all_are_counted()
    {
        string message = _folder.Error("train.jsonl", [Good, .. Enumerable.Repeat("""{"prompt": "p", "completion": "c", "reward": NaN}""", 13)]);
        Assert.StartsWith("13 rows cannot be used:", message);
        Assert.Equal(10, message.Split("'reward' is NaN").Length - 1);
        Assert.Contains("… and 3 more.", message);
        Assert.Contains("Score the file again with `leftover reward`, or leave such rows out with --skip-invalid.", message);
    }

    [Fact]
    public void Bad_rows_are_left_out_and_counted_where_that_is_asked_for()
    {
        string path = _folder.Write("train.jsonl", Good, "nonsense", """{"prompt": "p", "completion": "c", "reward": NaN}""", Good);
        DataReport report = ExampleReader.Read(new DataOptions { Train = [new DataSource { Path = path }], SkipInvalid = true });
        FileReport file = Assert.Single(report.Train.Files);
        Assert.Equal((4, 2, 2), (file.Rows, file.Kept, file.Skipped));
        Assert.Equal([2, 3], report.Problems.Select(p => p.Line));
        Assert.Equal(1, report.Train.Duplicates);
    }

    [Fact]
    public void A_missing_file_names_one_that_is_near()
    {
        _folder.Write("train.jsonl.gz", Good);
        string message = Assert.Throws<DataException>(() => ExampleReader.Read(new DataOptions { Train = [new DataSource { Path = _folder.Path("train.jsonl") }] })).Message;
        Assert.Contains("train.jsonl does not exist", message);
        Assert.Contains($"Did you mean '{_folder.Path("train.jsonl.gz")}'?", message);
    }

    [Theory]
    [InlineData("empty.jsonl", "is empty; it must hold at least one row.")]
    [InlineData("empty.csv", "is empty; it must hold at least one row.")]
    [InlineData("data.parquet", "ends in '.parquet'; rows are read from .jsonl")]
    public void A_file_that_gives_no_rows_is_an_error(string name, string expected) => Assert.Contains(expected, _folder.Error(name));

    [Fact]
    public void An_unknown_shape_lists_the_columns_and_the_known_shapes()
    {
        string message = _folder.Error("x.jsonl", """{"question": "q", "answer": "a"}""");
        Assert.Contains("x.jsonl(1) has the columns 'question', 'answer'; none of the known shapes fits", message);
        Assert.Contains("prompt + completion", message);
    }

    [Fact]
    public void A_renamed_column_that_is_not_there_is_an_error()
    {
        string path = _folder.Write("x.jsonl", """{"question": "q", "answer": "a"}""");
        DataOptions options = new() { Train = [new DataSource { Path = path, Columns = new Dictionary<string, string> { ["prompt"] = "qestion", ["completion"] = "answer" } }] };
        Assert.Contains("columns.prompt is 'qestion', which the file does not have; did you mean 'question'?", Assert.Throws<DataException>(() => ExampleReader.Read(options)).Message);
    }

    [Fact]
    public void Prompts_alone_are_no_training_data_but_may_be_held_out()
    {
        Assert.Contains("has prompts without completions", _folder.Error("p.jsonl", """{"prompt": "a"}"""));
        DataReport report = ExampleReader.Read(new DataOptions { HeldOut = [new DataSource { Path = _folder.Path("p.jsonl") }] });
        Assert.Equal("", Assert.Single(report.HeldOut.Examples).Completion);
    }

    [Fact]
    public void A_csv_row_of_the_wrong_width_and_an_open_quote_are_named()
    {
        Assert.Contains("a.csv(3): the row has 3 cells and must have 2", _folder.Error("a.csv", "prompt,completion", "a,b", "a,b,c"));
        Assert.Contains("b.csv(3): a quote is out of place", _folder.Error("b.csv", "prompt,completion", "a,b", "\"a,b", "c,d"));
        Assert.Contains("names the column 'prompt' twice", _folder.Error("c.csv", "prompt,prompt", "a,b"));
        Assert.Contains("'reward' is missing for the completion \"b\"", _folder.Error("d.csv", "prompt,completion,reward", "a,c,1", "a,b,"));
    }

    [Fact]
    public void A_torn_gzip_file_is_named()
    {
        _folder.Write("a.jsonl.gz", [.. Enumerable.Range(0, 2000).Select(i => $$"""{"prompt": "{{i * 7919}}", "completion": "{{i * 104729}}", "reward": 1}""")]);
        byte[] bytes = File.ReadAllBytes(_folder.Path("a.jsonl.gz"));
        bytes[bytes.Length / 2] ^= 0x55;
        File.WriteAllBytes(_folder.Path("b.jsonl.gz"), bytes);
        string message = Assert.Throws<DataException>(() => ExampleReader.Read(new DataOptions { Train = [new DataSource { Path = _folder.Path("b.jsonl.gz") }] })).Message;
        Assert.Contains("b.jsonl.gz", message);
    }

    [Fact]
    public void Problems_of_all_files_are_gathered()
    {
        string bad = _folder.Write("bad.jsonl", Good, "{");
        DataOptions options = new() { Train = [new DataSource { Path = _folder.Path("missing.jsonl") }, new DataSource { Path = bad }], Validation = [new DataSource { Path = _folder.Path("none.csv") }] };
        string message = Assert.Throws<DataException>(() => ExampleReader.Read(options)).Message;
        Assert.Contains("missing.jsonl does not exist", message);
        Assert.Contains("none.csv does not exist", message);
        Assert.Contains("bad.jsonl(2): ", message);
    }

    [Fact]
    public void Nothing_but_nonsense_is_no_file_of_rows()
    {
        Assert.Contains("none of its first 2 rows can be read", _folder.Error("x.jsonl", "hello", "world"));
        Assert.Contains("is no JSON at its byte", _folder.Error("x.json", "[{\"prompt\": \"a\",", "\"completion\": }]"));
    }

    [Fact]
    public void Any_bytes_at_all_give_rows_or_a_data_exception()
    {
        string[] seeds = [Good, "[" + Good + "]", "prompt,completion,reward\na,b,1\n\"c\",d,2", "\u0000\u0001", "{\"prompt\": [[]], \"completion\": [], \"chosen\": {}}"];
        for (int i = 0; i < 200; i++)
        {
            Tensors.RandomStream random = new(i, "fuzz");
            byte[] bytes = System.Text.Encoding.UTF8.GetBytes(seeds[random.Next(seeds.Length)]);
            for (int changes = random.Next(6); changes > 0; changes--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            string path = _folder.Path($"fuzz{i}" + new[] { ".jsonl", ".json", ".csv", ".tsv", ".txt" }[random.Next(5)]);
            File.WriteAllBytes(path, bytes);
            try
            {
                ExampleReader.Read(new DataOptions { Train = [new DataSource { Path = path }], SkipInvalid = random.Next(2) == 0 });
            }
            catch (DataException e)
            {
                Assert.Contains($"fuzz{i}", e.Message);
            }
        }
    }
}
