using System.CommandLine;
using Leftover.Cli.Arguments;
using Leftover.Data;
using Leftover.Generation;
using Leftover.Tokenization;

namespace Leftover.Cli.Verbs;

/// <summary>Writes replies: to one prompt, word by word as they come, or to a file of prompts.</summary>
internal static class Generate
{
    private const int DefaultMaxNewTokens = 256;

    public static Command Create(Host host)
    {
        var verb = new Command("generate", "Write replies of a model: to --prompt, as a stream, or to every prompt of --data");
        var model = new ModelFlags(verb);
        Option<string?> prompt = Flag.Text("prompt", "TEXT", "The prompt; without it and without --data it is read from standard input");
        Option<string?> system = Flag.Text("system", "TEXT", "A system turn before the prompt", "system_prompt");
        Option<string?> data = Flag.Text("data", "FILE", "A file of prompts: JSON lines, CSV or TSV with the column prompt or messages", "dataset_name", "dataset");
        Option<string?> output = Flag.Text("output", "FILE", "Where the replies to --data go, as JSON lines; otherwise standard output");
        Option<int?> replies = Flag.Whole("n", "Replies to each prompt", 1, 10_000, "num_return_sequences");
        Option<int?> batch = Flag.Whole("batch_size", "Replies written at once; it changes the speed alone", 1, aliases: "per_device_eval_batch_size");
        Option<bool> strict = Flag.Switch("strict", "A prompt too long for the model is an error; otherwise its beginning is cut");
        foreach (Option flag in (Option[])[prompt, system, data, output, replies, batch, strict]) verb.Add(flag);
        var generation = new GenerationFlags(verb);

        return host.On(verb, writesContent: true, run: session =>
        {
            ParseResult parse = session.Parse;
            string? file = parse.GetValue(data), text = parse.GetValue(prompt), target = parse.GetValue(output);
            if (file is not null && text is not null) throw new UsageException("--prompt and --data are both given; give one.");
            if (target is not null && file is null) throw new UsageException("--output goes with --data; a single reply is written to standard output.");
            text = file is null ? text ?? ReadPrompt(session.Streams) : null;
            IReadOnlyList<Example>? rows = file is null ? null : PromptFile.Read(file);
            if (target is not null) JsonLines.CheckTarget(target);

            using LoadedModel loaded = model.Load(session);
            GenerationOptions options = generation.Of(session, loaded, DefaultMaxNewTokens, parse.GetValue(replies) ?? 1);
            if (parse.GetValue(batch) is { } size) options = options with { BatchSize = size };
            ChatMessage[] before = parse.GetValue(system) is { } turn ? [new ChatMessage("system", turn)] : [];
            var prompts = new PromptIds(session, loaded, options, parse.GetValue(strict));
            if (rows is not null) return PromptFile.Answer(session, loaded, rows, before, prompts, options, target);

            int[] ids = prompts.Of([.. before, new ChatMessage("user", text!)]);
            return options is { NumReturnSequences: 1, NumBeams: 1 } && !session.Json ? Stream(session, loaded, ids, options) : Whole(session, loaded, text!, ids, options);
        });
    }

    private static int Stream(Session session, LoadedModel loaded, int[] prompt, GenerationOptions options)
    {
        (_, Completion completion) = ReplyStream.Write(loaded, prompt, options, session.Streams.Output, session.Cancellation);
        if (completion.Reason == StopReason.MaxNewTokens) session.Observer.Say($"Cut after {completion.Tokens.Length} tokens; --max_new_tokens sets how many.");
        return 0;
    }

    private static int Whole(Session session, LoadedModel loaded, string prompt, int[] ids, GenerationOptions options)
    {
        IReadOnlyList<Completion> completions = loaded.Generator.Generate([ids], options, session.Observer, session.Cancellation);
        var result = new { prompt, promptTokens = ids.Length, completions = completions.Select(completion => PromptFile.Row(loaded, completion)).ToArray() };
        session.Show(result, page =>
        {
            for (int i = 0; i < completions.Count; i++)
            {
                if (completions.Count > 1) page.Line($"{(i == 0 ? "" : "\n")}[{i + 1}]");
                page.Line(loaded.Template.ReadCompletion(completions[i].Text));
            }
        });
        return 0;
    }

    private static string ReadPrompt(Streams streams)
    {
        if (streams.InputIsTerminal) throw new UsageException("There is nothing to answer; give --prompt TEXT or --data FILE, or write the prompt to standard input.");
        string text = streams.Input.ReadToEnd().TrimEnd('\r', '\n');
        return text.Length > 0 ? text : throw new UsageException("Standard input is empty; give --prompt TEXT or --data FILE.");
    }
}
