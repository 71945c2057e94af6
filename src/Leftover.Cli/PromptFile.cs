using System.Text.Json;
using Leftover.Data;
using Leftover.Generation;
using Leftover.Tokenization;
using GenerationOptions = Leftover.Generation.GenerationOptions;

namespace Leftover.Cli;

/// <summary>A reply as <c>generate</c> writes it: one line of JSON.</summary>
/// <param name="Id">The prompt's row; null for a single prompt.</param>
/// <param name="Prompt">The prompt's text; null for a single prompt.</param>
/// <param name="Completion">The reply's own words.</param>
/// <param name="Tokens">Its length, in tokens.</param>
/// <param name="Reason">Why it ended.</param>
/// <param name="LogProb">Sum of ln π over its tokens, in nats.</param>
internal sealed record ReplyRow(string? Id, string? Prompt, string Completion, int Tokens, string Reason, double LogProb);

/// <summary>Answers a file of prompts.</summary>
internal static class PromptFile
{
    /// <summary>The rows of a file; completions may be missing.</summary>
    /// <exception cref="DataException">The file or a row cannot be used.</exception>
    public static IReadOnlyList<Example> Read(string path) =>
        ExampleReader.Read(new DataOptions { Validation = [new DataSource { Path = path }] }).Validation.Examples;

    /// <summary>Writes a reply (or several) to every row.</summary>
    /// <param name="session">Who is told.</param>
    /// <param name="loaded">The model.</param>
    /// <param name="rows">The prompts.</param>
    /// <param name="before">Turns before each prompt that has no system turn of its own.</param>
    /// <param name="prompts">Makes ids of them.</param>
    /// <param name="options">How to write.</param>
    /// <param name="target">The file; null for standard output.</param>
    public static int Answer(Session session, LoadedModel loaded, IReadOnlyList<Example> rows, ChatMessage[] before, PromptIds prompts, GenerationOptions options, string? target)
    {
        int[][] ids = [.. rows.Select(row => prompts.Of(row, before))];
        IReadOnlyList<Completion> completions = loaded.Generator.Generate(ids, options, session.Observer, session.Cancellation);
        ReplyRow[] replies = [.. completions.Select(completion => Row(loaded, completion) with { Id = rows[completion.Prompt].Id, Prompt = rows[completion.Prompt].PromptText })];
        if (target is not null) JsonLines.Write(target, replies);
        else if (!session.Json) session.Streams.Output.Write(string.Concat(replies.Select(JsonResult.Line)));

        var result = new { output = target, prompts = rows.Count, promptsCut = prompts.Cut, replies = replies.Length, tokens = replies.Sum(reply => reply.Tokens), completions = target is null ? replies : null };
        string cut = prompts.Cut == 0 ? "" : $" {prompts.Cut} prompts were cut at their beginning.";
        string line = $"{replies.Length} replies to {rows.Count} prompts, {result.tokens} tokens{(target is null ? "" : $", in {target}")}.{cut}";
        if (session.Json) session.Show(result, _ => { });
        else session.Observer.Say(line);
        return 0;
    }

    /// <summary>A completion as a row.</summary>
    public static ReplyRow Row(LoadedModel loaded, Completion completion) => new(
        null, null, loaded.Template.ReadCompletion(completion.Text), completion.Tokens.Length, JsonNamingPolicy.SnakeCaseLower.ConvertName(completion.Reason.ToString()), completion.LogProbs.Sum(value => (double)value));
}
