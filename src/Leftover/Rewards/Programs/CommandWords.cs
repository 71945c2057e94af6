using System.Text;

namespace Leftover.Rewards.Programs;

/// <summary>Makes words of a command that is written as one text, as a shell does, but without a shell: nothing is expanded, piped or run.</summary>
internal static class CommandWords
{
    private static readonly string[] s_shell = ["|", "||", "&", "&&", ";", ">", ">>", "<", "2>", "2>&1"];

    /// <summary>The words.</summary>
    /// <param name="command">Several words, which are taken as they are, or one text.</param>
    /// <param name="problem">What is wrong with the text, to be read after its name; null where nothing is.</param>
    public static IReadOnlyList<string> Split(IReadOnlyList<string> command, out string? problem)
    {
        problem = null;
        if (command.Count > 1) return command;
        (List<(string Text, bool Quoted)> words, char open) = Split(command[0]);
        if (open != '\0') problem = $"opens a {open} that it does not close.";
        else if (words.Find(word => !word.Quoted && s_shell.Contains(word.Text)).Text is { } operation)
            problem = $"has '{operation}', which only a shell understands, and none is involved. Write [sh, -c, '…'] for one, or put the command into a script.";
        return [.. words.Select(word => word.Text)];
    }

    // Inside '…' all is literal. A backslash takes the meaning of white space, quotes and itself, and is a letter before all else: paths of Windows have many.
    private static (List<(string Text, bool Quoted)> Words, char Open) Split(string text)
    {
        List<(string, bool)> words = [];
        StringBuilder word = new();
        bool begun = false, quoted = false;
        char quote = '\0';
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (quote == '\0' && char.IsWhiteSpace(c))
            {
                End();
                continue;
            }
            begun = true;
            if (c == '\\' && quote != '\'' && i + 1 < text.Length && IsEscaped(text[i + 1])) word.Append(text[++i]);
            else if (quote == '\0' && c is '"' or '\'') (quote, quoted) = (c, true);
            else if (quote != '\0' && c == quote) quote = '\0';
            else word.Append(c);
        }
        End();
        return (words, quote);

        bool IsEscaped(char next) => next is '"' or '\\' || quote == '\0' && (next == '\'' || char.IsWhiteSpace(next));

        void End()
        {
            if (begun) words.Add((word.ToString(), quoted));
            word.Clear();
            begun = quoted = false;
        }
    }
}
