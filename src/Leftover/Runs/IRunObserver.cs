namespace Leftover.Runs;

/// <summary>Who is told how a stage gets on: a terminal's progress bars, plain lines in a log, or nobody.</summary>
public interface IRunObserver
{
    /// <summary>Begins a piece of work that takes a while; dispose the result at its end.</summary>
    /// <param name="title">What is done, for example <c>Training a-lol</c>.</param>
    /// <param name="total">How much there is to do.</param>
    /// <param name="unit">What is counted: tokens, rows, steps.</param>
    IWorkProgress Begin(string title, long total, string unit);

    /// <summary>Something worth a line.</summary>
    void Say(string line);

    /// <summary>Something the user should look at.</summary>
    void Warn(string line);
}

/// <summary>A piece of work under way.</summary>
public interface IWorkProgress : IDisposable
{
    /// <summary>Counts work done.</summary>
    /// <param name="amount">How much more, in the work's unit.</param>
    /// <param name="tokens">Tokens that went through a model for it.</param>
    /// <param name="note">What to show beside, for example the loss; null leaves the last.</param>
    void Advance(long amount, long tokens = 0, string? note = null);

    /// <summary>Counts what the work had to compute, for those who compare it with what the machine can do.</summary>
    /// <param name="operations">Floating-point operations of the matrix products that it needed, a multiply-add being two.</param>
    /// <param name="weightBytes">Bytes of weights that had to be read; 0 where arithmetic takes longer than reading them.</param>
    void Count(double operations, double weightBytes = 0) { }
}

/// <summary>Tells nobody.</summary>
public sealed class SilentObserver : IRunObserver, IWorkProgress
{
    /// <summary>The one there needs to be.</summary>
    public static SilentObserver Instance { get; } = new();

    /// <inheritdoc/>
    public IWorkProgress Begin(string title, long total, string unit) => this;

    /// <inheritdoc/>
    public void Say(string line) { }

    /// <inheritdoc/>
    public void Warn(string line) { }

    /// <inheritdoc/>
    public void Advance(long amount, long tokens = 0, string? note = null) { }

    /// <inheritdoc/>
    public void Dispose() { }
}
