using System.Runtime.ExceptionServices;

namespace Leftover.Rewards.Judging;

/// <summary>Does pieces of work several at a time; when one fails no other is begun, but those under way come to their end.</summary>
internal static class Workers
{
    /// <summary>Does all pieces, or throws what the first to fail threw.</summary>
    /// <param name="count">How many pieces.</param>
    /// <param name="parallel">How many at a time, at most.</param>
    /// <param name="work">Does the piece of a number; its token ends waiting before something costly is begun.</param>
    /// <param name="cancellation">Ends all.</param>
    public static async Task Run(int count, int parallel, Func<int, CancellationToken, Task> work, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        int next = -1;
        ExceptionDispatchInfo? first = null;
        await Task.WhenAll(Enumerable.Range(0, Math.Min(count, parallel)).Select(_ => Task.Run(Work, CancellationToken.None)));
        cancellation.ThrowIfCancellationRequested();
        first?.Throw();

        async Task Work()
        {
            try
            {
                for (int piece; !stop.IsCancellationRequested && (piece = Interlocked.Increment(ref next)) < count;) await work(piece, stop.Token);
            }
            catch (Exception e)
            {
                if (stop.IsCancellationRequested && e is OperationCanceledException) return;
                Interlocked.CompareExchange(ref first, ExceptionDispatchInfo.Capture(e), null);
                await stop.CancelAsync();
            }
        }
    }
}
