using Leftover.Models;
using Leftover.Reference;
using Leftover.Runs;

namespace Leftover.Pipeline;

/// <summary>The frozen pass over the train set: ln π_ref of every completion token, and the prompts' states where they are wanted.</summary>
internal sealed class ReferenceStage(RunContext context, PolicySource reference, TokenizedSet train)
{
    private float[][]? _logProbs;
    private PromptStateStore? _states;

    /// <summary>ln π_ref of each completion token of each row, [T] a row.</summary>
    public float[][] LogProbs => _logProbs ?? Pass(withStates: false);

    /// <summary>The states of the train set's prompts; asked for before <see cref="LogProbs"/>, one pass gives both.</summary>
    public PromptStateStore States
    {
        get
        {
            if (_states is null) Pass(withStates: true);
            return _states!;
        }
    }

    /// <summary>Lets the states go: they are large, and once values are known nobody needs them.</summary>
    public void ReleaseStates() => _states = null;

    private float[][] Pass(bool withStates)
    {
        string key = RunContext.LogProbsKey(reference, context.ComputeType);
        using RowStore store = context.OpenRows("log-probs", key);
        using LanguageModel model = context.Load(reference, trainable: false);
        PromptStateStore? states = withStates ? new PromptStateStore(model.Config.Width) : null;
        _logProbs = ReferencePass.TokenLogProbs(model, train.Rows, store, key, states, context.FrozenBatchTokens, context.Observer, context.Cancellation);
        states?.Compute(model, train.Prompts, context.FrozenBatchTokens, context.Observer, context.Cancellation);     // prompts whose rows all came out of the store
        _states = states;
        return _logProbs;
    }
}
