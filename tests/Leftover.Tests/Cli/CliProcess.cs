using System.Diagnostics;

namespace Leftover.Tests.CommandLine;

/// <summary>The command line as a process of its own.</summary>
internal static class CliProcess
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(3);

    public static Process Start(params string[] args)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Leftover.Cli.dll"), .. args]) { RedirectStandardOutput = true, RedirectStandardError = true };
        return Process.Start(start)!;
    }

    /// <summary>Runs with a number of threads out of the environment.</summary>
    public static CliRun RunWithThreads(string threads, params string[] args)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Leftover.Cli.dll"), .. args]) { RedirectStandardOutput = true, RedirectStandardError = true, Environment = { ["LEFTOVER_THREADS"] = threads } };
        using Process process = Process.Start(start)!;
        return Finish(process);
    }

    /// <summary>Waits for its end; it is ended where that takes too long.</summary>
    public static CliRun Finish(Process process)
    {
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(s_limit)) process.Kill(entireProcessTree: true);
        process.WaitForExit();
        return new CliRun(process.ExitCode, output.Result, error.Result);
    }

    public static CliRun Run(params string[] args)
    {
        using Process process = Start(args);
        return Finish(process);
    }

    /// <summary>Runs another program to its end; its exit code, or −1 where there is no such program.</summary>
    public static int Other(string program, params string[] args)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, args) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return -1;
        }
    }
}
