using System.Text.RegularExpressions;
using Leftover.Batches;
using Leftover.Data;
using Leftover.Models;
using Leftover.Rewards;
using Leftover.Runs;
using Leftover.Tensors;
using Leftover.Tensors.Memory;
using Leftover.Tests.CommandLine;
using Leftover.Tests.Tokenization;
using Leftover.Tokenization;

namespace Leftover.Tests.Docs;

/// <summary>README.md: its example compiles and trains, its recipe and its rows can be read, and what it names is there.</summary>
public class ReadmeTests
{
    private static readonly DocumentPage s_page = new("README.md");

    [Fact]
    public void The_library_example_is_code_that_compiles()
    {
        string code = SourceSnippet.Read("ReadmeExample.cs", "library");
        if (DocumentPage.Updates) s_page.Update("snippet", "library", code);
        Assert.Equal(code, s_page.Block("snippet", "library"));
    }

    [Fact]
    public void The_library_example_makes_the_better_answer_likelier()
    {
        string folder = Directory.CreateTempSubdirectory("leftover-readme-").FullName;
        try
        {
            string before = Path.Combine(folder, "before"), after = Path.Combine(folder, "after");
            Tokenizer tokenizer = TestTokenizers.ChatBytes();
            var config = new LlamaConfig { VocabularySize = tokenizer.VocabularySize, ContextLength = 128, Width = 24, Layers = 2, Heads = 4, InnerWidth = 48 };
            using (LanguageModel model = LanguageModel.Create(config, seed: 1)) ModelFolder.Save(model, before, tokenizer);

            ReadmeExample.Train(before, [("the cat?", "sat on the mat", 1), ("the cat?", "the dog", -1)], after);
            Assert.True(LogProb(after, "sat on the mat") > LogProb(before, "sat on the mat"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void The_rows_that_are_shown_can_be_read_and_the_recipe_runs_on_them()
    {
        string folder = Directory.CreateTempSubdirectory("leftover-readme-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "log.jsonl"), s_page.Block("input", "rows"));
            DataReport data = ExampleReader.Read(new DataOptions { Train = [new DataSource { Path = Path.Combine(folder, "log.jsonl") }] });
            Assert.Equal(s_page.Block("input", "rows").Count(c => c == '\n'), data.Train.Examples.Count);

            Recipe recipe = RecipeLoader.Parse(s_page.Block("input", "recipe"), folder);
            Assert.Equal("log.jsonl", Path.GetFileName(Assert.Single(recipe.Data.Train).Path));
            Assert.True(recipe.Methods.Count >= 2);
            Assert.All(recipe.Rewards, term => Assert.Empty(term.Reward.Bind<RewardSource>().Problems()));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void The_verbs_of_its_table_are_those_of_the_command_line()
    {
        string help = CliRun.Of("--help").Worked().Output;
        IEnumerable<string> verbs = help[help.IndexOf("Commands:", StringComparison.Ordinal)..].Split('\n').Skip(1).Select(line => line.Trim().Split(' ')[0]).Where(word => word.Length > 0);
        string table = s_page.Text[s_page.Text.IndexOf("| verb |", StringComparison.Ordinal)..s_page.Text.IndexOf("`leftover VERB --help`", StringComparison.Ordinal)];
        IEnumerable<string> named = Regex.Matches(table, @"^\| (.+?) \|", RegexOptions.Multiline).SelectMany(row => Regex.Matches(row.Groups[1].Value, "`([a-z-]+)`")).Select(verb => verb.Groups[1].Value);
        Assert.Equal(verbs.Order(StringComparer.Ordinal), named.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_flag_that_it_shows_is_one()
    {
        string everything = string.Concat(new[] { "run", "generate", "chat" }.Select(verb => CliRun.Of(verb, "--help").Worked().Output));
        IEnumerable<string> flags = Regex.Matches(s_page.Text, @"^\./leftover .*$", RegexOptions.Multiline).SelectMany(line => Regex.Matches(line.Value, @"--[a-z_]+")).Select(flag => flag.Value);
        Assert.All(flags, flag => Assert.Matches(flag + "[ ,]", everything));
    }

    [Fact]
    public void Every_file_that_a_page_links_to_is_there()
    {
        string root = DocumentPage.Repository;
        IEnumerable<string> pages = Directory.EnumerateFiles(Path.Combine(root, "docs"), "*.md", SearchOption.AllDirectories).Concat(Directory.EnumerateFiles(root, "*.md"));
        Assert.All(pages, page =>
        {
            IEnumerable<string> links = Regex.Matches(File.ReadAllText(page), @"(?<!!)\[[^\]]*\]\((?!https?:|#)([^)#]+)").Select(match => match.Groups[1].Value);
            Assert.All(links, link => Assert.True(Path.Exists(Path.Combine(Path.GetDirectoryName(page)!, link)), $"{Path.GetRelativePath(root, page)} links to {link}, which is not there."));
        });
    }

    private static double LogProb(string modelFolder, string answer)
    {
        using LanguageModel model = LanguageModel.Load(modelFolder);
        Tokenizer tokenizer = Tokenizer.Load(modelFolder);
        TokenizedExample ids = new ExampleTokenizer(tokenizer, PromptTemplate.For(tokenizer), 256, 64).Tokenize([new ChatMessage("user", "the cat?")], answer);
        using var arena = new Arena();
        using Tape tape = arena.Begin(record: false);
        CompletionBatch batch = BatchPacker.Pack([new TrainingRow(0, ids.Prompt, ids.Completion)]);
        double sum = 0;
        foreach (float value in model.TokenLogProbs(batch.Tokens, batch.Layout, batch.Rows, batch.Targets).Data) sum += value;
        return sum;
    }
}
