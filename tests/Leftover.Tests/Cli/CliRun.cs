using System.Text.Json;
using Leftover.Cli;
using Leftover.Runs;

namespace Leftover.Tests.CommandLine;

/// <summary>One command line, run inside the test.</summary>
internal sealed record CliRun(int Code, string Output, string Error)
{
    public static CliRun Of(params string[] args) => With("", args);

    /// <summary>On a machine with so much memory, all of it free.</summary>
    public static CliRun On(long memory, params string[] args) => Run("", () => new MachineMemory(memory, memory), args);

    /// <summary>With something on standard input.</summary>
    public static CliRun With(string input, params string[] args) => Run(input, MachineMemory.Now, args);

    private static CliRun Run(string input, Func<MachineMemory> memory, string[] args)
    {
        using StringWriter output = new(), error = new();
        int code = App.Run(args, new Host(new Streams(new StringReader(input), output, error), CancellationToken.None, TimeProvider.System) { Memory = memory });
        return new CliRun(code, output.ToString(), error.ToString());
    }

    /// <summary>Standard output as JSON: there must be nothing else on it.</summary>
    public JsonElement Json => JsonElement.Parse(Output);

    /// <summary>The command line must have worked.</summary>
    public CliRun Worked()
    {
        Assert.True(Code == 0, $"exit code {Code}\n{Output}\n{Error}");
        return this;
    }
}
