using Leftover.Algorithms;
using Leftover.Models;
using Leftover.Runs;
using Leftover.Training;

namespace Leftover.Pipeline;

/// <summary>Makes a training of a method that learns from replies of its own: the recipe's train prompts, rewards and reference, and no logged answer.</summary>
internal sealed class OnlineStage(RunPipeline pipeline, Method method, string label, OnlineAlgorithm algorithm)
{
    private readonly RunContext _context = pipeline.Context;
    private readonly TrainingOptions _options = method.Training;
    private readonly RolloutPlan _plan = new(pipeline.Train, algorithm, method.Training, label, method.Training.Seed ?? pipeline.Context.Recipe.Seed);

    /// <summary>The training.</summary>
    /// <param name="folder">Where the model, the metrics and the checkpoints go.</param>
    /// <exception cref="Data.DataException">The rewards cannot score new replies, or the options do not fit.</exception>
    public TrainingJob Job(string folder)
    {
        RolloutSource.CheckRewards(pipeline, label);
        _context.Observer.Say($"{label}: {pipeline.Train.Prompts.Count} prompts, {_plan.Steps} steps of {_plan.StepText}.");
        ModelConfig config = pipeline.Reference.Config();
        return new TrainingJob
        {
            Title = $"Training {label}",
            Folder = folder,
            Fingerprint = RunContext.Key(
                ("reference", pipeline.Reference.Hash), ("coding", pipeline.Coding.Hash), ("algorithm", method.Algorithm.ToJson().ToJsonString()), ("prompts", RunPipeline.HashOf(pipeline.Train.Rows)),
                ("rewards", pipeline.Rewards.Hash), ("generation", (_context.Recipe.Generation with { BatchSize = 1 }).ToString() + string.Join('\0', _context.Recipe.Generation.Stop) + _context.Recipe.Truncation.MaxCompletionTokens),
                ("plan", $"{_plan.StepText} {_plan.Steps} {_plan.Seed}"), ("options", RunPipeline.OptionsThatMatter(_options)), ("dtype", _context.ComputeType.ToString()), ("validation", pipeline.ValidationHash(_options))),
            Start = pipeline.Reference,
            Coding = pipeline.Coding,
            Algorithm = algorithm,
            Options = _options with { GradientAccumulation = 1 },                 // an update is a pass's part of the replies
            Section = "training",
            Steps = _plan.Steps,
            Source = policy => new RolloutSource(pipeline, algorithm, _plan, policy),
            LargestSteps = [_plan.LargestStep(NewTokens(config))],
            MemoryBeside = Beside(config),
            Planned = memory => pipeline.Remember(label, memory),
            EvalSteps = _options.EvalStepsOf(_plan.Steps),
            NameOfExample = pipeline.NameOfExample,
            Validate = pipeline.Validator(label, _options),
        };
    }

    /// <summary>What memory the training needs; refuses rewards that cannot score new replies, too.</summary>
    /// <param name="config">The model's shape.</param>
    /// <exception cref="Data.DataException">It does not fit.</exception>
    public MemoryPlan PlanMemory(ModelConfig config)
    {
        RolloutSource.CheckRewards(pipeline, label);
        return new MemoryStage(_context, "training", config, algorithm, [_plan.LargestStep(NewTokens(config))]) { Beside = Beside(config) }.Plan(_options with { GradientAccumulation = 1 });
    }

    private int NewTokens(ModelConfig config)
    {
        int longest = pipeline.Train.Prompts.Max(prompt => prompt.Length);
        return Math.Max(1, Math.Min(_context.Recipe.Generation.MaxNewTokens ?? _context.Recipe.Truncation.MaxCompletionTokens, config.ContextLength - longest));
    }

    // The frozen reference, the copies of the weights that replies are written with, and their keys and values.
    private long Beside(ModelConfig config)
    {
        using LanguageModel model = config.Build();
        long tokens = pipeline.Train.Prompts.Max(prompt => prompt.Length) + NewTokens(config);
        long cache = 2L * sizeof(float) * config.Layers * tokens * config.KeyValueHeads * config.HeadDimension * _context.Recipe.Generation.BatchSize;
        return model.Weights.Length * sizeof(float) * 2 + cache;
    }
}
