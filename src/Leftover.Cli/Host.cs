using System.CommandLine;
using Leftover.Cli.Arguments;
using Leftover.Runs;

namespace Leftover.Cli;

/// <summary>What surrounds one command line: its streams, its clock, the signal to stop, and the flags that every verb takes.</summary>
internal sealed class Host(Streams streams, CancellationToken cancellation, TimeProvider clock)
{
    /// <summary>Standard input, output and error.</summary>
    public Streams Streams => streams;

    /// <summary>Set when the user wants it to stop.</summary>
    public CancellationToken Cancellation => cancellation;

    /// <summary>The clock of progress and manifests.</summary>
    public TimeProvider Clock => clock;

    /// <summary>Tells the machine's memory.</summary>
    public Func<MachineMemory> Memory { get; init; } = MachineMemory.Now;

    /// <summary>The flags of every verb.</summary>
    public CommonFlags Flags { get; } = new();

    /// <summary>Says what a verb does; what it returns is the exit code.</summary>
    /// <param name="verb">The verb.</param>
    /// <param name="run">Does it.</param>
    /// <param name="writesContent">True where standard output is the verb's product (a model's reply), so that progress never goes there.</param>
    public Command On(Command verb, Func<Session, int> run, bool writesContent = false)
    {
        verb.SetAction(parse =>
        {
            using var session = new Session(this, parse, writesContent);
            return run(session);
        });
        return verb;
    }
}
