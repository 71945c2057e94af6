namespace Leftover.Rewards.Judging;

/// <summary>Holds requests back so that no minute sees more of them, or more of their tokens, than is allowed, and all of them where the server asks for a pause.</summary>
internal sealed class RequestPace(int? requestsPerMinute, int? tokensPerMinute, RewardContext context) : IDisposable
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Lock _lock = new();
    private readonly Queue<Sent> _minute = new();
    private readonly long _began = context.Clock.GetTimestamp();
    private TimeSpan _pausedUntil;

    private TimeSpan Now => context.Clock.GetElapsedTime(_began);

    /// <summary>Waits until a request may be sent; requests pass in the order in which they came.</summary>
    /// <param name="tokens">What it and its answer will take, as far as that is known.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    public async Task<Sent> Enter(long tokens, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            while (true)
            {
                TimeSpan wait;
                lock (_lock)
                {
                    wait = UntilFree(tokens);
                    if (wait <= TimeSpan.Zero)
                    {
                        var sent = new Sent { At = Now, Tokens = tokens };
                        _minute.Enqueue(sent);
                        return sent;
                    }
                }
                await context.Wait(wait, cancellation);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Corrects what a request took, once it is known.</summary>
    public void Settle(Sent sent, long tokens)
    {
        lock (_lock) sent.Tokens = tokens;
    }

    /// <summary>No request is sent for so long.</summary>
    public void PauseFor(TimeSpan time)
    {
        lock (_lock)
            if (Now + time > _pausedUntil) _pausedUntil = Now + time;
    }

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    private TimeSpan UntilFree(long tokens)
    {
        TimeSpan now = Now;
        if (_pausedUntil > now) return _pausedUntil - now;
        while (_minute.TryPeek(out Sent? oldest) && now - oldest.At >= s_minute) _minute.Dequeue();
        if (_minute.Count == 0) return TimeSpan.Zero;                       // one that is larger than the limit itself goes alone

        bool tooMany = _minute.Count >= requestsPerMinute, tooMuch = _minute.Sum(sent => sent.Tokens) + tokens > tokensPerMinute;
        return tooMany || tooMuch ? s_minute - (now - _minute.Peek().At) : TimeSpan.Zero;
    }

    /// <summary>A request of the last minute.</summary>
    public sealed class Sent
    {
        /// <summary>When it was sent.</summary>
        public required TimeSpan At { get; init; }

        /// <summary>Tokens of it and its answer.</summary>
        public long Tokens { get; set; }
    }
}
