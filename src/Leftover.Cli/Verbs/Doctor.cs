using System.CommandLine;
using Leftover.Cli.Machine;
using Spectre.Console;

namespace Leftover.Cli.Verbs;

/// <summary>Tells what this machine has, what of it is used, how fast it computes, and what stands in the way.</summary>
internal static class Doctor
{
    public static Command Create(Host host) =>
        host.On(new Command("doctor", "Check this machine: processor, kernels, memory, speed, rights"), session =>
        {
            var report = MachineReport.Take(session.Clock);
            session.Show(report, page => Draw(page, report));
            return report.Checks.All(check => check.Ok) ? 0 : Failure.Code;
        });

    private static void Draw(Page page, MachineReport report)
    {
        foreach ((string name, string value) in report.Facts) page.Line($"{name,-16}{value}");
        page.Line();
        foreach (MachineCheck check in report.Checks) page.Line($"{(check.Ok ? "ok    " : "FAILED")}  {check.Name}: {check.Found}");
    }
}
