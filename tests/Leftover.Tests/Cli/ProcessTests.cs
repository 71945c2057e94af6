using System.Diagnostics;

namespace Leftover.Tests.CommandLine;

[Trait("Category", "Slow")]
public sealed class ProcessTests
{
    [Theory]
    [InlineData("--version", 0)]
    [InlineData("frobnicate", 2)]
    [InlineData("generate --model nowhere --prompt x", 1)]
    public void The_exit_code_tells_a_shell_what_happened(string line, int code)
    {
        CliRun run = CliProcess.Run(line.Split(' '));
        Assert.Equal(code, run.Code);
        Assert.Equal(code == 0, run.Error.Length == 0);
        Assert.Equal(code == 0, run.Output.Length > 0);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("many")]
    public void A_number_of_threads_that_is_none_is_refused_before_any_work(string threads)
    {
        using var folder = new CliFolder(withModel: false);
        CliRun run = CliProcess.RunWithThreads(threads, "train", folder.Recipe);
        Assert.Contains($"LEFTOVER_THREADS is '{threads}'; it must be a whole number, at least 1", run.Error);
        Assert.Equal(1, run.Code);
    }

    [UnixFact]
    public void Interrupted_training_says_how_to_go_on_and_goes_on_to_the_same_bytes()
    {
        using var folder = new CliFolder();
        string[] args = ["train", folder.Recipe, "training.steps=600", "algorithm=a-lol"];
        folder.WriteRecipe(algorithm: "");
        using Process process = CliProcess.Start(args);
        string metrics = folder.PathOf("runs", "recipe", "methods", "a-lol", "metrics.jsonl");
        while (!process.HasExited && !(File.Exists(metrics) && new FileInfo(metrics).Length > 500)) Thread.Sleep(20);
        // SIGTERM, not SIGINT: a process started in the background of a script inherits that SIGINT is ignored.
        Assert.Equal(0, CliProcess.Other("kill", "-TERM", process.Id.ToString()));

        CliRun stopped = CliProcess.Finish(process);
        Assert.Equal(1, stopped.Code);
        Assert.Contains("the same command goes on from there", stopped.Error);
        Assert.DoesNotContain("   at ", stopped.Error);

        CliRun again = CliProcess.Run(args).Worked();
        Assert.Contains("going on after step", again.Output);
        CliProcess.Run([.. args, "--output_dir", folder.PathOf("whole")]).Worked();
        Assert.Equal(
            File.ReadAllBytes(folder.PathOf("whole", "methods", "a-lol", "model", "model.safetensors")),
            File.ReadAllBytes(folder.PathOf("runs", "recipe", "methods", "a-lol", "model", "model.safetensors")));
    }
}

/// <summary>A fact about signals and permissions as Unix has them.</summary>
internal sealed class UnixFactAttribute : FactAttribute
{
    public UnixFactAttribute() => Skip = OperatingSystem.IsWindows() ? "Windows has no such signals." : null!;
}
