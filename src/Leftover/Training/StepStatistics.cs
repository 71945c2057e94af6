using Leftover.Algorithms;
using Leftover.Batches;

namespace Leftover.Training;

/// <summary>Gathers a step's figures over its batches.</summary>
internal sealed class StepStatistics(Weighting? weighting)
{
    private readonly RatioMeter _ratios = new(weighting);

    private int _tokens, _completions, _updates;
    private double _logProb, _loss, _gradientNorm;

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
        foreach (float logProb in tokenLogProbs) _logProb += logProb;
        float[] reference = batch.ReferenceTokenLogProbValues;
        if (reference.Length == 0) return;
        for (int b = 0; b < batch.Count; b++)
        {
            Range tokens = batch.Offsets[b]..batch.Offsets[b + 1];
            _ratios.Add(tokenLogProbs[tokens], reference.AsSpan(tokens));
        }
    }

    /// <summary>The step's report; of several updates, losses and norms are their means.</summary>
    public StepReport Report(int step, double learningRate) =>
        new(step, _loss / Math.Max(_updates, 1), _gradientNorm / Math.Max(_updates, 1), learningRate, _tokens, _completions)
        {
            Updates = _updates,
            Figures = Figures.Means,
            LogProb = _logProb / Math.Max(_completions, 1),
            Ratio = _ratios.Report(),
        };
}
