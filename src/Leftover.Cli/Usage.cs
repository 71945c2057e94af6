using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Leftover.Runs;

namespace Leftover.Cli;

/// <summary>Thrown where the command line itself is wrong.</summary>
internal sealed class UsageException(string message) : Exception(message);

/// <summary>Tells what is wrong with a command line, and what was probably meant.</summary>
internal static class Usage
{
    /// <summary>Throws where the command line cannot be run.</summary>
    /// <exception cref="UsageException">A verb or a flag is unknown, or a value is missing or no good.</exception>
    public static void Check(ParseResult parse)
    {
        if (parse.Action is CommandLineAction { ClearsParseErrors: true }) return;           // --help, --version
        Command command = parse.CommandResult.Command;
        string[] stray = [.. Positional(parse).Where(IsFlag), .. parse.UnmatchedTokens];
        if (stray.Length > 0)
        {
            string first = stray.FirstOrDefault(IsFlag) ?? stray[0];
            if (IsFlag(first)) throw new UsageException($"The flag '{first}' is unknown{Hint(first, command)}");
            if (command is RootCommand)
                throw new UsageException($"The verb '{first}' is unknown{Or(Spelling.Hint(first, command.Subcommands.Select(verb => verb.Name)), $". Verbs: {string.Join(", ", command.Subcommands.Select(verb => verb.Name))}.")}");
            throw new UsageException($"'{first}' is one argument too many.");
        }
        if (parse.Errors.Count > 0) throw new UsageException(string.Join('\n', parse.Errors.Select(error => error.Message).Distinct()));
    }

    private static IEnumerable<string> Positional(ParseResult parse) =>
        parse.CommandResult.Command.Arguments.SelectMany(argument => parse.GetResult(argument)?.Tokens ?? []).Select(token => token.Value);

    private static bool IsFlag(string token) => token.Length > 1 && token[0] == '-' && !char.IsAsciiDigit(token[1]) && token[1] != '.';

    private static string Hint(string flag, Command command)
    {
        string word = flag.TrimStart('-').Split('=')[0].Replace('-', '_');
        IEnumerable<string> known = Flags(command).SelectMany(option => option.Aliases.Prepend(option.Name)).Select(name => name.TrimStart('-')).Where(name => name.Length > 1);
        return Spelling.Closest(word, known) is { } meant ? $"; did you mean '--{meant}'?" : ".";
    }

    /// <summary>The flags that a verb takes, those of all verbs included.</summary>
    private static IEnumerable<Option> Flags(Command command) =>
        command.Options.Concat(command.Parents.OfType<Command>().SelectMany(parent => parent.Options.Where(option => option.Recursive))).Where(option => !option.Hidden);

    private static string Or(string text, string otherwise) => text.Length > 0 ? text : otherwise;
}
