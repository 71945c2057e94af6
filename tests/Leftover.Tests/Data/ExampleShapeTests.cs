using Leftover.Data;
using Leftover.Tokenization;

namespace Leftover.Tests.DataFiles;

public sealed class ExampleShapeTests : IDisposable
{
    private readonly DataFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_rewarded_row_is_an_example_with_its_place()
    {
        Example example = Assert.Single(_folder.Read("log.jsonl", "", """{"prompt": "Hi", "completion": " Hello", "reward": 0.5, "weight": 2, "source": "chat", "propensity": 0.25, "id": 7, "group": "g"}"""));
        Assert.Equal([new ChatMessage("user", "Hi")], example.Prompt);
        Assert.Equal("Hi", example.PromptText);
        Assert.Equal(" Hello", example.Completion);
        Assert.Equal(0.5, Assert.Contains("reward", example.Rewards));
        Assert.Equal((2.0, "chat", 0.25, "7", "g", 2), (example.Weight, example.Source, example.Propensity, example.Id, example.Group, example.Line));
        Assert.False(example.IsChat);
        Assert.Null(example.SftTarget);
    }

    [Fact]
    public void Rewards_keep_their_names()
    {
        IReadOnlyList<Example> examples = _folder.Read("log.jsonl",
            """{"prompt": "a", "completion": "b", "rewards": {"fluency": 1, "safety": 0.25}}""",
            """{"prompt": "a", "completion": "c", "rewards": {"safety": 2, "fluency": 3}}""");
        Assert.All(examples, e => Assert.Equal(["fluency", "safety"], e.Rewards.Keys));
        Assert.Equal([0.25, 2.0], examples.Select(e => e.Rewards["safety"]));
    }

    [Fact]
    public void Columns_of_text_are_kept_where_they_are_asked_for()
    {
        _folder.Write("log.jsonl",
            """{"prompt": "a", "completion": "b", "reference": "r", "evidence": ["one", 2], "note": "unasked"}""",
            """{"prompt": "a", "completion": "c", "reference": null, "evidence": {"no": "text"}}""");
        IReadOnlyList<Example> rows = ExampleReader.Read(new DataOptions { Train = [new DataSource { Path = _folder.Path("log.jsonl") }], Texts = ["reference", "evidence", "missing"] }).Train.Examples;
        Assert.Equal(new Dictionary<string, string> { ["reference"] = "r", ["evidence"] = "one\n2" }, rows[0].Texts);
        Assert.Empty(rows[1].Texts);
        Assert.All(ExampleReader.Read(new DataOptions { Train = [new DataSource { Path = _folder.Path("log.jsonl") }] }).Train.Examples, row => Assert.Empty(row.Texts));
    }

    [Fact]
    public void A_reward_that_one_row_lacks_is_an_error() =>
        Assert.Contains("log.jsonl(2): 'rewards.safety' is missing for the completion \"c\"; other rows of the file have this reward.", _folder.Error("log.jsonl",
            """{"prompt": "a", "completion": "b", "rewards": {"fluency": 1, "safety": 0.25}}""",
            """{"prompt": "a", "completion": "c", "rewards": {"fluency": 3}}"""));

    [Fact]
    public void The_last_turn_of_messages_is_the_completion()
    {
        Example example = Assert.Single(_folder.Read("log.jsonl",
            """{"messages": [{"role": "system", "content": "S"}, {"role": "user", "content": [{"type": "text", "text": "U"}]}, {"role": "assistant", "content": "A"}], "label": true}"""));
        Assert.Equal([new ChatMessage("system", "S"), new ChatMessage("user", "U")], example.Prompt);
        Assert.Equal(("A", true, "S\n\nU"), (example.Completion, example.IsChat, example.PromptText));
        Assert.Equal(1, example.Rewards["label"]);
    }

    [Fact]
    public void A_pair_is_two_rows_of_one_group()
    {
        IReadOnlyList<Example> pair = _folder.Read("pairs.jsonl", """{"prompt": "Q", "chosen": "yes", "rejected": "no"}""");
        Assert.Equal(["yes", "no"], pair.Select(e => e.Completion));
        Assert.Equal([1.0, 0.0], pair.Select(e => e.Rewards["preference"]));
        Assert.Equal([true, false], pair.Select(e => e.SftTarget!.Value));
        Assert.Equal(pair[0].Group, pair[1].Group);
        Assert.Same(pair[0].Prompt, pair[1].Prompt);
        Assert.Equal(["pairs.jsonl:1#0", "pairs.jsonl:1#1"], pair.Select(e => e.Id));
    }

    [Fact]
    public void A_pair_keeps_its_own_scores()
    {
        IReadOnlyList<Example> pair = _folder.Read("pairs.jsonl", """{"prompt": "Q", "chosen": "yes", "rejected": "no", "score_chosen": 8.5, "score_rejected": "3"}""");
        Assert.Equal([8.5, 3.0], pair.Select(e => e.Rewards["reward"]));
    }

