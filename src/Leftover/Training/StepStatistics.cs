using Leftover.Batches;

namespace Leftover.Training;

/// <summary>Gathers a step's figures over its batches.</summary>
internal sealed class StepStatistics
{
    private const double High = 1.9, Low = 0.1;            // the default clip range, 1 ± 0.9

    private int _tokens, _completions, _ratios, _high, _low, _updates;
    private double _logProb, _logRatio, _sum, _sumOfSquares, _loss, _gradientNorm;

    /// <summary>The algorithm's own figures.</summary>
    public FigureMeans Figures { get; } = new();

    /// <summary>An update was made.</summary>
    public void AddUpdate(double loss, double gradientNorm)
    {
        _updates++;
        _loss += loss;
        _gradientNorm += gradientNorm;
    }

    public void Add(ReadOnlySpan<float> tokenLogProbs, CompletionBatch batch)
    {
        _tokens += batch.Tokens.Length;
        _completions += batch.Count;
        float[] reference = batch.ReferenceTokenLogProbValues;
        for (int b = 0; b < batch.Count; b++)
        {
            double logProb = 0, logRatio = 0;
            for (int t = batch.Offsets[b]; t < batch.Offsets[b + 1]; t++)
            {
                logProb += tokenLogProbs[t];
                if (reference.Length > 0) logRatio += (double)tokenLogProbs[t] - reference[t];
            }
            _logProb += logProb;
            if (reference.Length > 0) AddRatio(logRatio);
        }
    }

    /// <summary>The step's report; of several updates, losses and norms are their means.</summary>
    public StepReport Report(int step, double learningRate) =>
        new(step, _loss / Math.Max(_updates, 1), _gradientNorm / Math.Max(_updates, 1), learningRate, _tokens, _completions)
        {
            Updates = _updates,
            Figures = Figures.Means,
            LogProb = _logProb / Math.Max(_completions, 1),
            Ratio = _ratios == 0 ? null : new RatioReport(
                _logRatio / _ratios, _sum * _sum / (_ratios * _sumOfSquares), (double)_high / _ratios, (double)_low / _ratios),
        };

    private void AddRatio(double logRatio)
    {
        double ratio = Math.Exp(Math.Clamp(logRatio, -150, 150));
        _ratios++;
        _logRatio += logRatio;
        _sum += ratio;
        _sumOfSquares += ratio * ratio;
        if (ratio > High) _high++;
        if (ratio < Low) _low++;
    }
}
