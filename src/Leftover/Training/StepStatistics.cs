using Leftover.Algorithms;
using Leftover.Batches;

namespace Leftover.Training;

/// <summary>Gathers a step's figures over its batches.</summary>
internal sealed class StepStatistics(Weighting? weighting)
{
    private readonly RatioMeter _ratios = new(weighting);

    private int _tokens, _completions;
    private double _logProb;

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

    public StepReport Report(int step, double loss, double gradientNorm, double learningRate) =>
        new(step, loss, gradientNorm, learningRate, _tokens, _completions)
        {
            LogProb = _logProb / Math.Max(_completions, 1),
            Ratio = _ratios.Report(),
        };
}
