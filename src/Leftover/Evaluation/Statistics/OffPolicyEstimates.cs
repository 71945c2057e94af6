namespace Leftover.Evaluation.Statistics;

/// <summary>An estimate and how far it is off, by and large.</summary>
/// <param name="Value">The estimate.</param>
/// <param name="StandardError">Its standard error.</param>
public readonly record struct OffPolicyEstimate(double Value, double StandardError);

/// <summary>What a target policy would have earned, from actions that another policy took and logged with their probabilities.</summary>
/// <remarks>
/// With the weight w = π_target(a|x) / propensity, the reward r, a model q̂ of the reward, and its mean under the target policy v̂(x) = Σ π_target(a|x)·q̂(x, a).
/// All but the direct method need every propensity above 0. Saito et al. 2021, "Open Bandit Dataset and Pipeline", names and compares them.
/// </remarks>
public sealed class OffPolicyEstimates
{
    private readonly double[] _weights, _rewards, _residuals, _direct;   // w, r, r − q̂(x, a), v̂(x)

    /// <summary>Over a log.</summary>
    /// <param name="weights">π_target / propensity of each logged action; finite and ≥ 0.</param>
    /// <param name="rewards">What each action earned.</param>
    /// <param name="modelled">q̂ of each logged action.</param>
    /// <param name="direct">v̂ of each row: the mean of q̂ under the target policy.</param>
    /// <exception cref="ArgumentException">There is no row, lengths differ, a number is not finite, or a weight is negative.</exception>
    public OffPolicyEstimates(ReadOnlySpan<double> weights, ReadOnlySpan<double> rewards, ReadOnlySpan<double> modelled, ReadOnlySpan<double> direct)
    {
        Pairs.Check(weights, rewards, atLeast: 1);
        _residuals = Pairs.Differences(rewards, modelled, atLeast: 1);
        Pairs.Check(weights, direct, atLeast: 1);
        foreach (double weight in weights)
            if (weight < 0) throw new ArgumentException($"A weight is {weight}; a ratio of probabilities is at least 0.");
        (_weights, _rewards, _direct) = (weights.ToArray(), rewards.ToArray(), direct.ToArray());
    }

    /// <summary>Over a log of a few actions.</summary>
    /// <param name="actions">The logged action of each row.</param>
    /// <param name="propensities">The probability with which it was taken; in (0, 1].</param>
    /// <param name="rewards">What it earned.</param>
    /// <param name="targetPolicy">The target policy's probabilities, [rows][actions].</param>
    /// <param name="rewardModel">q̂, [rows][actions].</param>
    /// <exception cref="ArgumentException">Lengths differ, an action is unknown, or a propensity lies outside (0, 1].</exception>
    public static OffPolicyEstimates Of(
        ReadOnlySpan<int> actions, ReadOnlySpan<double> propensities, ReadOnlySpan<double> rewards, double[][] targetPolicy, double[][] rewardModel)
    {
        if (actions.Length != propensities.Length || actions.Length != targetPolicy.Length || actions.Length != rewardModel.Length)
            throw new ArgumentException($"There are {actions.Length} actions, {propensities.Length} propensities, {targetPolicy.Length} rows of the target policy and {rewardModel.Length} of the model; each row needs one of all.");
        double[] weights = new double[actions.Length], modelled = new double[actions.Length], direct = new double[actions.Length];
        for (int row = 0; row < actions.Length; row++)
        {
            int action = actions[row];
            if (action < 0 || action >= targetPolicy[row].Length || rewardModel[row].Length != targetPolicy[row].Length)
                throw new ArgumentException($"Row {row} has action {action}, {targetPolicy[row].Length} probabilities and {rewardModel[row].Length} modelled rewards; the action must be one of both.");
            if (propensities[row] is not (> 0 and <= 1)) throw new ArgumentException($"Row {row} has propensity {propensities[row]}; it must lie in (0, 1].");
            weights[row] = targetPolicy[row][action] / propensities[row];
            modelled[row] = rewardModel[row][action];
            for (int i = 0; i < targetPolicy[row].Length; i++) direct[row] += targetPolicy[row][i] * rewardModel[row][i];
        }
        return new OffPolicyEstimates(weights, rewards, modelled, direct);
    }

    /// <summary>The mean weight; near 1 where the log covers the target policy.</summary>
    public double MeanWeight => Descriptive.MeanOf(_weights);

    /// <summary>The largest weight.</summary>
    public double LargestWeight => _weights.Max();

