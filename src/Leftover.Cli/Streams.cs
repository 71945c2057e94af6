using System.Text;

namespace Leftover.Cli;

/// <summary>Where a verb reads and writes, and at which of it a person sits.</summary>
/// <param name="Input">Standard input.</param>
/// <param name="Output">Standard output: results.</param>
/// <param name="Error">Standard error: messages, and progress where results are for a program.</param>
internal sealed record Streams(TextReader Input, TextWriter Output, TextWriter Error)
{
    /// <summary>True where a person types the input.</summary>
    public bool InputIsTerminal { get; init; }

    /// <summary>True where a person reads the output.</summary>
    public bool OutputIsTerminal { get; init; }

    /// <summary>True where a person reads the messages.</summary>
    public bool ErrorIsTerminal { get; init; }

    /// <summary>The process's own.</summary>
    public static Streams OfProcess()
    {
        if (OperatingSystem.IsWindows()) Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        return new Streams(Console.In, Console.Out, Console.Error)
        {
            InputIsTerminal = !Console.IsInputRedirected,
            OutputIsTerminal = !Console.IsOutputRedirected,
            ErrorIsTerminal = !Console.IsErrorRedirected,
        };
    }
}
