using Leftover.Algorithms;

namespace Leftover.Training;

/// <summary>Gathers the importance ratios of a step as the algorithm weighs them: token by token, or completion by completion.</summary>
/// <param name="weighting">The algorithm's importance weights; null gathers those of whole completions, against the default clip range of 1 ± 0.9.</param>
internal sealed class RatioMeter(Weighting? weighting)
{
    private const double DefaultClipRange = 0.9;

    private readonly double _high = 1 + (weighting?.ClipRange ?? DefaultClipRange), _low = 1 - (weighting?.ClipRange ?? DefaultClipRange);
    private readonly bool _perToken = weighting?.PerToken == true;

    private int _completions, _ratios, _aboveHigh, _belowLow;
    private double _logRatio, _sum, _sumOfSquares;

    /// <summary>Adds a completion.</summary>
    /// <param name="logProbs">ln π_θ of its tokens, [T].</param>
    /// <param name="reference">ln π_ref of the same, [T].</param>
    public void Add(ReadOnlySpan<float> logProbs, ReadOnlySpan<float> reference)
    {
        double logRatio = 0;
        for (int t = 0; t < logProbs.Length; t++)
        {
            double ofToken = (double)logProbs[t] - reference[t];
            logRatio += ofToken;
            if (_perToken) AddRatio(ofToken);
        }
        _completions++;
        _logRatio += logRatio;
        if (!_perToken) AddRatio(logRatio);
    }

    /// <summary>The figures; null where nothing was added.</summary>
    public RatioReport? Report()
    {
        if (_ratios == 0) return null;
        double mean = _sum / _ratios, deviation = Math.Sqrt(Math.Max(_sumOfSquares / _ratios - mean * mean, 0));
        return new RatioReport(
            _ratios, _logRatio / _completions, mean, deviation, _sum * _sum / (_ratios * _sumOfSquares), (double)_aboveHigh / _ratios, (double)_belowLow / _ratios);
    }

    private void AddRatio(double logRatio)
    {
        double ratio = Math.Exp(Math.Clamp(logRatio, -150, 150));
        _ratios++;
        _sum += ratio;
        _sumOfSquares += ratio * ratio;
        if (ratio > _high) _aboveHigh++;
        if (ratio < _low) _belowLow++;
    }
}
