using System.CommandLine;

namespace Leftover.Cli.Arguments;

/// <summary>Dash and underscore are one in a flag: <c>--max-steps</c> is <c>--max_steps</c>.</summary>
internal static class FlagSpelling
{
    /// <summary>The arguments with their flags as the verbs spell them; what is no flag of a verb stays as it is.</summary>
    public static string[] Canonical(IReadOnlyList<string> args, RootCommand root)
    {
        HashSet<string> known = [.. root.Subcommands.Append(root).SelectMany(verb => verb.Options).SelectMany(option => option.Aliases.Prepend(option.Name))];
        return [.. args.Select(arg => Canonical(arg, known))];
    }

    private static string Canonical(string arg, HashSet<string> known)
    {
        if (!arg.StartsWith("--", StringComparison.Ordinal) || arg.Length == 2) return arg;
        int end = arg.IndexOf('=', StringComparison.Ordinal);
        string name = end < 0 ? arg : arg[..end];
        string spelled = "--" + name[2..].Replace('-', '_');
        return known.Contains(spelled) ? spelled + arg[name.Length..] : arg;
    }
}
