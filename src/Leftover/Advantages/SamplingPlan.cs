using Leftover.Data;
using Leftover.Tensors;

namespace Leftover.Advantages;

/// <summary>Which rows each training step takes. It follows from the seed and the step's number alone, so a resumed run needs no state.</summary>
/// <remarks>The strategies and the scaling of steps are those of the authors' HHA script for arXiv:2305.14718, with seeded numbers in place of unseeded ones.</remarks>
public sealed class SamplingPlan
{
    private readonly int[] _rows;
    private readonly DrawTable? _draws;                  // null: shuffled passes
    private readonly double[]? _weights;                 // by row; null: all 1
    private readonly long _seed;
    private int[] _order = [];
    private long _epochOfOrder = -1;

    private SamplingPlan(int[] rows, DrawTable? draws, double[]? weights, double share, int batchSize, long seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batchSize);
        (_rows, _draws, _weights, Share, BatchSize, _seed) = (rows, draws, weights, share, batchSize, seed);
    }

    /// <summary>The rows that a step can take, by their number in the training set.</summary>
    public IReadOnlyList<int> Rows => _rows;

    /// <summary>Rows a step.</summary>
    public int BatchSize { get; }

    /// <summary>
    /// q, what the authors multiply their steps with: for draws by advantage the share of better answers that is kept, under <c>all_priority</c>
    /// plus that of the worse answers; otherwise 1.
    /// </summary>
    public double Share { get; }

    /// <summary>Shuffled passes over rows 0 … <paramref name="rows"/> − 1.</summary>
    /// <param name="rows">How many there are; at least 1.</param>
    /// <param name="batchSize">Rows a step; at least 1.</param>
    /// <param name="seed">The run's seed.</param>
    public static SamplingPlan Passes(int rows, int batchSize, long seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rows);
        return new SamplingPlan([.. Enumerable.Range(0, rows)], null, null, 1, batchSize, seed);
    }

    /// <summary>The plan for a table's kept rows.</summary>
    /// <param name="table">The rows.</param>
    /// <param name="options">The strategy.</param>
    /// <param name="batchSize">Rows a step; at least 1.</param>
    /// <param name="seed">The run's seed.</param>
    /// <exception cref="DataException">The strategy can take no row at all.</exception>
    public static SamplingPlan For(AdvantageTable table, SamplingOptions options, int batchSize, long seed)
    {
        SamplingStrategy strategy = options.Strategy;
        bool includesWorse = strategy == SamplingStrategy.AllPriority;
        IReadOnlyList<AdvantageRow> rows = table.Rows;
        double[] priorities = new double[rows.Count];
        int[] kept = [.. Enumerable.Range(0, rows.Count).Where(i => rows[i].Kept && (includesWorse || !rows[i].Scored.IsWorse))];
        if (kept.Length == 0) throw NothingToTake(table, "is kept" + (rows.Any(row => row.Kept) ? $" and a better answer of its prompt ({table.Summary.Kept} worse answers are kept; all_priority draws those too)" : ""));
        if (strategy == SamplingStrategy.Uniform) return new SamplingPlan(kept, null, null, 1, batchSize, seed);

        foreach (int i in kept) priorities[i] = rows[i].Priority;
        double[] probabilities = Priorities.Power(priorities, strategy == SamplingStrategy.GoodRandom ? 0 : options.PriorityExponent);
        if (probabilities.All(p => p == 0)) throw NothingToTake(table, $"has a positive {(table.Credit == Credit.Reward ? "reward" : "advantage")} to draw by; `--sampling uniform` takes kept rows whatever their sign");
        var draws = new DrawTable(probabilities);
        double[]? weights = options.CorrectForPriority ? Priorities.ImportanceWeights(probabilities) : null;
        return new SamplingPlan([.. draws.Rows], draws, weights, ShareOf(table, includesWorse), batchSize, seed);
    }

    /// <summary>The rows of a step.</summary>
    /// <param name="step">Its number, from 1.</param>
    public int[] Step(int step)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(step, 1);
        int[] taken = new int[BatchSize];
        if (_draws is not null)
        {
            var random = new RandomStream(_seed, "sampling draws", step);
            foreach (ref int row in taken.AsSpan()) row = _draws.Draw(random.NextDouble());
            return taken;
        }
        long position = (step - 1L) * BatchSize;         // passes follow each other without a gap: a batch may span two
        foreach (ref int row in taken.AsSpan())
        {
            row = OrderOf(position / _rows.Length)[position % _rows.Length];
            position++;
        }
        return taken;
    }

    /// <summary>The rows of all steps, one after another, without end.</summary>
    public IEnumerable<int> Stream()
    {
        for (int step = 1; ; step++)
            foreach (int row in Step(step)) yield return row;
    }

    /// <summary>What the loss of a drawn row is multiplied with; 1 unless the options correct for priority.</summary>
    public double WeightOf(int row) => _weights?[row] ?? 1;

    /// <summary>A number of steps (of training, or between evaluations) times <see cref="Share"/>, cut to a whole one; at least 1.</summary>
    public int Scaled(int steps) => Math.Max((int)(steps * Share), 1);

    /// <summary>Steps for a number of passes over <see cref="Rows"/>, the last one full.</summary>
    public int StepsFor(double passes) => (int)Math.Max(Math.Ceiling(passes * _rows.Length / BatchSize), 1);

    private int[] OrderOf(long epoch)
    {
        if (epoch == _epochOfOrder) return _order;
        _order = [.. _rows];
        new RandomStream(_seed, "sampling shuffle", epoch).Shuffle<int>(_order);
        _epochOfOrder = epoch;
        return _order;
    }

    private static double ShareOf(AdvantageTable table, bool includesWorse)
    {
        if (table.Credit != Credit.Advantage) return 1;
        double share = Kept(table, worse: false);
        return includesWorse ? share + Kept(table, worse: true) : share;
    }

    private static double Kept(AdvantageTable table, bool worse)
    {
        int rows = table.Rows.Count(row => row.Scored.IsWorse == worse);
        return rows == 0 ? 0 : (double)table.Rows.Count(row => row.Scored.IsWorse == worse && row.Kept) / rows;
    }

    private static DataException NothingToTake(AdvantageTable table, string what) =>
        new($"Sampling: none of the {table.Rows.Count} rows {what}. See the reasons with `leftover inspect`.");
}
