using System.CommandLine;
using System.Globalization;
using Leftover.Cli.Arguments;
using Leftover.Cli.Machine;
using Spectre.Console;

namespace Leftover.Cli.Verbs;

/// <summary>Tells what this machine has, what of it is used, how fast it computes, what the stages of the last run reached of that, and what stands in the way.</summary>
internal static class Doctor
{
    public static Command Create(Host host)
    {
        Option<string?> run = Flag.Text("run", "FOLDER", "The run whose stages are held against the machine's speeds; without it the newest below runs/");
        var verb = new Command("doctor", "Check this machine: processor, kernels, memory, speed, rights; and what the last run made of it") { run };
        return host.On(verb, session =>
        {
            var report = MachineReport.Take(session.Clock);
            report = report with { Run = RunSpeeds.Find(session.Parse.GetValue(run), report) };
            session.Show(report, page => Draw(page, report));
            return report.Checks.All(check => check.Ok) ? 0 : Failure.Code;
        });
    }

    private static void Draw(Page page, MachineReport report)
    {
        foreach ((string name, string value) in report.Facts) page.Line($"{name,-16}{value}");
        page.Line();
        foreach (MachineCheck check in report.Checks) page.Line($"{(check.Ok ? "ok    " : "FAILED")}  {check.Name}: {check.Found}");
        page.Line();
        if (report.Run is { } run) Draw(page, run);
        else page.Line("No run below runs/ has told its speeds yet; --run FOLDER names one elsewhere.");
    }

    private static void Draw(Page page, RunSpeeds run)
    {
        page.Line($"What the stages of {run.Folder} reached of the peaks above");
        Table table = Tables.Of("stage", "seconds", "tokens/s", "GFLOP/s", "of the peak", "GB/s of weights", "of memory reads");
        foreach (StageSpeed stage in run.Stages)
        {
            table.Row(stage.Stage, stage.Seconds.ToString("F1", CultureInfo.InvariantCulture), Tables.Number(Math.Round(stage.TokensPerSecond, 1)), Tables.Number(stage.Gflops),
                Share(stage.ShareOfPeak), Tables.Number(stage.ReadGigabytes), Share(stage.ShareOfBandwidth));
        }
        page.Table(table);
    }

    private static string Share(double? share) => share?.ToString("P0", CultureInfo.InvariantCulture) ?? "";
}
