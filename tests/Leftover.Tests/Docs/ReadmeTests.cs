using Leftover.Batches;
using Leftover.Data;
using Leftover.Models;
using Leftover.Rewards;
using Leftover.Runs;
using Leftover.Tensors;
using Leftover.Tensors.Memory;
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
