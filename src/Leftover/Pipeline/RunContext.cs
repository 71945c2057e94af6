using Leftover.Reference;
using Leftover.Runs;

namespace Leftover.Pipeline;

/// <summary>What every stage of a run needs: the recipe, where things lie, who is told, and when to stop.</summary>
public sealed class RunContext
{
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

    /// <summary>Input tokens of one packed batch in frozen passes, at most.</summary>
    internal int FrozenBatchTokens { get; init; } = 2048;

    /// <summary>The version of what computes: part of every cache key, so that another version's results are not taken for this one's.</summary>
    public static string Version { get; } = typeof(RunContext).Assembly.GetName().Version?.ToString(3) ?? "0";

    /// <summary>A file or folder in the run's own folder.</summary>
    public string PathOf(params string[] parts) => Path.Combine([Recipe.Output, .. parts]);

    /// <summary>Row-wise results under the cache folder, for example ln π_ref.</summary>
    internal RowStore OpenRows(string stage, string context) => new(Path.Combine(Recipe.Cache, stage, context + ".rows"));

    /// <summary>Prompts' hidden states under the cache folder.</summary>
    internal PromptStateStore OpenStates(string context, int width) => new(Path.Combine(Recipe.Cache, "prompt-states", context + ".states"), context, width);

    /// <summary>A hash of what a stage's result depends on, the version included.</summary>
    internal static string Key(params (string Name, string Value)[] parts) =>
        ContentHash.Key(parts.Append(("leftover", Version)).Select(part => KeyValuePair.Create(part.Item1, part.Item2)));
}
