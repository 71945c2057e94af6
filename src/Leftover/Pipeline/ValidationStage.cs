using Leftover.Data;
using Leftover.Models;
using Leftover.Reference;
using Leftover.Runs;
using Leftover.Tensors.Kernels;
using Leftover.Training;

namespace Leftover.Pipeline;

/// <summary>Scores a policy while it trains: by the rewards of its replies to validation prompts, or, where no reward can score new text, by how it ranks logged answers.</summary>
internal sealed class ValidationStage(RunPipeline pipeline, string method)
{
    private const int LoggedSamples = 8;                     // replies of a validation that go to samples.jsonl

    private readonly RunContext _context = pipeline.Context;

    /// <summary>The validation of one step.</summary>
    public ValidationReport Score(LanguageModel policy, int step) =>
        pipeline.Rewards.ScoresText ? ByReplies(policy, step) : ByRanking(policy, step);

    private ValidationReport ByReplies(LanguageModel policy, int step)
    {
        TokenizedSet set = pipeline.Validation;
        int prompts = Math.Min(_context.Recipe.Evaluation.MaxValidationPrompts ?? int.MaxValue, set.Prompts.Count);
        using var generator = new Generation.Generator(policy, pipeline.Coding.Tokenizer);
        Generation.GenerationOptions options = GenerationSettings.Of(_context.Recipe, pipeline.Coding, policy) with { Seed = _context.Recipe.Seed };
        IReadOnlyList<Generation.Completion> completions = generator.Generate([.. set.Prompts.Take(prompts)], options, cancellation: CancellationToken.None);
        (string Prompt, string Reply)[] texts = [.. completions.Select((completion, p) => (set.Examples[set.FirstOf[p]].PromptText, pipeline.Coding.Template.ReadCompletion(completion.Text)))];
        IReadOnlyList<IReadOnlyDictionary<string, double>> scores = pipeline.Rewards.ScoreReplies(texts);

        var metrics = new SortedDictionary<string, double>(StringComparer.Ordinal) { ["completions/mean_length"] = completions.Average(completion => completion.Tokens.Length) };
        foreach (string name in scores[0].Keys) metrics[name == Evaluation.ResultsBuilder.Total ? "reward" : $"rewards/{name}/mean"] = scores.Average(score => score[name]);
        return new ValidationReport(step, metrics["reward"], metrics)
        {
            Samples = [.. texts.Take(LoggedSamples).Select((text, p) => new Sample(step, method, text.Prompt, text.Reply, completions[p].Tokens.Length, scores[p]))],
        };
    }

    // Σ (R − mean R)·ln π(y|x)/|y| over logged answers: it rises where better-scored answers become likelier than worse ones.
    private ValidationReport ByRanking(LanguageModel policy, int step)
    {
        TokenizedSet set = pipeline.Validation;
        IReadOnlyList<Example> examples = pipeline.Data.Validation.Examples;
        double[] rewards = pipeline.Rewards.ScoreLogged(examples);
        float[][] logProbs = InFloat32(policy, () => ReferencePass.TokenLogProbs(policy, set.Rows, null, "", null, _context.FrozenBatchTokens, SilentObserver.Instance, CancellationToken.None));
        double mean = rewards.Average();
        double score = Enumerable.Range(0, rewards.Length).Average(i => (rewards[i] - mean) * logProbs[i].Average(value => (double)value));
        LoggedFit fit = LoggedFit.Of(set, logProbs, rewards);
        var metrics = new SortedDictionary<string, double>(StringComparer.Ordinal) { ["reward_weighted_log_prob"] = score };
        if (fit.Perplexity is { } perplexity) metrics["perplexity"] = perplexity;
        if (fit.Pairs.Length > 0) metrics["pair_accuracy"] = fit.Pairs.Average();
        return new ValidationReport(step, score, metrics);
    }

    // Measured as the evaluation will: the numbers that a policy is trained in blur what a few steps change.
    private static float[][] InFloat32(LanguageModel policy, Func<float[][]> measure)
    {
        ComputeType training = policy.ComputeType;
        policy.ComputeType = ComputeType.Float32;
        try
        {
            return measure();
        }
        finally
        {
            policy.ComputeType = training;
        }
    }
}