    /// <summary>(Σw)² / Σw²; 0 where every weight is.</summary>
    public double EffectiveSampleSize
    {
        get
        {
            double sum = _weights.Sum(), squares = _weights.Sum(x => x * x);
            return squares == 0 ? 0 : sum * sum / squares;
        }
    }

    /// <summary>Inverse propensity scoring: mean of w·r. Unbiased; its variance grows with the weights.</summary>
    public OffPolicyEstimate Ips() => MeanOf((weight, row) => weight * _rewards[row]);

    /// <summary>Self-normalised IPS: Σ w·r / Σ w (Swaminathan &amp; Joachims 2015); error by the delta method.</summary>
    /// <exception cref="InvalidOperationException">All weights are 0.</exception>
    public OffPolicyEstimate Snips()
    {
        double sum = SumOfWeights(), value = 0, squares = 0;
        for (int row = 0; row < _weights.Length; row++) value += _weights[row] * _rewards[row] / sum;
        for (int row = 0; row < _weights.Length; row++)
        {
            double part = _weights[row] * (_rewards[row] - value) / sum;
            squares += part * part;
        }
        return new OffPolicyEstimate(value, Math.Sqrt(squares));
    }

    /// <summary>The direct method: mean of v̂. As biased as the model.</summary>
    public OffPolicyEstimate Direct() => MeanOf((_, row) => _direct[row]);

    /// <summary>Doubly robust: mean of v̂ + w·(r − q̂) (Dudík et al. 2011).</summary>
    public OffPolicyEstimate DoublyRobust() => Corrected(weight => weight);

    /// <summary>Self-normalised doubly robust: mean of v̂ + Σ w·(r − q̂) / Σ w.</summary>
    /// <exception cref="InvalidOperationException">All weights are 0.</exception>
    public double SelfNormalisedDoublyRobust()
    {
        double sum = SumOfWeights(), correction = 0;
        for (int row = 0; row < _weights.Length; row++) correction += _weights[row] * _residuals[row] / sum;
        return Descriptive.MeanOf(_direct) + correction;
    }

    /// <summary>IPS with weights of at most <paramref name="limit"/>.</summary>
    public OffPolicyEstimate ClippedIps(double limit) => MeanOf((weight, row) => Math.Min(weight, limit) * _rewards[row]);

    /// <summary>Doubly robust with weights of at most <paramref name="limit"/>.</summary>
    public OffPolicyEstimate ClippedDoublyRobust(double limit) => Corrected(weight => Math.Min(weight, limit));

    /// <summary>Switch-DR: rows with a larger weight trust the model alone (Wang, Agarwal &amp; Dudík 2017).</summary>
    public OffPolicyEstimate SwitchDoublyRobust(double threshold) => Corrected(weight => weight <= threshold ? weight : 0);

    /// <summary>Doubly robust with λw / (w² + λ) in place of w (Su et al. 2020, optimistic shrinkage).</summary>
    /// <param name="lambda">Above 0; the smaller, the closer to the direct method.</param>
    public OffPolicyEstimate ShrunkDoublyRobust(double lambda)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(lambda);
        return Corrected(weight => lambda * weight / (weight * weight + lambda));
    }

    /// <summary>IPS with w / (1 − λ + λw) in place of w (Metelli et al. 2021): no weight above 1/λ.</summary>
    /// <param name="lambda">In [0, 1]; 0 is IPS.</param>
    public OffPolicyEstimate SubGaussianIps(double lambda)
    {
        if (lambda is not (>= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(lambda), lambda, "It must lie in [0, 1].");
        return MeanOf((weight, row) => weight == 0 ? 0 : weight / (1 - lambda + lambda * weight) * _rewards[row]);
    }

    private OffPolicyEstimate Corrected(Func<double, double> shape) => MeanOf((weight, row) => _direct[row] + shape(weight) * _residuals[row]);

    private OffPolicyEstimate MeanOf(Func<double, int, double> term)
    {
        double[] terms = new double[_weights.Length];
        for (int row = 0; row < terms.Length; row++) terms[row] = term(_weights[row], row);
        double error = terms.Length == 1 ? double.NaN : Descriptive.StandardError(terms);
        return new OffPolicyEstimate(Descriptive.MeanOf(terms), error);
    }

    private double SumOfWeights()
    {
        double sum = _weights.Sum();
        return sum > 0 ? sum : throw new InvalidOperationException("All weights are 0: the target policy takes none of the logged actions, so the log says nothing of it.");
    }
}
