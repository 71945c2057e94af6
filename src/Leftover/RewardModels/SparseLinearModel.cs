namespace Leftover.RewardModels;

/// <summary>A row of few numbers among many columns.</summary>
/// <param name="Columns">Which columns; unlike each other.</param>
/// <param name="Values">Their numbers.</param>
internal readonly record struct SparseRow(int[] Columns, double[] Values)
{
    /// <summary>a − b.</summary>
    public static SparseRow Difference(SparseRow a, SparseRow b)
    {
        var sum = new SortedDictionary<int, double>();
        for (int i = 0; i < a.Columns.Length; i++) sum[a.Columns[i]] = a.Values[i];
        for (int i = 0; i < b.Columns.Length; i++) sum[b.Columns[i]] = sum.GetValueOrDefault(b.Columns[i]) - b.Values[i];
        return new SparseRow([.. sum.Keys], [.. sum.Values]);
    }

    /// <summary>Σ x·w.</summary>
    public double Dot(double[] weights)
    {
        double sum = 0;
        for (int i = 0; i < Columns.Length; i++) sum += Values[i] * weights[Columns[i]];
        return sum;
    }

    /// <summary>w += factor·x.</summary>
    public void AddTo(double[] weights, double factor)
    {
        for (int i = 0; i < Columns.Length; i++) weights[Columns[i]] += factor * Values[i];
    }
}

/// <summary>A linear model of sparse rows, logistic or ridge: Σ loss + λ/2·‖w‖², solved to its minimum by Newton's method. The baselines that a reward model is held against.</summary>
internal sealed class SparseLinearModel
{
    private const int NewtonSteps = 30, ConjugateSteps = 200;
    private const double Precision = 1e-8;

    private readonly double[] _weights;                       // the intercept's is the last
    private readonly bool _hasIntercept;

    private SparseLinearModel(double[] weights, bool hasIntercept) => (_weights, _hasIntercept) = (weights, hasIntercept);

    /// <summary>x·w, and the intercept.</summary>
    public double Score(SparseRow row) => row.Dot(_weights) + (_hasIntercept ? _weights[^1] : 0);

    /// <summary>Logistic regression: σ(score) is the probability of a positive row.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="columns">How many columns there are.</param>
    /// <param name="positive">Which rows are positive.</param>
    /// <param name="penalty">λ; above 0.</param>
    /// <param name="hasIntercept">Whether a constant is fitted too, without penalty.</param>
    public static SparseLinearModel Logistic(IReadOnlyList<SparseRow> rows, int columns, bool[] positive, double penalty, bool hasIntercept) =>
        Fit(rows, columns, penalty, hasIntercept, (i, score) =>
        {
            double sign = positive[i] ? 1 : -1, margin = sign * score, p = 1 / (1 + Math.Exp(margin));
            return (margin > 0 ? Math.Log(1 + Math.Exp(-margin)) : Math.Log(1 + Math.Exp(margin)) - margin, -sign * p, Math.Max(p * (1 - p), 1e-12));
        });

    /// <summary>Ridge regression: the score is the value.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="columns">How many columns there are.</param>
    /// <param name="targets">Their values.</param>
    /// <param name="penalty">λ; above 0.</param>
    public static SparseLinearModel Ridge(IReadOnlyList<SparseRow> rows, int columns, double[] targets, double penalty) =>
        Fit(rows, columns, penalty, hasIntercept: true, (i, score) => (0.5 * (score - targets[i]) * (score - targets[i]), score - targets[i], 1));

    // loss(i, score) gives the loss and its first and second derivative by the score.
    private static SparseLinearModel Fit(IReadOnlyList<SparseRow> rows, int columns, double penalty, bool hasIntercept, Func<int, double, (double Loss, double Slope, double Curve)> loss)
    {
        var model = new SparseLinearModel(new double[columns + 1], hasIntercept);
        double[] weights = model._weights, curves = new double[rows.Count], gradient = new double[columns + 1];
        for (int newton = 0; newton < NewtonSteps; newton++)
        {
            double value = model.Objective(rows, penalty, loss);
            for (int c = 0; c < columns; c++) gradient[c] = penalty * weights[c];
            gradient[columns] = 0;
            for (int i = 0; i < rows.Count; i++)
            {
                (_, double slope, curves[i]) = loss(i, model.Score(rows[i]));
                rows[i].AddTo(gradient, slope);
                if (hasIntercept) gradient[columns] += slope;
            }
            double[] step = model.Solve(rows, curves, penalty, gradient);
            double[] before = [.. weights];
            double length = 1, slopeAlong = Dot(gradient, step);
            for (; length > 1e-6; length /= 2)
            {
                for (int c = 0; c <= columns; c++) weights[c] = before[c] - length * step[c];
                if (model.Objective(rows, penalty, loss) <= value - 1e-4 * length * slopeAlong) break;
            }
            if (slopeAlong <= Precision * Math.Max(1, Math.Abs(value))) break;
        }
        return model;
    }

    private double Objective(IReadOnlyList<SparseRow> rows, double penalty, Func<int, double, (double Loss, double Slope, double Curve)> loss)
    {
        double sum = 0;
        for (int c = 0; c < _weights.Length - 1; c++) sum += penalty / 2 * _weights[c] * _weights[c];
        for (int i = 0; i < rows.Count; i++) sum += loss(i, Score(rows[i])).Loss;
        return sum;
    }

    // (Xᵀ D X + λI)·step = gradient, by conjugate gradients (Hestenes & Stiefel 1952).
    private double[] Solve(IReadOnlyList<SparseRow> rows, double[] curves, double penalty, double[] gradient)
    {
        int n = gradient.Length;
        double[] step = new double[n], rest = [.. gradient], direction = [.. gradient], image = new double[n];
        double size = Dot(rest, rest), enough = size * Precision * Precision;
        for (int k = 0; k < ConjugateSteps && size > enough && size > 0; k++)
        {
            for (int c = 0; c < n; c++) image[c] = c < n - 1 ? penalty * direction[c] : 0;
            for (int i = 0; i < rows.Count; i++)
            {
                double pushed = curves[i] * (rows[i].Dot(direction) + (_hasIntercept ? direction[^1] : 0));
                rows[i].AddTo(image, pushed);
                if (_hasIntercept) image[^1] += pushed;
            }
            double bent = Dot(direction, image);
            if (bent <= 0) break;
            double length = size / bent;
            for (int c = 0; c < n; c++)
            {
                step[c] += length * direction[c];
                rest[c] -= length * image[c];
            }
            double next = Dot(rest, rest);
            for (int c = 0; c < n; c++) direction[c] = rest[c] + next / size * direction[c];
            size = next;
        }
        return step;
    }

    private static double Dot(double[] a, double[] b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }
}
