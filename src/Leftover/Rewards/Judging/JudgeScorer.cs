using Leftover.Data;
using Leftover.Rewards.Text;

namespace Leftover.Rewards.Judging;

/// <summary>Puts one question a row to a judge, several at once, and reads the verdicts.</summary>
/// <param name="settings">The judge.</param>
/// <param name="name">What messages call it.</param>
/// <param name="question">What is asked.</param>
/// <param name="context">Who is told, and when to stop.</param>
internal sealed class JudgeScorer(JudgeReward settings, string name, JudgeQuestion question, RewardContext context) : RewardScorer
{
    private const int HopelessRows = 10, ShownRows = 3;

    private JudgeClient? _client;

    public override void Score(IReadOnlyList<RewardInput> rows, Action<int, double?> keep)
    {
        try
        {
            _client ??= new JudgeClient(settings, name, context);
            ScoreAll(_client, rows, keep).GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is BudgetException or JudgeException)
        {
            throw new DataException(e.Message, e);
        }
    }

    public override void Dispose()
    {
        _client?.Dispose();
        base.Dispose();
    }

    private async Task ScoreAll(JudgeClient client, IReadOnlyList<RewardInput> rows, Action<int, double?> keep)
    {
        string[] texts = [.. rows.Select(question.Text)];                   // a column that is missing is told before anything is asked
        Failures failures = new();
        long before = client.Budget.Requests;
        try
        {
            await Workers.Run(rows.Count, settings.Parallel, async (row, stop) =>
            {
                try
                {
                    if (await Verdict(client, texts[row], rows[row], row, stop) is not { } verdict) throw new QuestionException("");
                    failures.Passed();
                    keep(row, verdict);
                }
                catch (QuestionException e)
                {
                    int onEnd = failures.Add(row, e.Message);
                    if (settings.Missing is not null || question is PairQuestion) keep(row, null);
                    if (onEnd >= HopelessRows) throw new JudgeException($"The judge '{name}' has given no verdict to {HopelessRows} questions on end.\n{failures.Lines(ShownRows)}");
                }
            }, context.Cancellation);
        }
        finally
        {
            if (client.Budget.Requests > before) context.Observer.Say($"Judge {name}: {client.Budget.Used} so far.");
        }
        if (failures.Count > 0 && settings.Missing is null && question is not PairQuestion)
            throw new DataException($"The judge '{name}' gave no verdict to {failures.Count} of {rows.Count} rows, also when asked again; {question.Wanted} is needed. Make the rubric ask for it, take a better judge, or give 'missing' a score for such rows.\n{failures.Lines(ShownRows)}");
    }

    private async Task<double?> Verdict(JudgeClient client, string text, RewardInput row, int number, CancellationToken stop)
    {
        string first = await client.Ask([text], number, stop);
        if (question.Read(first) is { } verdict) return verdict;
        string second = await client.Ask([text, first, question.Again], number, stop);
        return question.Read(second) ?? throw new QuestionException($"{row.Place(number)}: it answered {TextUnits.Excerpt(TextUnits.CollapseWhiteSpace(first))}, and asked again {TextUnits.Excerpt(TextUnits.CollapseWhiteSpace(second))}");
    }

    /// <summary>Rows without a verdict.</summary>
    private sealed class Failures
    {
        private readonly Lock _lock = new();
        private readonly SortedDictionary<int, string> _rows = [];
        private int _onEnd;

        public int Count
        {
            get
            {
                lock (_lock) return _rows.Count;
            }
        }

        public void Passed()
        {
            lock (_lock) _onEnd = 0;
        }

        /// <summary>Adds one; how many there were on end, without a verdict between them.</summary>
        public int Add(int row, string what)
        {
            lock (_lock)
            {
                _rows[row] = what;
                return ++_onEnd;
            }
        }

        public string Lines(int most)
        {
            lock (_lock)
            {
                IEnumerable<string> shown = _rows.Values.Take(most).Select(line => $"  {line}");
                return string.Join('\n', _rows.Count > most ? shown.Append($"  … and {_rows.Count - most} more") : shown);
            }
        }
    }
}
