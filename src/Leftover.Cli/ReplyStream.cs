using Leftover.Generation;

namespace Leftover.Cli;

/// <summary>Writes one reply to the user while the model writes it.</summary>
internal static class ReplyStream
{
    /// <summary>Streams a reply and ends its line.</summary>
    /// <returns>The reply's own words, and how it ended.</returns>
    public static (string Text, Completion Completion) Write(LoadedModel loaded, int[] prompt, GenerationOptions options, TextWriter output, CancellationToken cancellation)
    {
        Completion? whole = null;
        string prefix = loaded.Template.CompletionPrefix;       // a blank between prompt and reply, no part of the reply
        foreach (string piece in loaded.Generator.Stream(prompt, options, completion => whole = completion, cancellation))
        {
            string shown = piece.StartsWith(prefix, StringComparison.Ordinal) ? piece[prefix.Length..] : piece;
            prefix = "";
            output.Write(shown);
            output.Flush();
        }
        output.WriteLine();
        return (loaded.Template.ReadCompletion(whole!.Text), whole);
    }
}
