using Leftover.Data;

namespace Leftover.Rewards.Programs;

/// <summary>Sends rows to a program and reads its answers; starts it again where it dies.</summary>
/// <remarks>
/// A program that prints a line too many would give every later row another's score. So after the first call it is made to end (its input is closed) and
/// must have printed one line a row, no more; from the second call on it stays, and a line too many is seen where it is there before the next batch.
/// </remarks>
internal sealed class ProgramScorer(ProgramReward source, RewardContext context) : RewardScorer
{
    private static readonly TimeSpan s_hint = TimeSpan.FromSeconds(10);

    private readonly IReadOnlyList<string> _words = source.Arguments();
    private ProgramProcess? _process;
    private bool _counted;                      // a call has ended with the program's own end, and the number of lines was right
    private bool _answered;                     // the program that runs has printed a line
    private bool _everAnswered, _hinted;
    private int _restarts;

    public override void Score(IReadOnlyList<RewardInput> rows, Action<int, double?> keep)
    {
        try
        {
            ScoreAll(rows, keep).GetAwaiter().GetResult();
        }
        catch (ScoresInDoubtException e)
        {
            Stop();
            throw new ScoresInDoubtException($"{Who} {e.Message} {Errors()}\n  No score of this call was kept.");
        }
        catch
        {
            Stop();
            throw;
        }
    }

    public override void Dispose()
    {
        _process?.Dispose();
        _process = null;
        base.Dispose();
    }

    private string Who => $"The program of the reward '{source.Name}' ({string.Join(' ', _words)})";

    private async Task ScoreAll(IReadOnlyList<RewardInput> rows, Action<int, double?> keep)
    {
        for (int from = 0; from < rows.Count; from += source.RowsAtOnce)
        {
            RewardInput[] batch = [.. rows.Skip(from).Take(source.RowsAtOnce)];
            int done = 0;
            while (done < batch.Length)
            {
                int start = from;
                done += await Send(batch, done, (i, score) => keep(start + i, score));
            }
            if (!source.KeepAlive) await End(rows[Math.Min(from + source.RowsAtOnce, rows.Count) - 1]);
            else if (_process?.LineAtHand() is { } more) throw TooMany(more, batch[^1]);
        }
        if (source.KeepAlive && !_counted) await End(rows[^1]);
    }

    /// <summary>Sends the rows of a batch from one on, and reads answers until all are there or the program is gone; how many there were.</summary>
    private async Task<int> Send(RewardInput[] batch, int from, Action<int, double?> keep)
    {
        ProgramProcess process = _process ??= Begin();
        string[] lines = [.. batch.Skip(from).Select(row => ProgramLines.Of(row, source))];
        Task sending = process.Send(lines);
        if (!source.KeepAlive) sending = sending.ContinueWith(_ => process.CloseInput(), TaskScheduler.Default);
        for (int done = 0; done < lines.Length; done++)
        {
            RewardInput row = batch[from + done];
            string? line, fault;
            try
            {
                line = await NextLine(process);
                fault = line is null ? await process.Ending() : null;
            }
            catch (TimeoutException)
            {
                (line, fault) = (null, $"has printed nothing for {(_answered ? source.Timeout : source.StartTimeout)} seconds");
            }
            if (line is null)
            {
                context.Cancellation.ThrowIfCancellationRequested();            // Ctrl-C ends the program too
                bool tooFew = !source.KeepAlive && process.EndedWell;
                Restart($"{fault} with no answer to {row.Place(0)}; {lines.Length} rows were sent to it and {done} answered", tooFew);
                return done;
            }
            _answered = _everAnswered = true;
            if (ProgramLines.Read(line, row, out double score) is { } instead)
                throw new DataException($"{Who} answered {instead} for {row.Place(0)}; it must print a finite number, or an object {{\"score\": …}}, on one line for each row. {Errors()}");
            keep(from + done, score);
        }
        await sending;
        return lines.Length;
    }

    private async Task<string?> NextLine(ProgramProcess process)
    {
        TimeSpan limit = TimeSpan.FromSeconds(_answered ? source.Timeout : source.StartTimeout);
        if (_everAnswered || _hinted || limit <= s_hint) return await process.NextLine(limit, context.Clock, context.Cancellation);
        try
        {
            return await process.NextLine(s_hint, context.Clock, context.Cancellation);
        }
        catch (TimeoutException)
        {
            _hinted = true;
            context.Observer.Warn($"{Who} has printed nothing for {s_hint.TotalSeconds} seconds. A program must flush each line (python3 -u, fflush() in awk); for one that answers only at the end set keep_alive: false. It is waited for, {limit.TotalSeconds} seconds in all.");
            return await process.NextLine(limit - s_hint, context.Clock, context.Cancellation);
        }
    }

    private ProgramProcess Begin()
    {
        _answered = false;
        return ProgramProcess.Start(_words, source.Folder);
    }

    // One that never answered is no crash but a mistake, and so is one that ended of itself before its last row.
    private void Restart(string fault, bool isFinal)
    {
        string errors = Errors();
        Stop();
        if (!_everAnswered || isFinal || _restarts >= source.Restarts)
        {
            string restarts = _restarts == 0 ? "" : $" It had been started again {_restarts} {(_restarts == 1 ? "time" : "times")} before.";
            string hint = _everAnswered ? "" : " A program must flush each line (python3 -u, fflush() in awk); one that answers only at the end needs keep_alive: false.";
            throw new DataException($"{Who} {fault}.{restarts}{hint} {errors}");
        }
        _restarts++;
        context.Observer.Warn($"{Who} {fault}; it is started again ({_restarts} of {source.Restarts}). {errors}");
    }

    /// <summary>Closes the program's input and reads to the end of its output, where nothing more may be.</summary>
    private async Task End(RewardInput last)
    {
        if (_process is not { } process) return;
        process.CloseInput();
        try
        {
            if (await process.NextLine(TimeSpan.FromSeconds(source.Timeout), context.Clock, context.Cancellation) is { } more) throw TooMany(more, last);
            _counted = true;
        }
        catch (TimeoutException)
        {
            // It does not end with its input: asked again at the end of the next call.
        }
        process.Dispose();
        _process = null;
    }

    private static ScoresInDoubtException TooMany(string more, RewardInput last) =>
        new($"printed more than one line a row: after its answer to {last.Place(0)} it printed {Text.TextUnits.Excerpt(more)} too. Messages belong on standard error.");

    private string Errors() => _process?.LastErrors() ?? "";

    private void Stop()
    {
        _process?.Kill();
        _process?.Dispose();
        _process = null;
    }
}
