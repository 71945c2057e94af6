using System.CommandLine;
using Leftover.Cli.Arguments;
using Leftover.Generation;
using Leftover.Tokenization;

namespace Leftover.Cli.Verbs;

/// <summary>Talks with a model, turn by turn; it sees the whole conversation, as far as its context reaches.</summary>
internal static class Chat
{
    private const int DefaultMaxNewTokens = 512;

    public static Command Create(Host host)
    {
        var verb = new Command("chat", "Talk with a model: /reset begins anew, /exit ends");
        var model = new ModelFlags(verb);
        Option<string?> system = Flag.Text("system", "TEXT", "A system turn before the conversation", "system_prompt");
        verb.Add(system);
        var generation = new GenerationFlags(verb);
        return host.On(verb, writesContent: true, run: session =>
        {
            using LoadedModel loaded = model.Load(session);
            GenerationOptions options = generation.Of(session, loaded, DefaultMaxNewTokens);
            if (options.NumBeams > 1) throw new UsageException("A chat streams its replies, and a beam search knows none before its end; leave --num_beams out.");
            ChatMessage[] first = session.Parse.GetValue(system) is { } text ? [new ChatMessage("system", text)] : [];
            return new Conversation(session, loaded, options, first).Run();
        });
    }

    private sealed class Conversation(Session session, LoadedModel loaded, GenerationOptions options, ChatMessage[] first)
    {
        private readonly List<ChatMessage> _messages = [.. first];
        private TextWriter Shown => session.Json ? session.Streams.Error : session.Streams.Output;

        public int Run()
        {
            if (session.Streams.InputIsTerminal) Shown.WriteLine("/reset begins anew, /exit ends.");
            while (!session.Cancellation.IsCancellationRequested && Read() is { } line)
            {
                switch (line.Trim())
                {
                    case "": continue;
                    case "/exit" or "/quit": return End();
                    case "/reset":
                        _messages.Clear();
                        _messages.AddRange(first);
                        Shown.WriteLine("The conversation begins anew.");
                        continue;
                    case ['/', ..] command when !command.Contains(' ', StringComparison.Ordinal):
                        Shown.WriteLine($"{command} is unknown. Known: /reset, /exit.");
                        continue;
                    default:
                        Answer(line);
                        continue;
                }
            }
            return End();
        }

        private string? Read()
        {
            if (session.Streams.InputIsTerminal) Shown.Write("> ");
            return session.Streams.Input.ReadLine();
        }

        private void Answer(string line)
        {
            _messages.Add(new ChatMessage("user", line));
            try
            {
                (string text, Completion completion) = ReplyStream.Write(loaded, Prompt(), options, Shown, session.Cancellation);
                _messages.Add(new ChatMessage("assistant", text));
                if (completion.Reason == StopReason.MaxNewTokens) session.Observer.Say($"(cut after {completion.Tokens.Length} tokens; --max_new_tokens sets how many)");
            }
            catch (OperationCanceledException)          // Ctrl-C ends the conversation; there is nothing to go on with
            {
                Shown.WriteLine();
            }
        }

        /// <summary>The conversation's ids; where they leave no room for a reply, its oldest turns are forgotten, the system turn never.</summary>
        private int[] Prompt()
        {
            int room = loaded.Model.Config.ContextLength - Math.Min(options.MaxNewTokens, loaded.Model.Config.ContextLength / 2);
            int forgotten = 0;
            int[] ids = loaded.PromptIds(_messages, room, out bool cut);
            while (cut && _messages.Count > first.Length + 1)
            {
                _messages.RemoveAt(first.Length);
                forgotten++;
                ids = loaded.PromptIds(_messages, room, out cut);
            }
            if (forgotten > 0) session.Observer.Say($"({forgotten} old turns no longer fit the model's context and were forgotten)");
            if (cut) session.Observer.Warn($"This turn alone is longer than the {room} tokens the model's context leaves for it; its beginning was cut.");
            return ids;
        }

        private int End()
        {
            if (session.Json) session.Show(new { messages = _messages }, _ => { });
            return 0;
        }
    }
}
