using System.Text.Json;
using Leftover.Cli.Machine;
using Leftover.Runs;
using Leftover.Tensors.Kernels;

namespace Leftover.Tests.CommandLine;

public sealed class DoctorTests
{
    [Fact]
    public void The_doctor_measures_this_machine_and_finds_it_fit()
    {
        JsonElement json = CliRun.Of("doctor", "--json").Worked().Json;
        Assert.Equal(Instructions.Current.ToString().ToLowerInvariant(), json.GetProperty("kernels").GetString());
        Assert.Equal(Environment.ProcessorCount, json.GetProperty("cores").GetInt32());
        Assert.Equal("fp32", json.GetProperty("peaks")[0].GetProperty("dtype").GetString());
        foreach (JsonElement speed in (JsonElement[])[json.GetProperty("peaks")[0].GetProperty("gflops"), json.GetProperty("product_gflops"), json.GetProperty("read_gigabytes")])
            foreach (string threads in (string[])["one_thread", "all_threads"]) Assert.InRange(speed.GetProperty(threads).GetDouble(), 0.01, 1e6);
        Assert.All(json.GetProperty("checks").EnumerateArray(), check => Assert.True(check.GetProperty("ok").GetBoolean(), check.ToString()));
    }

    [Fact]
    public void A_run_leaves_the_speed_of_each_stage_and_the_doctor_holds_it_against_the_machine()
    {
        using var folder = new CliFolder();
        CliRun.Of("run", folder.Recipe, "--quiet").Worked();
        string run = folder.PathOf("runs", "recipe");
        StagePerformance[] stages = [.. RunPerformance.Read(run)!.Stages];
        Assert.Superset(new HashSet<string> { "Reference log-probabilities", "Training nll", "Training a-lol", "Replies of reference", "Replies of a-lol" }, stages.Select(stage => stage.Stage).ToHashSet());
        Assert.All(stages, stage => Assert.True(stage.Seconds > 0 && stage.Tokens > 0 && stage.Operations > 0, stage.ToString()));
        Assert.All(stages, stage => Assert.Equal(stage.Stage.StartsWith("Replies", StringComparison.Ordinal), stage.WeightBytes > 0));

        double tokens = File.ReadLines(Path.Combine(run, "methods", "a-lol", "metrics.jsonl"))
            .Sum(line => JsonElement.Parse(line).TryGetProperty("train/num_tokens", out JsonElement count) ? count.GetDouble() : 0);
        Assert.Equal(tokens, stages.Single(stage => stage.Stage == "Training a-lol").Tokens);

        JsonElement[] told = [.. CliRun.Of("doctor", "--run", run, "--json").Worked().Json.GetProperty("run").GetProperty("stages").EnumerateArray()];
        Assert.Equal(stages.Select(stage => stage.Stage), told.Select(stage => stage.GetProperty("stage").GetString()));
        Assert.All(told, stage => Assert.True(stage.GetProperty("share_of_peak").GetDouble() > 0));
        string page = CliRun.Of("doctor", "--run", run).Worked().Output;
        Assert.Contains($"What the stages of {run} reached", page);
        Assert.Contains("Training a-lol", page);
    }

    [Fact]
    public void A_folder_without_speeds_is_an_error()
    {
        using var folder = new CliFolder(withModel: false);
        CliRun run = CliRun.Of("doctor", "--run", folder.Root);
        Assert.Equal(1, run.Code);
        Assert.Contains("has no performance.json", run.Error);
    }

    [Fact]
    public void Shares_are_of_the_peak_of_the_stages_own_type_kernels_and_threads()
    {
        using var folder = new CliFolder(withModel: false);
        StagePerformance stage = new("Training", 2, 100, 60e9, 0, "avx2", "fp32", 2);
        new RunPerformance
        {
            Stages =
            [
                stage, stage with { Stage = "alone", Threads = 1 }, stage with { Stage = "bf16", Dtype = "bf16" },
                stage with { Stage = "elsewhere", Kernels = "avx512" }, stage with { Stage = "Replies", WeightBytes = 8e9 },
            ],
        }.MergeInto(folder.Root);
        MachineReport machine = MachineReport.Take(TimeProvider.System) with { Kernels = "avx2", Peaks = [new Peak("fp32", new Speed(40, 60))], ReadGigabytes = new Speed(5, 8) };
        StageSpeed[] speeds = [.. RunSpeeds.Find(folder.Root, machine)!.Stages];
        Assert.Equal([0.5, 0.75, null, null, 0.5], speeds.Select(speed => speed.ShareOfPeak));
        Assert.Equal([null, null, null, null, 0.5], speeds.Select(speed => speed.ShareOfBandwidth));
    }

    [Theory]
    [InlineData(0x10, 0, 0, 0, 0, "")]                                       // its highest leaf is 16, but leaf 7 reports nothing
    [InlineData(6, 1, -1, -1, -1, "")]                                       // it has no leaf 7: what comes back there means nothing
    [InlineData(0x10, 1, 1 << 16, 0, 1 << 5 | 1 << 4, "AVX-VNNI AVX512-BF16")]
    [InlineData(0x10, 0, 1 << 16, 0, 1 << 5, "")]                             // no subleaf 1
    [InlineData(0x10, 1, 0, 0, 1 << 5, "")]                                   // bf16 without AVX-512
    [InlineData(0x10, 1, 1 << 16, 1 << 11, 0, "AVX512-VNNI")]
    public void Short_types_are_read_from_cpuid(int leaves, int subleaves, int ebx, int ecx, int subleaf1, string expected)
    {
        (int, int, int, int) Cpuid(int leaf, int subleaf) => (leaf, subleaf) switch { (0, 0) => (leaves, 0, 0, 0), (7, 0) => (subleaves, ebx, ecx, 0), (7, 1) => (subleaf1, 0, 0, 0), _ => default };
        Assert.Equal(expected, string.Join(' ', ProcessorBits.Read(Cpuid)));
    }

    [Theory]
    [InlineData("avx2", true, true, "LEFTOVER_KERNELS asks for them")]
    [InlineData(null, true, false, "keeps .NET from using it")]
    [InlineData("", false, false, "the fastest")]
    public void The_choice_of_kernels_is_explained(string? asked, bool processor, bool runtime, string expected) =>
        Assert.Contains(expected, MachineFacts.WhyKernels(asked, processor, runtime));
}
