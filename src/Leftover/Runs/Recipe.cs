using System.ComponentModel.DataAnnotations;
using Leftover.Advantages;
using Leftover.Data;
using Leftover.Rewards;

namespace Leftover.Runs;

/// <summary>All that a run is told: data, model, rewards, methods and their hyperparameters. Its defaults are the <c>corrected</c> preset.</summary>
public sealed record Recipe
{
    /// <summary>The settings that stand behind what the recipe says: <c>corrected</c>, or <c>paper</c> for the authors' own. Default corrected.</summary>
    public Preset Preset { get; init; } = Preset.Corrected;

    /// <summary>The run's name in reports. Default: the output folder's name.</summary>
    public string? Name { get; init; }

    /// <summary>Every random number follows from it. Default 1.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Threads to compute with; ≥ 1. The result does not depend on it. Default: <c>LEFTOVER_THREADS</c>, or all cores.</summary>
    [Range(1, 4096)]
    public int? Threads { get; init; }

    /// <summary>
    /// The numbers in which matrix products multiply, in training and in the reference's frozen pass: <c>fp32</c>, <c>bf16</c> (operands rounded, all
    /// sums fp32), or <c>auto</c>: bf16 where the processor has the instruction for it. Generation and evaluation are fp32 always. Default auto.
    /// </summary>
    public Dtype Dtype { get; init; } = Dtype.Auto;

    /// <summary>The run folder. Default: <c>runs/</c> and the recipe's name, beside the recipe.</summary>
    [RecipePath]
    public string Output { get; init; } = "runs/recipe";

    /// <summary>Where stages keep results for later runs. Default <c>cache</c> beside the run folder.</summary>
    [RecipePath]
    public string Cache { get; init; } = "runs/cache";

    /// <summary>The model to start from.</summary>
    public ModelOptions Model { get; init; } = new();

    /// <summary>How turns become text: <c>auto</c> (ChatML where the tokenizer has its tokens, else a transcript), <c>none</c>, <c>chatml</c> or <c>transcript</c>. Default auto.</summary>
    public string Template { get; init; } = "auto";

    /// <summary>The files.</summary>
    public DataOptions Data { get; init; } = new();

    /// <summary>How many tokens are kept, and which.</summary>
    public TruncationOptions Truncation { get; init; } = new();

    /// <summary>The rewards, each with its weight. Default none: the recorded rewards, each with weight 1.</summary>
    public IReadOnlyList<RewardTerm> Rewards { get; init; } = [];

    /// <summary>How several rewards become one. Default their weighted sum.</summary>
    public RewardAggregation RewardAggregation { get; init; } = RewardAggregation.WeightedSum;

    /// <summary>Supervised fine-tuning before all else, which makes the reference policy.</summary>
    public SftOptions Sft { get; init; } = new();

    /// <summary>The estimate of the reference policy's value.</summary>
    public ValueOptions Value { get; init; } = new();

    /// <summary>What is trained, one policy a method, all from the same caches. In a recipe also <c>algorithm</c>, for one. Default a-lol.</summary>
    public IReadOnlyList<Method> Methods { get; init; } = [];

    /// <summary>The training loop, for every method that does not say otherwise.</summary>
    public TrainingOptions Training { get; init; } = new();

    /// <summary>What <c>leftover reward-model</c> trains.</summary>
    public RewardModelOptions RewardModel { get; init; } = new();

    /// <summary>How replies are written.</summary>
    public GenerationOptions Generation { get; init; } = new();

    /// <summary>What is measured on held-out prompts.</summary>
    public EvaluationOptions Evaluation { get; init; } = new();

    /// <summary>What <c>leftover compare</c> does with the methods.</summary>
    public ComparisonOptions Compare { get; init; } = new();

    /// <summary>What metrics are written for beside <c>metrics.jsonl</c>. Default TensorBoard.</summary>
    public IReadOnlyList<MetricsSink> ReportTo { get; init; } = [MetricsSink.Tensorboard];

    /// <summary>The recipe whole, defaults included; reading it back gives the same recipe.</summary>
    public string ToYaml() => RecipeWriter.ToYaml(this);

    /// <summary>The same as JSON.</summary>
    public string ToJson() => RecipeWriter.ToJsonText(this);
}

/// <summary>Which settings stand behind a recipe.</summary>
public enum Preset
{
    /// <summary>Masked and deterministic value head with a hold-out, no dropout noise in importance weights, accumulation that equals the big batch.</summary>
    Corrected,

    /// <summary>The settings of the authors' code.</summary>
    Paper,
}

/// <summary>A form in which metrics are written.</summary>
public enum MetricsSink
{
    /// <summary>Event files that TensorBoard shows.</summary>
    Tensorboard,

    /// <summary>None but <c>metrics.jsonl</c>.</summary>
    None,
}
