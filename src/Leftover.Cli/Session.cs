using System.CommandLine;
using Leftover.Cli.Progress;
using Leftover.Runs;
using Leftover.Tensors.Kernels;
using Spectre.Console;

namespace Leftover.Cli;

/// <summary>One verb at work: its parsed flags, who is told of its progress, and where its result goes.</summary>
internal sealed class Session : IDisposable
{
    private const int PlainWidth = 140;          // columns of tables that no terminal shows
    private readonly Host _host;
    private readonly BarProgress? _bars;
    private readonly List<IDisposable> _owned = [];

    public Session(Host host, ParseResult parse, bool writesContent)
    {
        (_host, Parse) = (host, parse);
        Json = parse.GetValue(host.Flags.Json);
        Seed = parse.GetValue(host.Flags.Seed);
        Threads = parse.GetValue(host.Flags.Threads);
        if (Threads is { } threads) ThreadTeam.Resize(threads);
        else _ = ThreadTeam.DefaultSize;                    // a LEFTOVER_THREADS that is no number of threads ends here, before any work

        bool onError = Json || writesContent;
        bool terminal = onError ? Streams.ErrorIsTerminal : Streams.OutputIsTerminal;
        TextWriter sink = onError ? Streams.Error : Streams.Output;
        if (parse.GetValue(host.Flags.Quiet)) Observer = new LineProgress(TextWriter.Null, Streams.Error, host.Clock);
        else if (terminal) Observer = _bars = new BarProgress(ConsoleOf(sink, terminal), host.Clock);
        else Observer = new LineProgress(sink, Streams.Error, host.Clock);
    }

    /// <summary>The command line.</summary>
    public ParseResult Parse { get; }

    /// <summary>Standard input, output and error.</summary>
    public Streams Streams => _host.Streams;

    /// <summary>Set when the user wants it to stop.</summary>
    public CancellationToken Cancellation => _host.Cancellation;

    /// <summary>The clock.</summary>
    public TimeProvider Clock => _host.Clock;

    /// <summary>Tells the machine's memory.</summary>
    public Func<MachineMemory> Memory => _host.Memory;

    /// <summary>True where the result is one JSON object for a program.</summary>
    public bool Json { get; }

    /// <summary>The seed, where one was given.</summary>
    public long? Seed { get; }

    /// <summary>The number of threads, where one was given.</summary>
    public int? Threads { get; }

    /// <summary>Who is told how it gets on.</summary>
    public IRunObserver Observer { get; }

    /// <summary>Disposes something when the verb ends.</summary>
    /// <returns>The same.</returns>
    public T Own<T>(T owned)
        where T : IDisposable
    {
        _owned.Add(owned);
        return owned;
    }

    /// <summary>Gives the result out: as one JSON object, or as <paramref name="draw"/> shows it to a person.</summary>
    public void Show(object result, Action<Page> draw)
    {
        if (Json) Streams.Output.WriteLine(JsonResult.Text(result));
        else draw(new Page(ConsoleOf(Streams.Output, Streams.OutputIsTerminal), Streams.Output));
    }

    private static IAnsiConsole ConsoleOf(TextWriter writer, bool terminal)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = terminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = terminal ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = terminal ? InteractionSupport.Detect : InteractionSupport.No,
            Out = new AnsiConsoleOutput(writer),
        });
        if (!terminal) console.Profile.Width = PlainWidth;
        return console;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable owned in _owned) owned.Dispose();
        _bars?.Dispose();
    }
}
