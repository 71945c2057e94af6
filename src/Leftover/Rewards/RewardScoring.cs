using Leftover.Data;
using Leftover.Runs;

namespace Leftover.Rewards;

/// <summary>Scores rows with any source: those scored before come out of the cache, and each new score is kept as soon as it is there.</summary>
/// <remarks>A source is set to work once and stays so for later calls, until this is disposed. One call at a time.</remarks>
/// <param name="context">Who is told, when to stop, where scores are kept.</param>
public sealed class RewardScoring(RewardContext context) : IDisposable
{
    private readonly Dictionary<RewardSource, RewardScorer> _scorers = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<RewardSource, ScoreAddress> _addresses = new(ReferenceEqualityComparer.Instance);

    /// <summary>One finite score a row, in their order.</summary>
    /// <param name="source">The reward.</param>
    /// <param name="rows">What to score; may be empty.</param>
    /// <exception cref="ArgumentException">The settings have problems; all are listed.</exception>
    /// <exception cref="DataException">A file is missing or malformed, or a row cannot be scored. What was computed before is kept, and the message of a costly source says how much.</exception>
    /// <exception cref="OperationCanceledException">The user wants to stop.</exception>
    public RewardScores Score(RewardSource source, IReadOnlyList<RewardInput> rows)
    {
        if (source.Problems() is { Count: > 0 } problems)
            throw new ArgumentException($"The reward '{source.Name}' has {problems.Count} {(problems.Count == 1 ? "problem" : "problems")}:\n  {string.Join("\n  ", problems)}");

        ScoreAddress? address = source.IsCostly && context.Cache is not null ? AddressOf(source) : null;
        using ScoreStore? store = address is null ? null : new ScoreStore(address, context.Cache!);
        Work work = new(source, rows, store);
        work.Recall(address);
        using IWorkProgress progress = context.Observer.Begin(source.Title, rows.Count, "rows");
        if (work.Done > 0) progress.Advance(work.Done, note: $"{work.Done} of them scored before");
        if (work.Missing.Count > 0) Compute(source, work, progress);
        if (work.Failed > 0) context.Observer.Warn($"{source.Title}: no score for {work.Failed} of {rows.Count} rows; {source.MissingText}.");
        return new RewardScores(work.Values, work.Cached, rows.Count - work.Cached - work.Failed, work.Failed);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (RewardScorer scorer in _scorers.Values) scorer.Dispose();
        _scorers.Clear();
    }

    private ScoreAddress AddressOf(RewardSource source)
    {
        if (!_addresses.TryGetValue(source, out ScoreAddress? address)) _addresses[source] = address = new ScoreAddress(source);
        return address;
    }

    private void Compute(RewardSource source, Work work, IWorkProgress progress)
    {
        if (source.IsCostly) context.Cancellation.ThrowIfCancellationRequested();
        if (!_scorers.TryGetValue(source, out RewardScorer? scorer)) _scorers[source] = scorer = source.Open(context);
        try
        {
            scorer.Score(work.Missing, (i, score) => work.Keep(i, score, progress));
        }
        catch (ScoresInDoubtException e)
        {
            work.Forget();
            throw new DataException(e.Message, e);
        }
        catch (DataException e) when (source.IsCostly)
        {
            throw new DataException($"{e.Message}\n  {work.Done} of {work.Values.Length} rows are scored{(work.IsKept ? " and kept: a rerun goes on from there" : "")}.", e);
        }
        work.CheckWhole();
    }

    /// <summary>One call: what is known, and what is missing. Rows that are alike are scored once.</summary>
    private sealed class Work(RewardSource source, IReadOnlyList<RewardInput> rows, ScoreStore? store)
    {
        private readonly Lock _lock = new();
        private readonly List<(string? Key, List<int> Rows)> _of = [];      // for each missing row its address, and all rows that are alike
        private readonly bool[] _known = new bool[rows.Count];

        public double[] Values { get; } = new double[rows.Count];

        public List<RewardInput> Missing { get; } = [];

        public int Cached { get; private set; }

        public int Failed { get; private set; }

        public int Done => _known.Count(known => known);

        public bool IsKept => store is not null;

        public void Recall(ScoreAddress? address)
        {
            Dictionary<string, int> places = new(StringComparer.Ordinal);
            for (int i = 0; i < rows.Count; i++)
            {
                string? key = address?.KeyOf(rows[i]);
                if (key is not null && store!.TryFind(key, out double? score))
                {
                    Set(i, score);
                    if (score is not null) Cached++;
                    continue;
                }
                if (key is not null && places.TryGetValue(key, out int place))
                {
                    _of[place].Rows.Add(i);
                    continue;
                }
                if (key is not null) places[key] = Missing.Count;
                Missing.Add(rows[i].Id is null ? rows[i] with { Id = i.ToString() } : rows[i]);
                _of.Add((key, [i]));
            }
        }

        public void Keep(int missing, double? score, IWorkProgress progress)
        {
            if (score is { } value && !double.IsFinite(value))
                throw new DataException($"The reward '{source.Name}' is {value} for {Missing[missing].Place(missing)}; a reward is a finite number.");
            lock (_lock)
            {
                (string? key, List<int> alike) = _of[missing];
                if (_known[alike[0]]) throw new InvalidOperationException($"The reward '{source.Name}' scored {Missing[missing].Place(missing)} twice.");
                if (key is not null) store!.Add(key, score);
                foreach (int row in alike) Set(row, score);
                progress.Advance(alike.Count);
            }
        }

        public void Forget() => store?.Forget();

        public void CheckWhole()
        {
            int left = Array.IndexOf(_known, false);
            if (left >= 0) throw new InvalidOperationException($"The reward '{source.Name}' gave {Done} scores for {rows.Count} rows; {rows[left].Place(left)} has none.");
        }

        private void Set(int row, double? score)
        {
            Values[row] = score ?? source.MissingScore ?? throw new InvalidOperationException($"The reward '{source.Name}' gave no score for {rows[row].Place(row)}, and no other stands for it.");
            if (score is null) Failed++;
            _known[row] = true;
        }
    }
}

/// <summary>A source's scores and where they came from.</summary>
/// <param name="Values">One a row.</param>
/// <param name="Cached">Rows whose score an earlier run, or an earlier call, had kept.</param>
/// <param name="Scored">Rows scored now; rows that are alike are computed once and count each.</param>
/// <param name="Failed">Rows without a score of their own, for which <see cref="RewardSource.MissingScore"/> stands.</param>
public sealed record RewardScores(double[] Values, int Cached, int Scored, int Failed);