    [Fact]
    public void Official_transcripts_share_their_prompt()
    {
        IReadOnlyList<Example> pair = _folder.Read("hh.jsonl",
            """{"chosen": "\n\nHuman: Hi\n\nAssistant: Hello\n\nHuman: Bye\n\nAssistant: So long", "rejected": "\n\nHuman: Hi\n\nAssistant: Hello\n\nHuman: Bye\n\nAssistant: So what"}""");
        Assert.Equal([new ChatMessage("user", "Hi"), new ChatMessage("assistant", "Hello"), new ChatMessage("user", "Bye")], pair[0].Prompt);
        Assert.Equal(["So long", "So what"], pair.Select(e => e.Completion));
        Assert.True(pair[0].IsChat);
    }

    [Fact]
    public void Transcripts_that_part_early_keep_their_later_turns_in_the_completion()
    {
        IReadOnlyList<Example> pair = _folder.Read("hh.jsonl",
            """{"chosen": "\n\nHuman: Hi\n\nAssistant: A\n\nHuman: B\n\nAssistant: C", "rejected": "\n\nHuman: Hi\n\nAssistant: D"}""");
        Assert.Equal([new ChatMessage("user", "Hi")], pair[0].Prompt);
        Assert.Equal(["A\n\nHuman: B\n\nAssistant: C", "D"], pair.Select(e => e.Completion));
    }

    [Fact]
    public void Pairs_of_turns_repeat_the_prompt_or_stand_beside_it()
    {
        IReadOnlyList<Example> examples = _folder.Read("pairs.jsonl",
            """{"prompt": "Q", "chosen": [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "a"}], "rejected": [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "b"}]}""",
            """{"prompt": [{"role": "user", "content": "Q"}], "chosen": [{"role": "assistant", "content": "a"}], "rejected": [{"role": "assistant", "content": "b"}]}""");
        Assert.All(examples, e => Assert.Equal([new ChatMessage("user", "Q")], e.Prompt));
        Assert.Equal(["a", "b", "a", "b"], examples.Select(e => e.Completion));
        Assert.Single(examples.Select(e => e.Group).Distinct());
    }

    [Fact]
    public void Ranked_completions_have_rewards_or_ranks()
    {
        IReadOnlyList<Example> rewarded = _folder.Read("a.jsonl", """{"prompt": "Q", "completions": [{"completion": "x", "reward": -1}, {"text": "y", "reward": 4}, {"completion": "z", "reward": 4}]}""");
        Assert.Equal([-1.0, 4.0, 4.0], rewarded.Select(e => e.Rewards["reward"]));
        Assert.Equal([false, true, false], rewarded.Select(e => e.SftTarget!.Value));

        IReadOnlyList<Example> parallel = _folder.Read("b.jsonl", """{"prompt": "Q", "completions": ["x", "y"], "rewards": [1, 2]}""");
        Assert.Equal([1.0, 2.0], parallel.Select(e => e.Rewards["reward"]));

        // Behind rank 1 are two of the other two, behind rank 2 one of them, behind rank 3 none.
        IReadOnlyList<Example> ranked = _folder.Read("c.jsonl", """{"prompt": "Q", "completions": [{"completion": "x", "rank": 3}, {"completion": "y", "rank": 1}, {"completion": "z", "rank": 2}]}""");
        Assert.Equal([0.0, 1.0, 0.5], ranked.Select(e => e.Rewards["rank"]));

        IReadOnlyList<Example> bare = _folder.Read("d.jsonl", """{"prompt": "Q", "completions": ["x", "y"]}""");
        Assert.All(bare, e => Assert.Empty(e.Rewards));
        Assert.All(bare, e => Assert.Null(e.SftTarget));
    }

    [Fact]
    public void Rewards_of_the_released_format_are_the_sigmoid_of_its_logits()
    {
        const string row = """{"prefix": [["<|prompter|>Hi", "<|assistant|>"], ["<|prompter|>Hi", "<|assistant|>"]], "suffix": ["a", "b"], "reward": [0.0, -1.7065357], "sft_index": 1}""";
        IReadOnlyList<Example> pair = _folder.Read("x.jsonl", row);
        Assert.Equal([new ChatMessage("user", "Hi")], pair[0].Prompt);
        Assert.Equal(0.5, pair[0].Rewards["reward"]);
        Assert.Equal(0.153614, pair[1].Rewards["reward"], 6);
        Assert.Equal([false, true], pair.Select(e => e.SftTarget!.Value));

        DataReport raw = ExampleReader.Read(new DataOptions { Train = [new DataSource { Path = _folder.Path("x.jsonl"), RewardTransform = RewardTransform.None }] });
        Assert.Equal([0.0, -1.7065357], raw.Train.Examples.Select(e => e.Rewards["reward"]));
        Assert.Equal(RewardTransform.None, raw.Train.Files[0].RewardTransform);
    }

