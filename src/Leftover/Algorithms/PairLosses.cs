using Leftover.Batches;
using Leftover.Tensors;

namespace Leftover.Algorithms;

/// <summary>The losses of DPO's family over one batch of pairs, by name; what they share is computed once.</summary>
internal sealed class PairLosses
{
    private const float LeastSmoothing = 1e-3f;              // of exo_pair, whose loss has ln ε

    private readonly Dpo _dpo;
    private readonly Tensor _tokenLogProbs;                  // [N]  ln π_θ
    private readonly CompletionBatch _batch;
    private readonly Tensor? _tokenWeights;                  // [N]  what each token counts; null: once
    private readonly Tensor _scores;                         // [B]  log-ratios as the divergence measures them
    private readonly Tensor _c, _r, _m;                      // [G]  log-ratios of chosen and rejected; difference of their scores

    public PairLosses(Dpo dpo, Tensor tokenLogProbs, CompletionBatch batch)
    {
        (_dpo, _tokenLogProbs, _batch) = (dpo, tokenLogProbs, batch);
        if (dpo.TokenWeights(batch) is { } weights) _tokenWeights = Tensor.Vector(weights);
        Tensor logRatios = Sum(dpo.ReferenceFree ? tokenLogProbs : tokenLogProbs - batch.ReferenceTokenLogProbs);     // [B]  ln ρ
        _scores = Score(logRatios);
        (_c, _r) = (batch.First(logRatios), batch.Last(logRatios));
        _m = Difference(_scores);
    }

    private float Beta => _dpo.Beta;

    private float Smoothing => _dpo.LabelSmoothing;

    private Tensor H => _m * Beta;

    /// <summary>The loss of each pair; [G].</summary>
    public Tensor Of(DpoLoss loss) => loss switch
    {
        DpoLoss.Sigmoid => PairAlgorithm.Logistic(H, Smoothing),
        DpoLoss.Hinge => (1 - H).Maximum(0),
        DpoLoss.Ipo => Square(MarginPerToken() - 1 / (2 * Beta)),
        DpoLoss.SigmoidNorm => -(MarginPerToken() * Beta).LogSigmoid(),
        DpoLoss.Robust => (H.LogSigmoid() * (Smoothing - 1) + (-H).LogSigmoid() * Smoothing) * (1 / (1 - 2 * Smoothing)),
        DpoLoss.ExoPair => Exo(H, MathF.Max(Smoothing, LeastSmoothing)),
        DpoLoss.NcaPair => -(_c * Beta).LogSigmoid() - ((_c * -Beta).LogSigmoid() + (_r * -Beta).LogSigmoid()) * 0.5f,
        DpoLoss.BcoPair => -(_c * Beta).LogSigmoid() - (_r * -Beta).LogSigmoid(),
        DpoLoss.SppoHard => Square(_c - 0.5f / Beta) + Square(_r + 0.5f / Beta),
        DpoLoss.Aot => PairAlgorithm.Logistic((Difference(Sum(_tokenLogProbs)).Sorted() - ReferenceMargins().Sorted()) * Beta, Smoothing),
        DpoLoss.AotUnpaired => PairAlgorithm.Logistic((_c.Sorted() - _r.Sorted()) * Beta, Smoothing),
        DpoLoss.ApoZero => 1 - (_c * Beta).Sigmoid() + (_r * Beta).Sigmoid(),
        DpoLoss.ApoDown => (_c * Beta).Sigmoid() + 1 - ((_c - _r) * Beta).Sigmoid(),
        DpoLoss.Discopop => Discovered(H, _dpo.DiscopopTau),
        DpoLoss.Sft => PairAlgorithm.ChosenNll(_tokenLogProbs, _batch).RepeatBySegment([0, _batch.Groups]),
        _ => throw new InvalidOperationException($"The loss {loss} is unknown."),
    };

    private Tensor Sum(Tensor perToken) => _batch.SumByCompletion(_tokenWeights is null ? perToken : perToken * _tokenWeights);

    // [B] to [G]: chosen less rejected
    private Tensor Difference(Tensor perAnswer) => _batch.First(perAnswer) - _batch.Last(perAnswer);

    private Tensor MarginPerToken() => Difference(_batch.PerToken(_scores));

    private Tensor ReferenceMargins() => _dpo.ReferenceFree ? Tensor.Vector(new float[_batch.Groups]) : Difference(Sum(_batch.ReferenceTokenLogProbs));

    // 0 at the reference, as the log-ratio is: scores may be divided by lengths.
    private Tensor Score(Tensor logRatios) => _dpo.Divergence switch
    {
        PairDivergence.ReverseKl => logRatios,
        PairDivergence.ForwardKl => 1 - (-logRatios).Exp(),
        PairDivergence.JensenShannon => logRatios.LogSigmoid() + MathF.Log(2),
        _ => (1 - (logRatios * -_dpo.AlphaDivergenceCoef).Exp()) * (1 / _dpo.AlphaDivergenceCoef),
    };

    private static Tensor Exo(Tensor h, float smoothing) =>
        h.Sigmoid() * (h.LogSigmoid() - MathF.Log(1 - smoothing)) + (-h).Sigmoid() * ((-h).LogSigmoid() - MathF.Log(smoothing));

    private static Tensor Discovered(Tensor h, float temperature)
    {
        Tensor s = (h * (1 / temperature)).Sigmoid();
        return (1 - s) * -h.LogSigmoid() + s * (-h).Exp();
    }

    private static Tensor Square(Tensor x) => x * x;
}
