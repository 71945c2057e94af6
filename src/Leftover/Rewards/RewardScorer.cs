namespace Leftover.Rewards;

/// <summary>A source at work: from its first row to its end it holds what scoring needs, a process, a connection or a model.</summary>
public abstract class RewardScorer : IDisposable
{
    /// <summary>Scores rows and gives each score away at once, so that what is computed outlives whatever stops the rest.</summary>
    /// <param name="rows">At least one.</param>
    /// <param name="keep">Takes a row's number and its score, in any order and from any thread; null where the row has no score and the source's <see cref="RewardSource.MissingScore"/> stands for it.</param>
    /// <exception cref="Data.DataException">A row cannot be scored. Scores given away before are good.</exception>
    /// <exception cref="ScoresInDoubtException">Nor can those be trusted that were given away since the call began.</exception>
    public abstract void Score(IReadOnlyList<RewardInput> rows, Action<int, double?> keep);

    /// <inheritdoc/>
    public virtual void Dispose() => GC.SuppressFinalize(this);
}

/// <summary>Thrown where a source turns out to have given scores to the wrong rows: none of the call is kept.</summary>
public sealed class ScoresInDoubtException : Exception
{
    /// <summary>An error with its full message.</summary>
    public ScoresInDoubtException(string message) : base(message) { }
}

/// <summary>A source that computes in this process, some rows at a time.</summary>
/// <param name="source">Its name is for messages.</param>
/// <param name="score">One score a row.</param>
/// <param name="batchRows">Rows at a time, at most.</param>
/// <param name="cancellation">Asked between batches.</param>
internal sealed class FunctionScorer(RewardSource source, Func<IReadOnlyList<RewardInput>, double[]> score, int batchRows, CancellationToken cancellation) : RewardScorer
{
    public override void Score(IReadOnlyList<RewardInput> rows, Action<int, double?> keep)
    {
        for (int from = 0; from < rows.Count; from += batchRows)
        {
            cancellation.ThrowIfCancellationRequested();
            IReadOnlyList<RewardInput> batch = batchRows >= rows.Count ? rows : [.. rows.Skip(from).Take(batchRows)];
            double[] scores = score(batch);
            if (scores.Length != batch.Count) throw new InvalidOperationException($"The reward '{source.Name}' gave {scores.Length} scores for {batch.Count} rows.");
            for (int i = 0; i < scores.Length; i++) keep(from + i, scores[i]);
        }
    }
}