    [Fact]
    public void Alpaca_and_sharegpt_rows_are_known()
    {
        IReadOnlyList<Example> alpaca = _folder.Read("a.json", """[{"instruction": "Add", "input": "1+1", "output": "2"},""", """ {"instruction": "Sing", "input": "", "output": "la"}]""");
        Assert.Equal(["Add\n\n1+1", "Sing"], alpaca.Select(e => e.PromptText));
        Assert.Equal([1, 2], alpaca.Select(e => e.Line));

        Example chat = Assert.Single(_folder.Read("s.jsonl", """{"conversations": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Yo"}], "reward": 1}"""));
        Assert.Equal(("Yo", "Hi", 1.0), (chat.Completion, chat.PromptText, chat.Rewards["reward"]));
    }

    [Fact]
    public void Text_alone_has_no_prompt()
    {
        Assert.All(_folder.Read("t.jsonl", """{"text": "one"}""", """{"text": "two"}"""), e => Assert.Empty(e.Prompt));
        IReadOnlyList<Example> lines = _folder.Read("t.txt", "one", "", "two");
        Assert.Equal([("one", 1), ("two", 3)], lines.Select(e => (e.Completion, e.Line)));
        Assert.Equal(2, lines.Select(e => e.Group).Distinct().Count());
    }

    [Fact]
    public void A_transcript_as_prompt_becomes_turns()
    {
        Example example = Assert.Single(_folder.Read("hh.jsonl", """{"prompt": "\n\nHuman: Hi\n\nAssistant: Hello\n\nHuman: Why?\n\nAssistant:", "completion": " Because", "reward": 1}"""));
        Assert.Equal(["Hi", "Hello", "Why?"], example.Prompt.Select(t => t.Content));
    }

    [Fact]
    public void Csv_cells_hold_commas_quotes_and_line_breaks()
    {
        IReadOnlyList<Example> examples = _folder.Read("log.csv", "prompt,completion,reward,weight", "\"a,", "b\",\"say \"\"x\"\"\",1.5,", "c,d 5\" pipe,2,0.5");
        Assert.Equal(["a,\nb", "c"], examples.Select(e => e.PromptText));
        Assert.Equal(["say \"x\"", "d 5\" pipe"], examples.Select(e => e.Completion));
        Assert.Equal([2, 4], examples.Select(e => e.Line));
        Assert.Equal([1.0, 0.5], examples.Select(e => e.Weight));
        Assert.Equal(1.5, examples[0].Rewards["reward"]);
    }

    [Fact]
    public void Tsv_takes_quotes_as_they_are_and_may_lack_a_header()
    {
        string path = _folder.Write("jokes.tsv.gz", "3\t\"Knock knock", "5\tWho's there?");
        DataReport report = ExampleReader.Read(new DataOptions { Train = [new DataSource { Path = path, Header = false, Columns = new Dictionary<string, string> { ["reward"] = "0", ["text"] = "1" } }] });
        Assert.Equal(["\"Knock knock", "Who's there?"], report.Train.Examples.Select(e => e.Completion));
        Assert.Equal([3.0, 5.0], report.Train.Examples.Select(e => e.Rewards["reward"]));
    }

    [Fact]
    public void Columns_have_the_names_the_recipe_gives_them()
    {
        string path = _folder.Write("rtp.jsonl", """{"prompt": {"text": "Once", "toxicity": 0.1}, "continuation": {"text": " upon", "toxicity": 0.75}}""");
        Dictionary<string, string> columns = new() { ["prompt"] = "prompt.text", ["completion"] = "continuation.text", ["rewards.toxicity"] = "continuation.toxicity" };
        Example example = Assert.Single(ExampleReader.Read(new DataOptions { Train = [new DataSource { Path = path }], Columns = columns }).Train.Examples);
        Assert.Equal(("Once", " upon", 0.75), (example.PromptText, example.Completion, example.Rewards["toxicity"]));
    }

    [Fact]
    public void Rows_of_one_prompt_share_a_group_wherever_they_stand()
    {
        IReadOnlyList<Example> examples = _folder.Read("log.jsonl",
            """{"prompt": "a", "completion": "x"}""", """{"prompt": "b", "completion": "x"}""", """{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "y"}]}""");
        Assert.Equal(examples[0].Group, examples[2].Group);
        Assert.NotEqual(examples[0].Group, examples[1].Group);
    }

    [Fact]
    public void A_compressed_file_is_known_by_its_bytes()
    {
        _folder.Write("a.jsonl.gz", """{"prompt": "a", "completion": "b"}""");
        File.Move(_folder.Path("a.jsonl.gz"), _folder.Path("b.jsonl"));
        Assert.Single(ExampleReader.Read(new DataOptions { Train = [new DataSource { Path = _folder.Path("b.jsonl") }] }).Train.Examples);
    }
}
