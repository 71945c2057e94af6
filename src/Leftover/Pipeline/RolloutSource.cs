using Leftover.Algorithms;
using Leftover.Batches;
using Leftover.Data;
using Leftover.Evaluation;
using Leftover.Generation;
using Leftover.Models;
using Leftover.Reference;
using Leftover.Runs;
using Leftover.Tensors;
using Leftover.Training;

namespace Leftover.Pipeline;

/// <summary>The steps of an online method: the policy in training answers prompts, the recipe's rewards score the replies, and the algorithm's updates follow.</summary>
/// <remarks>A step's replies follow from the seed, the step's number and the weights before it: a run that goes on from a checkpoint writes the same.</remarks>
internal sealed class RolloutSource : IStepSource, IDisposable
{
    private readonly RunPipeline _pipeline;
    private readonly OnlineAlgorithm _algorithm;
    private readonly RolloutPlan _plan;
    private readonly LanguageModel _policy, _reference;
    private readonly Generator _generator;
    private readonly Generation.GenerationOptions _generation;
    private readonly RolloutPass _pass;
    private readonly Dictionary<string, double> _seconds = new(StringComparer.Ordinal);
    private SortedDictionary<string, double> _figures = new(StringComparer.Ordinal), _memory;

    /// <summary>The steps over a policy, which is the caller's.</summary>
    /// <exception cref="DataException">The rewards cannot score new replies.</exception>
    public RolloutSource(RunPipeline pipeline, OnlineAlgorithm algorithm, RolloutPlan plan, LanguageModel policy)
    {
        (_pipeline, _algorithm, _plan, _policy) = (pipeline, algorithm, plan, policy);
        RunContext context = pipeline.Context;
        _memory = new(algorithm.InitialMemory.ToDictionary(), StringComparer.Ordinal);
        _generation = GenerationSettings.ForRollouts(context.Recipe, pipeline.Coding, policy, algorithm);
        _reference = context.Load(pipeline.Reference, trainable: false);
        _generator = new Generator(policy, pipeline.Coding.Tokenizer);
        _pass = new RolloutPass(context.FrozenBatchTokens);
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, double> Figures => _figures;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, double> Seconds => _seconds;

    /// <inheritdoc/>
    public double Operations { get; private set; }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, double> Memory
    {
        get => _memory.ToDictionary();
        set => _memory = new(value.ToDictionary(), StringComparer.Ordinal);
    }

    /// <summary>Refuses rewards that cannot score what is not written yet.</summary>
    /// <exception cref="DataException">A reward is a column of the data.</exception>
    public static void CheckRewards(RunPipeline pipeline, string label)
    {
        if (pipeline.Rewards.ScoresText) return;
        string[] columns = [.. pipeline.Rewards.Combiner.Rewards.Where(reward => reward.Weight != 0 && pipeline.Rewards.IsRecorded(reward.Name)).Select(reward => $"'{reward.Name}'")];
        throw new DataException($"{label} writes replies of its own and learns from their rewards, and the reward {string.Join(", ", columns)} is a column of the data: it cannot score text that is not in it. Name rewards that score text (type: regex, lexicon, length, …), give the column weight 0, or take a method that learns from logged answers.");
    }

    /// <inheritdoc/>
    public IEnumerable<IReadOnlyList<TrainingRow>> Updates(int step)
    {
        TrainingRow[] rows = Rollouts(step);
        for (int pass = 0; pass < _algorithm.NumIterations; pass++)
            foreach (TrainingRow[] part in Parts(rows, step, pass)) yield return part;
    }

    /// <summary>The replies of a step with all that the loss reads.</summary>
    private TrainingRow[] Rollouts(int step)
    {
        _seconds.Clear();
        int[] prompts = _plan.Prompts(step);
        IReadOnlyList<Completion> replies = Timed("generation", () => Generate(step, prompts));
        TrainingRow[] rows = [.. replies.Select((reply, i) => new TrainingRow(_pipeline.Train.FirstOf[prompts[reply.Prompt]], _pipeline.Train.Prompts[prompts[reply.Prompt]], reply.Tokens))];
        IReadOnlyList<IReadOnlyDictionary<string, double>> scores = Timed("rewards", () => _pipeline.Rewards.ScoreReplies([.. replies.Select(reply => (PromptOf(prompts[reply.Prompt]), _pipeline.Coding.Template.ReadCompletion(reply.Text)))]));
        (float[][] old, float[][] values) = Timed("policy_forward", () => _pass.Run(_policy, rows));
        (float[][] reference, _) = Timed("reference_forward", () => _pass.Run(_reference, rows));

        CompletionBatch batch = BatchPacker.Pack(rows);
        Operations = 3 * new ModelWork(_policy.Config).Forward(batch.Layout.Segments, batch.Rows.Length);       // written, and read by the policy and by the reference

        int[] offsets = [0, .. Ends(rows)];
        var rollouts = new Rollouts
        {
            Offsets = offsets,
            Generations = _algorithm.NumGenerations,
            Scores = [.. scores.Select(score => score[ResultsBuilder.Total])],
            OldLogProbs = [.. old.SelectMany(values => values)],
            ReferenceLogProbs = [.. reference.SelectMany(values => values)],
            OldValues = [.. values.SelectMany(values => values)],
        };
        LearningSignal signal = _algorithm.Judge(rollouts, _memory);
        Measure(rollouts, scores, replies, signal);
        return [.. rows.Select((row, i) => row with
        {
            Reward = (float)rollouts.Scores[i],
            Advantage = (float)signal.Advantages[i],
            ReferenceTokenLogProbs = reference[i],
            Rollout = new RolloutTokens { OldLogProbs = old[i], OldValues = values[i], Advantages = Of(signal.TokenAdvantages, i), Returns = Of(signal.Returns, i) },
        })];

        float[] Of(double[] perToken, int i) => perToken.Length == 0 ? [] : Array.ConvertAll(perToken[offsets[i]..offsets[i + 1]], value => (float)value);
    }

    private IReadOnlyList<Completion> Generate(int step, int[] prompts)
    {
        long seed = (long)new RandomStream(_plan.Seed, "rollouts", step).NextBits();
        return _generator.Generate([.. prompts.Select(prompt => _pipeline.Train.Prompts[prompt])], _generation with { Seed = seed });
    }

    // A pass's updates: whole prompts with their replies, in a seeded order where there are several.
    private IEnumerable<TrainingRow[]> Parts(TrainingRow[] rows, int step, int pass)
    {
        if (_algorithm.NumMiniBatches == 1) return [rows];
        TrainingRow[][] prompts = [.. rows.Chunk(_algorithm.NumGenerations)];
        new RandomStream(_plan.Seed, "mini-batches", step, pass).Shuffle<TrainingRow[]>(prompts);
        int size = Math.Max(1, (prompts.Length + _algorithm.NumMiniBatches - 1) / _algorithm.NumMiniBatches);
        return prompts.Chunk(size).Select(part => part.SelectMany(group => group).ToArray());
    }

    private void Measure(Rollouts rollouts, IReadOnlyList<IReadOnlyDictionary<string, double>> scores, IReadOnlyList<Completion> replies, LearningSignal signal)
    {
        double[] kl = rollouts.SequenceKl();
        double k3 = 0;
        for (int t = 0; t < rollouts.OldLogProbs.Length; t++) k3 += TokenRewards.Kl(KlPenalty.K3, rollouts.OldLogProbs[t], rollouts.ReferenceLogProbs[t]);
        double mean = rollouts.Scores.Average();
        _figures = new(signal.Figures.ToDictionary(), StringComparer.Ordinal)
        {
            ["reward"] = mean,
            ["reward_std"] = Math.Sqrt(rollouts.Scores.Average(score => (score - mean) * (score - mean))),
            ["objective/kl"] = kl.Average(),
            ["objective/kl_k3"] = k3 / replies.Count,
            ["objective/entropy"] = -rollouts.OldLogProbs.Average(value => (double)value),
            ["advantage/std"] = Math.Sqrt(signal.Advantages.Average(advantage => advantage * advantage)),
            ["completions/mean_length"] = replies.Average(reply => reply.Tokens.Length),
            ["completions/clipped_ratio"] = replies.Average(reply => reply.Reason is StopReason.MaxNewTokens or StopReason.Context ? 1.0 : 0),
        };
        foreach (string name in scores[0].Keys)
            if (name != ResultsBuilder.Total) _figures[$"rewards/{name}/mean"] = scores.Average(score => score[name]);
    }

    private string PromptOf(int prompt) => _pipeline.Train.Examples[_pipeline.Train.FirstOf[prompt]].PromptText;

    private static IEnumerable<int> Ends(TrainingRow[] rows)
    {
        int at = 0;
        foreach (TrainingRow row in rows) yield return at += row.Completion.Length;
    }

    private T Timed<T>(string what, Func<T> work)
    {
        long began = _pipeline.Context.Clock.GetTimestamp();
        T result = work();
        _seconds[what] = _pipeline.Context.Clock.GetElapsedTime(began).TotalSeconds;
        return result;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _generator.Dispose();
        _pass.Dispose();
        _reference.Dispose();
    }
}
