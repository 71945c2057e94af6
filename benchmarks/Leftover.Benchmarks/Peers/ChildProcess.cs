using System.Diagnostics;

namespace Leftover.Benchmarks.Peers;

/// <summary>A program that is run to its end.</summary>
internal static class ChildProcess
{
    /// <summary>Runs it and returns what it wrote to standard output.</summary>
    /// <param name="program">The program.</param>
    /// <param name="folder">Its working folder.</param>
    /// <param name="environment">Variables to set; null takes one away.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <exception cref="InvalidOperationException">It is not there, or ends with another code than 0.</exception>
    public static string Run(string program, string folder, IReadOnlyDictionary<string, string?>? environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string? value) in environment ?? new Dictionary<string, string?>())
        {
            if (value is null) start.Environment.Remove(name);
            else start.Environment[name] = value;
        }
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new InvalidOperationException($"{program} cannot be started: {e.Message}", e);
        }
        using (process)
        {
            Task<string> errors = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {output}{errors.Result}");
        }
    }

    /// <summary>The same, or null where it is not there or fails.</summary>
    public static string? Try(string program, string folder, IReadOnlyDictionary<string, string?>? environment, params string[] arguments)
    {
        try
        {
            return Run(program, folder, environment, arguments);
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
