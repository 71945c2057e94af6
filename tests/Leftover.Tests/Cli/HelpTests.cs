using Leftover.Runs;

namespace Leftover.Tests.CommandLine;

public sealed class HelpTests
{
    private static readonly string[] s_verbs = ["run", "compare", "quickstart", "sft", "reward", "reward-model", "reference", "value", "inspect", "train", "evaluate", "report", "generate", "chat", "doctor"];

    public static TheoryData<string> Verbs => new(s_verbs);

    [Fact]
    public void Help_lists_the_verbs_in_the_order_of_their_stages()
    {
        string help = CliRun.Of("--help").Worked().Output;
        string[] listed = [.. help[help.IndexOf("Commands:", StringComparison.Ordinal)..].Split('\n').Skip(1).Select(line => line.Trim().Split(' ')[0]).Where(word => word.Length > 0)];
        Assert.Equal(s_verbs, listed);
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public void Every_verb_takes_the_common_flags(string verb)
    {
        string help = CliRun.Of(verb, "--help").Worked().Output;
        foreach (string flag in (string[])["--json", "--quiet", "--threads", "--seed"]) Assert.Contains(flag, help);
        Assert.Contains($"leftover {verb}", help);
    }

    [Fact]
    public void Verbs_of_recipes_take_every_flag_of_the_table()
    {
        string help = CliRun.Of("train", "--help").Worked().Output;
        foreach (RecipeFlag flag in RecipeFlags.All) Assert.Contains($"--{flag.Name}", help);
        Assert.Contains("--learning_rate, --lr <VALUE>", help);
    }
}
