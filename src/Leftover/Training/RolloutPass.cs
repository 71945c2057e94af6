using Leftover.Batches;
using Leftover.Models;
using Leftover.Tensors;
using Leftover.Tensors.Memory;

namespace Leftover.Training;

/// <summary>A pass of a policy over replies that it just wrote: their log-probabilities in the numbers of the training, and their values.</summary>
/// <remarks>The replies were drawn with weights that may have been rounded; ratios to these log-probabilities begin at exactly 1.</remarks>
/// <param name="maxTokens">Input tokens computed at once, at most.</param>
public sealed class RolloutPass(int maxTokens) : IDisposable
{
    private readonly Arena _arena = new();

    /// <summary>ln π and, where the model has a value head, the value before each completion token; [T] a row, in the rows' order.</summary>
    /// <param name="model">The policy; nothing of it changes.</param>
    /// <param name="rows">The replies.</param>
    public (float[][] LogProbs, float[][] Values) Run(LanguageModel model, IReadOnlyList<TrainingRow> rows)
    {
        float[][] logProbs = new float[rows.Count][], values = new float[rows.Count][];
        IEnumerable<TrainingRow> numbered = rows.Select((row, i) => row with { Example = i });
        foreach (List<TrainingRow> run in BatchPacker.CutByTokens(numbered, maxTokens))
        {
            CompletionBatch batch = BatchPacker.Pack(run);
            using Tape tape = _arena.Begin(record: false, model.ComputeType);
            (Tensor tokenLogProbs, Tensor? tokenValues) = model.TokenOutputs(batch.Tokens, batch.Layout, batch.Rows, batch.Targets);
            for (int b = 0; b < batch.Count; b++)
            {
                Range tokens = batch.Offsets[b]..batch.Offsets[b + 1];
                logProbs[batch.Examples[b]] = tokenLogProbs.Data[tokens].ToArray();
                values[batch.Examples[b]] = tokenValues is null ? [] : tokenValues.Data[tokens].ToArray();
            }
        }
        return (logProbs, values);
    }

    /// <inheritdoc/>
    public void Dispose() => _arena.Dispose();
}
