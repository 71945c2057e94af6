using System.CommandLine;
using System.Text.RegularExpressions;
using Leftover.Data;
using Leftover.Runs;
using Leftover.Tensors;

namespace Leftover.Cli;

/// <summary>What the user sees of an exception: its message and the exit code, no stack.</summary>
internal static partial class Failure
{
    /// <summary>The exit code of a failure.</summary>
    public const int Code = 1;

    /// <summary>The exit code of a command line that is wrong.</summary>
    public const int UsageCode = 2;

    /// <summary>Writes the message on standard error, and with <c>--json</c> as an object on standard output too.</summary>
    /// <returns>The exit code.</returns>
    public static int Report(Exception exception, Host host, ParseResult parse)
    {
        Exception cause = Unwrap(exception);
        string message = MessageOf(cause, parse);
        host.Streams.Error.WriteLine(cause is OperationCanceledException ? message : $"error: {message}");
        if (parse.GetValue(host.Flags.Debug)) host.Streams.Error.WriteLine(exception);
        if (parse.GetValue(host.Flags.Json)) host.Streams.Output.WriteLine(JsonResult.Text(new { error = message }));
        return cause is UsageException ? UsageCode : Code;
    }

    private static string MessageOf(Exception cause, ParseResult parse) => cause switch
    {
        UsageException => $"{cause.Message}\nSee `{HelpOf(parse)}`.",
        OperationCanceledException => "Stopped. What was finished is kept: the same command goes on from there.",
        ArgumentException => ParameterName().Replace(cause.Message, ""),
        DataException or RecipeException or ShapeException or InvalidDataException or IOException or UnauthorizedAccessException
            or ArithmeticException or NotSupportedException or OutOfMemoryException => cause.Message,
        _ => $"{cause.GetType().Name}: {cause.Message}\nThis is a mistake in leftover itself. Please report it with the output of the same command and --debug.",
    };

    /// <summary>The exception that tells something: out of the ones that parallel loops and static initialisers put around it.</summary>
    private static Exception Unwrap(Exception exception) => exception switch
    {
        AggregateException { InnerExceptions: [{ } first, ..] } => Unwrap(first),
        TypeInitializationException { InnerException: { } inner } => Unwrap(inner),
        _ => exception,
    };

    private static string HelpOf(ParseResult parse) =>
        parse.CommandResult.Command is RootCommand ? "leftover --help" : $"leftover {parse.CommandResult.Command.Name} --help";

    // What the runtime puts behind the message of an ArgumentException: the programmer's name for it.
    [GeneratedRegex(@" \(Parameter '\w+'\)")]
    private static partial Regex ParameterName();
}
