namespace Leftover.Rewards;

/// <summary>A source whose model is loaded once and scores some rows at a time.</summary>
/// <param name="source">The source.</param>
/// <param name="model">Its model, which is disposed with this.</param>
/// <param name="score">One score a row.</param>
/// <param name="cancellation">Asked between batches.</param>
internal sealed class ModelScorer(RewardSource source, IDisposable model, Func<IReadOnlyList<RewardInput>, double[]> score, CancellationToken cancellation) : RewardScorer
{
    private readonly FunctionScorer _rows = new(source, score, source.BatchRows, cancellation);

    /// <inheritdoc/>
    public override void Score(IReadOnlyList<RewardInput> rows, Action<int, double?> keep) => _rows.Score(rows, keep);

    /// <inheritdoc/>
    public override void Dispose()
    {
        model.Dispose();
        base.Dispose();
    }
}
