using System.Runtime.InteropServices;

namespace Leftover.Cli;

/// <summary>Ctrl-C, and the system's request to end: the first asks the work to stop where it can go on later, the second ends the process.</summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;
    private readonly TextWriter _messages;

    public Interruption(TextWriter messages)
    {
        _messages = messages;
        _registrations = [PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop)];
    }

    /// <summary>Set by the first signal.</summary>
    public CancellationToken Token => _source.Token;

    private void Stop(PosixSignalContext context)
    {
        if (_source.IsCancellationRequested) return;
        context.Cancel = true;
        _messages.WriteLine("\nStopping at the next safe place; once more ends at once.");
        _source.Cancel();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations) registration.Dispose();
        _source.Dispose();
    }
}
