using System.Globalization;
using Leftover.Data;

namespace Leftover.Advantages;

/// <summary>Every training row's reward, value and advantage, whether it is kept, and its sampling priority.</summary>
/// <remarks>
/// A(x, y) = R(x, y) − V(x); for algorithms that learn from advantages the rows with A above the threshold are kept.
/// Baheti et al. 2024, arXiv:2305.14718, §2. The authors give the others sampling weight 0; here they are left out altogether.
/// </remarks>
public sealed class AdvantageTable
{
    private AdvantageTable(AdvantageRow[] rows, Credit credit, AdvantageOptions options)
    {
        Rows = rows;
        Credit = credit;
        Options = options;
        Summary = AdvantageSummary.Of(rows);
    }

    /// <summary>The rows in the order of the training set.</summary>
    public IReadOnlyList<AdvantageRow> Rows { get; }

    /// <summary>What the rows were judged by.</summary>
    public Credit Credit { get; }

    /// <summary>The filter.</summary>
    public AdvantageOptions Options { get; }

    /// <summary>The table in a few figures.</summary>
    public AdvantageSummary Summary { get; }

    /// <summary>Judges every row.</summary>
    /// <param name="rows">The training set.</param>
    /// <param name="values">V(x) of each row's prompt, in the order of <paramref name="rows"/>; reward units.</param>
    /// <param name="credit">What the algorithm's rows earn their place by.</param>
    /// <param name="options">The filter; null takes the defaults.</param>
    /// <exception cref="ArgumentException">There are more or fewer values than rows.</exception>
    /// <exception cref="DataException">There are no rows, or a reward or value is not finite.</exception>
    public static AdvantageTable Create(IReadOnlyList<ScoredRow> rows, ReadOnlySpan<double> values, Credit credit, AdvantageOptions? options = null)
    {
        options ??= new AdvantageOptions();
        if (rows.Count != values.Length) throw new ArgumentException($"{rows.Count} rows need as many values; {values.Length} were given.", nameof(values));
        if (rows.Count == 0) throw new DataException("Advantages: there are no training rows. Name a file with rows under data.train.");
        if (!double.IsFinite(options.Threshold)) throw new ArgumentException($"--advantage_threshold is {options.Threshold}; it must be a finite number.", nameof(options));

        var judged = new AdvantageRow[rows.Count];
        for (int i = 0; i < judged.Length; i++)
        {
            ScoredRow row = rows[i];
            CheckFinite(row, values[i]);
            DropReason reason = Judge(row, row.Reward - values[i], credit, options.Threshold);
            judged[i] = new AdvantageRow(row, values[i], reason, reason == DropReason.None ? PriorityOf(row, row.Reward - values[i], credit) : 0);
        }
        return new AdvantageTable(judged, credit, options);
    }

    /// <summary>Stops a run that could not learn anything from these rows.</summary>
    /// <exception cref="DataException">All rewards are equal though the algorithm reads them, or no row is kept.</exception>
    public void EnsureTrainable()
    {
        AdvantageSummary s = Summary;
        if (Credit != Credit.None && Rows.Count > 1 && s.Reward.Minimum == s.Reward.Maximum)
        {
            throw new DataException(
                $"All {s.Rows} rewards are {Text(s.Reward.Mean)}: nothing tells better answers from worse ones.\n"
                + "  Give another reward (`rewards:` in the recipe), look at the scores with `leftover inspect`, or train with `nll`, which reads no reward.");
        }
        if (s.Kept > 0) return;
        if (Credit != Credit.Advantage)
            throw new DataException($"None of the {s.Rows} rows can be trained on: {string.Join(", ", s.Dropped.Select(d => $"{d.Value} × {d.Key.Text()}"))}. Check the 'weight' column and the choice of better answers.");
        throw new DataException(
            $"None of the {s.Rows} rows has an advantage above {Text(Options.Threshold)}; the largest is {Text(s.Advantage.Maximum)}.\n"
            + $"  Rewards are {Text(s.Reward.Minimum)} to {Text(s.Reward.Maximum)}, mean {Text(s.Reward.Mean)}; values (what the reference policy earns) are {Text(s.Value.Minimum)} to {Text(s.Value.Maximum)}, mean {Text(s.Value.Mean)}.\n"
            + "  If rows and the reference's own answers were scored alike, the data has nothing to teach this policy: take a weaker one or better answers.\n"
            + $"  To train on the best rows all the same, set --advantage_threshold below {Text(s.Advantage.Maximum)}, or value.kind: logged_mean.");
    }

    private static DropReason Judge(ScoredRow row, double advantage, Credit credit, double threshold)
    {
        if (row.Weight == 0) return DropReason.WeightZero;
        if (credit == Credit.Advantage) return advantage > threshold ? DropReason.None : DropReason.AdvantageNotAboveThreshold;
        return row.IsWorse && credit != Credit.Comparison ? DropReason.WorseAnswer : DropReason.None;
    }

    private static double PriorityOf(ScoredRow row, double advantage, Credit credit) => credit switch
    {
        Credit.Advantage => Math.Max(advantage, 0),
        Credit.Reward => Math.Max(row.Reward, 0),
        _ => 1,
    };

    private static void CheckFinite(ScoredRow row, double value)
    {
        if (!double.IsFinite(row.Reward)) throw new DataException($"{row.File}({row.Line}): the reward of row '{row.Id}' is {Text(row.Reward)}; a reward is a finite number. Score the file again with `leftover reward`, or leave such rows out with --skip-invalid.");
        if (!double.IsFinite(value)) throw new DataException($"{row.File}({row.Line}): the value of row '{row.Id}' is {Text(value)}; it must be a finite number. Estimate values again with `leftover value`.");
        if (!(row.Weight >= 0 && double.IsFinite(row.Weight))) throw new DataException($"{row.File}({row.Line}): the weight of row '{row.Id}' is {Text(row.Weight)}; a weight is a finite number, at least 0. Correct it, or leave such rows out with --skip-invalid.");
    }

    private static string Text(double number) => number.ToString("G6", CultureInfo.InvariantCulture);
}
