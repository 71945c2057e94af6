using Leftover.Advantages;
using Leftover.Algorithms;
using Leftover.Batches;
using Leftover.Data;
using Leftover.Runs;

namespace Leftover.Pipeline;

/// <summary>Which prompts an online method answers in each step; it follows from the seed alone.</summary>
internal sealed class RolloutPlan
{
    private readonly SamplingPlan _prompts;
    private readonly TokenizedSet _train;
    private readonly OnlineAlgorithm _algorithm;

    /// <summary>The plan of a method.</summary>
    /// <exception cref="DataException">The options do not fit an online method.</exception>
    public RolloutPlan(TokenizedSet train, OnlineAlgorithm algorithm, TrainingOptions options, string label, long seed)
    {
        int replies = options.BatchSize * options.GradientAccumulation;
        if (options.BatchTokens is not null) throw new DataException($"{label}: training.batch_tokens does not go with a method that writes its own replies; their lengths are not known before. Set training.batch_size, the replies of a step.");
        if (options.Sampling != SamplingStrategy.Uniform) throw new DataException($"{label}: training.sampling is {ConfigSchema.Name(options.Sampling)}; a method that writes its own replies has no rows to draw by priority. Leave it uniform.");
        if (replies % algorithm.NumGenerations != 0) throw new DataException($"{label}: training.batch_size × gradient_accumulation is {replies} replies a step, which num_generations ({algorithm.NumGenerations} replies to each prompt) does not divide. Make it a multiple.");
        (_train, _algorithm) = (train, algorithm);
        Seed = seed;
        _prompts = SamplingPlan.Passes(train.Prompts.Count, replies / algorithm.NumGenerations, seed);
        Steps = options.Steps ?? (options.TotalTokens is { } total ? StepsWithin(total, replies) : _prompts.StepsFor(options.Epochs));
    }

    /// <summary>What prompts, replies and the order of updates follow from.</summary>
    public long Seed { get; }

    /// <summary>Steps in all.</summary>
    public int Steps { get; }

    /// <summary>What a step is, for people.</summary>
    public string StepText => $"{_prompts.BatchSize} prompts × {_algorithm.NumGenerations} replies";

    /// <summary>The prompts of a step, by their numbers in the train set.</summary>
    /// <param name="step">Its number, from 1.</param>
    public int[] Prompts(int step) => _prompts.Step(step);

    // Replies are not written yet; they are taken to be as long as the log's completions are on average.
    private int StepsWithin(long total, int replies)
    {
        double step = _prompts.BatchSize * _train.Prompts.Average(prompt => prompt.Length) + replies * _train.Rows.Average(row => row.Completion.Length - 1.0);
        return (int)Math.Clamp(total / (step * _algorithm.NumIterations), 1, int.MaxValue);
    }

    /// <summary>Rows as large as a step's can become, for the plan of memory: the longest prompts, each reply as long as it may be.</summary>
    /// <param name="newTokens">Tokens of a reply, at most.</param>
    public TrainingRow[] LargestStep(int newTokens)
    {
        IEnumerable<int[]> longest = _train.Prompts.OrderByDescending(prompt => prompt.Length).Take(Math.Max(1, _prompts.BatchSize / _algorithm.NumMiniBatches));
        var tokens = new RolloutTokens { OldLogProbs = new float[newTokens], Advantages = new float[newTokens], Returns = new float[newTokens], OldValues = new float[newTokens] };
        return [.. longest.SelectMany(prompt => Enumerable.Repeat(new TrainingRow(0, prompt, new int[newTokens]) { ReferenceTokenLogProbs = new float[newTokens], Rollout = tokens }, _algorithm.NumGenerations))];
    }
}
