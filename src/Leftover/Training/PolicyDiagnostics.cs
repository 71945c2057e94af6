using Leftover.Evaluation.Statistics;

namespace Leftover.Training;

/// <summary>Gathers log-probabilities of logged completions under policy and reference, kept and dropped rows apart, and reports how far the policy has moved.</summary>
/// <remarks>A-LoL should raise the kept answers; what it does to the dropped ones shows whether it only copies or generalises.</remarks>
/// <param name="clipRange">ε of the algorithm: ratios outside 1 ± ε count as clipped; ≥ 0.</param>
public sealed class PolicyDiagnostics(double clipRange = 0.9)
{
    private readonly Group _kept = new(), _dropped = new();

    /// <summary>The kept rows; null where none were added.</summary>
    public OffPolicyReport? Kept => _kept.Report(clipRange);

    /// <summary>The dropped rows; null where none were added.</summary>
    public OffPolicyReport? Dropped => _dropped.Report(clipRange);

    /// <summary>All rows together; null where none were added.</summary>
    public OffPolicyReport? All => Group.Joined(_kept, _dropped).Report(clipRange);

    /// <summary>Adds packed completions.</summary>
    /// <param name="logProbs">ln π_θ of each completion token, [N].</param>
    /// <param name="referenceLogProbs">ln π_ref of the same, [N].</param>
    /// <param name="offsets">Completion i is tokens <c>offsets[i] .. offsets[i+1]-1</c>, at least one; [B+1].</param>
    /// <param name="kept">For each completion whether its row is trained on, [B]; empty where all are.</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public void Add(ReadOnlySpan<float> logProbs, ReadOnlySpan<float> referenceLogProbs, ReadOnlySpan<int> offsets, ReadOnlySpan<bool> kept = default)
    {
        if (logProbs.Length != referenceLogProbs.Length || offsets.Length < 1 || offsets[^1] != logProbs.Length || (kept.Length != 0 && kept.Length != offsets.Length - 1))
            throw new ArgumentException($"{logProbs.Length} log-probabilities, {referenceLogProbs.Length} of the reference, {offsets.Length} offsets and {kept.Length} flags do not fit: there is one log-probability a token in both, one offset more than completions, and one flag a completion or none.");
        for (int i = 0; i + 1 < offsets.Length; i++)
        {
            Range tokens = offsets[i]..offsets[i + 1];
            (kept.Length == 0 || kept[i] ? _kept : _dropped).Add(logProbs[tokens], referenceLogProbs[tokens]);
        }
    }

    /// <summary>All figures: <c>offpolicy/…</c> over all rows, <c>offpolicy/kept/…</c> and <c>offpolicy/dropped/…</c> where there are both.</summary>
    public IReadOnlyDictionary<string, double> Metrics()
    {
        var metrics = new Dictionary<string, double>(All?.Metrics() ?? []);
        if (Kept is not { } kept || Dropped is not { } dropped) return metrics;
        foreach ((string name, double value) in kept.Metrics("offpolicy/kept/").Concat(dropped.Metrics("offpolicy/dropped/"))) metrics[name] = value;
        return metrics;
    }

    private sealed class Group
    {
        private readonly List<double> _logProbs = [], _reference = [];
        private readonly List<int> _offsets = [0];

        public static Group Joined(Group first, Group second)
        {
            var joined = new Group();
            foreach (Group group in new[] { first, second })
            {
                int start = joined._logProbs.Count;
                joined._logProbs.AddRange(group._logProbs);
                joined._reference.AddRange(group._reference);
                joined._offsets.AddRange(group._offsets.Skip(1).Select(offset => offset + start));
            }
            return joined;
        }

        public void Add(ReadOnlySpan<float> logProbs, ReadOnlySpan<float> reference)
        {
            foreach (float x in logProbs) _logProbs.Add(x);
            foreach (float x in reference) _reference.Add(x);
            _offsets.Add(_logProbs.Count);
        }

        public OffPolicyReport? Report(double clipRange)
        {
            if (_offsets.Count < 2) return null;
            // The data stands for samples of the reference, so the reference is the estimators' sampling policy.
            double[] logProbs = [.. _logProbs], reference = [.. _reference];
            int[] offsets = [.. _offsets];
            KlEstimate k1 = KlEstimators.Estimate(KlEstimator.K1, reference, logProbs, offsets);
            double[] near = [.. logProbs.Zip(reference, (p, r) => p - Math.Clamp(p - r, -RatioStatistics.LargestLogRatio, RatioStatistics.LargestLogRatio))];     // ρ stays finite
            KlEstimate k3 = KlEstimators.Estimate(KlEstimator.K3, near, logProbs, offsets);
            return new OffPolicyReport(
                offsets.Length - 1, k1.MeanOverTokens, k3.MeanOverTokens, k1.MeanOfSequenceSums, logProbs.Sum() / (offsets.Length - 1),
                RatioStatistics.Of(Array.ConvertAll(k1.Tokens, x => -x), clipRange), RatioStatistics.Of(Array.ConvertAll(k1.SumBySequence, x => -x), clipRange));
        }
    }
}
