using Leftover.Models;
using Leftover.Reference;
using Leftover.Rewards;
using Leftover.Runs;
using Leftover.Tensors.Kernels;

namespace Leftover.Pipeline;

/// <summary>What every stage of a run needs: the recipe, where things lie, who is told, and when to stop.</summary>
public sealed class RunContext
{
    private ComputeType? _computeType;
    private bool _saidComputeType;

    /// <summary>The resolved recipe.</summary>
    public required Recipe Recipe { get; init; }

    /// <summary>Who is told how the run gets on.</summary>
    public IRunObserver Observer { get; init; } = SilentObserver.Instance;

    /// <summary>Set when the user wants the run to stop.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>The clock of metrics and manifests.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Tells the machine's memory.</summary>
    public Func<MachineMemory> Memory { get; init; } = MachineMemory.Now;

    /// <summary>Stages' results of earlier runs.</summary>
    public StageCache Cache => field ??= new StageCache(Recipe.Cache);

    /// <summary>The numbers that the recipe's <c>dtype</c> means on this processor; what depends on them has them in its cache key.</summary>
    public ComputeType ComputeType => _computeType ??= Recipe.Dtype.Resolve();

    /// <summary>The observer for stages that compute with a model: it also keeps how fast they did.</summary>
    internal PerformanceLog Performance => field ??= new PerformanceLog(Observer, Recipe.Output, Clock);

    /// <summary>Input tokens of one packed batch in frozen passes, at most.</summary>
    internal int FrozenBatchTokens { get; init; } = 2048;

    /// <summary>The version of what computes: part of every cache key, so that another version's results are not taken for this one's.</summary>
    public static string Version { get; } = typeof(RunContext).Assembly.GetName().Version?.ToString(3) ?? "0";

    /// <summary>A file or folder in the run's own folder.</summary>
    public string PathOf(params string[] parts) => Path.Combine([Recipe.Output, .. parts]);

    /// <summary>Row-wise results under the cache folder, for example ln π_ref.</summary>
    internal RowStore OpenRows(string stage, string context) => new(Path.Combine(Recipe.Cache, stage, context + ".rows"));

    /// <summary>What the scoring of rewards needs: scores that cost much are kept under the cache folder.</summary>
    public RewardContext Scoring => new() { Observer = Observer, Cancellation = Cancellation, Clock = Clock, Cache = Recipe.Cache, Seed = Recipe.Seed };

    /// <summary>Loads a model that computes in the run's numbers; where those are not fp32, the first time says so.</summary>
    internal LanguageModel Load(PolicySource source, bool trainable, bool valueHead = false)
    {
        if (ComputeType != ComputeType.Float32 && !_saidComputeType)
        {
            _saidComputeType = true;
            if (Instructions.HasBFloat16) Observer.Say($"Matrix products in {ComputeType.Describe()}; weights, sums and the optimizer in fp32.");
            else Observer.Warn("dtype is bf16, and this processor has no bf16 instruction that this process may use: products are computed over rounded operands by the fp32 kernels, with bf16's results and no faster than fp32. dtype: auto takes bf16 where it is faster.");
        }
        LanguageModel model = source.Load(trainable, valueHead);
        model.ComputeType = Performance.ComputeType = ComputeType;
        return model;
    }

    /// <summary>What ln π of a policy depends on, besides the tokens.</summary>
    internal static string LogProbsKey(PolicySource policy, ComputeType type) => Key(("model", policy.Hash), ("dtype", type.ToString()));

    /// <summary>Prompts' hidden states under the cache folder.</summary>
    internal PromptStateStore OpenStates(string context, int width) => new(Path.Combine(Recipe.Cache, "prompt-states", context + ".states"), context, width);

    /// <summary>A hash of what a stage's result depends on, the version included.</summary>
    internal static string Key(params (string Name, string Value)[] parts) =>
        ContentHash.Key(parts.Append(("leftover", Version)).Select(part => KeyValuePair.Create(part.Item1, part.Item2)));
}
