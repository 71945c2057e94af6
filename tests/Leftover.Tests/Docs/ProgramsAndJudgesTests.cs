using System.Text.Json;
using Leftover.Rewards;
using Leftover.Rewards.Judging;
using Leftover.Rewards.Programs;
using Leftover.Runs;

namespace Leftover.Tests.Docs;

/// <summary>docs/programs-and-judges.md: its recipes are read, its program scores its rows, and the rows are what a program gets.</summary>
public sealed class ProgramsAndJudgesTests : IDisposable
{
    private static readonly DocumentPage s_page = new("docs", "programs-and-judges.md");

    private readonly string _folder = Directory.CreateTempSubdirectory("leftover-page").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_program_scores_the_rows_of_the_page_which_are_what_it_gets()
    {
        File.WriteAllText(Path.Combine(_folder, "polite.sh"), s_page.Block("input", "program"));
        File.WriteAllText(Path.Combine(_folder, "words.txt"), "");
        ProgramReward program = (ProgramReward)Assert.Single(RecipeLoader.Parse(s_page.Block("input", "program-recipe"), _folder).Rewards).Reward.Bind<RewardSource>();
        string[] lines = s_page.Block("input", "program-lines").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        RewardInput[] rows = [.. lines.Select(line => JsonElement.Parse(line)).Select(row => new RewardInput(Text(row, "prompt"), Text(row, "completion"), new Dictionary<string, double>())
        {
            Id = Text(row, "id"),
            Texts = new Dictionary<string, string> { ["reference"] = Text(row, "reference") },
        })];
        Assert.Equal(lines, rows.Select(row => ProgramLines.Of(row, program)));
        Assert.Equal([1, 0], program.Score(rows));

        static string Text(JsonElement row, string name) => row.GetProperty(name).GetString()!;
    }

    [Fact]
    public void The_judges_are_read_and_the_rubric_names_what_the_page_says()
    {
        File.WriteAllText(Path.Combine(_folder, "rubric.txt"), s_page.Block("input", "rubric"));
        Recipe recipe = RecipeLoader.Parse(s_page.Block("input", "judge-recipe"), _folder);
        JudgeReward judge = (JudgeReward)Assert.Single(recipe.Rewards).Reward.Bind<RewardSource>();
        Assert.Equal(["reference"], judge.ReadColumns);
        Assert.Equal((2.5, 0.15, 60), (judge.MaxCost, judge.InputPrice, judge.RequestsPerMinute));
        Assert.NotNull(recipe.Evaluation.Judge);
    }
}
