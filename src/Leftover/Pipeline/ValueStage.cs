using System.Text.Json;
using Leftover.Advantages;
using Leftover.Data;
using Leftover.Models;
using Leftover.Reference;
using Leftover.Runs;

namespace Leftover.Pipeline;

/// <summary>Estimates V(x): what the reference policy's own answers earn, or, where those cannot be scored, what the logged ones do.</summary>
internal sealed class ValueStage(RunPipeline pipeline)
{
    private const string ResultFile = "values.json";

    private readonly RunContext _context = pipeline.Context;
    private readonly ValueOptions _options = pipeline.Context.Recipe.Value;

    /// <summary>The values, out of the cache where they are there.</summary>
    public ValueResult Run()
    {
        string key = RunContext.Key(
            ("reference", pipeline.Reference.Hash), ("coding", pipeline.Coding.Hash), ("rewards", pipeline.Rewards.Hash), ("rows", RowsHash()),
            ("validation", UsesDecodes ? PromptsHash(DecodedSet) : ""), ("generation", UsesDecodes ? _context.Recipe.Generation.ToString() : ""),
            ("options", _options.ToString()), ("dtype", _context.ComputeType.ToString()), ("seed", _context.Recipe.Seed.ToString()));
        string folder = _context.Cache.GetOrCreate("value", key, target =>
        {
            using ValueEstimate estimate = Estimate();
            if (estimate.Fit is { } fit)
                for (int i = 0; i < fit.Heads.Count; i++) fit.Heads[i].Save(Directory.CreateDirectory(Path.Combine(target, $"head-{i}")).FullName);
            AtomicFile.WriteAllText(Path.Combine(target, ResultFile), JsonSerializer.Serialize(new ValueResult(estimate.RowValues, estimate.Text, estimate.Fit?.Report), s_json));
        });
        return JsonSerializer.Deserialize<ValueResult>(File.ReadAllText(Path.Combine(folder, ResultFile)), s_json)!;
    }

    private static readonly JsonSerializerOptions s_json = new() { NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals };

    // The reference answers the validation prompts for the head and the constant, the training prompts themselves for their own mean.
    private TokenizedSet DecodedSet => _options.Kind == ValueKind.DecodesMean ? pipeline.Train : pipeline.Validation;

    private bool UsesDecodes => _options.Kind switch
    {
        ValueKind.DecodesMean => true,
        ValueKind.Head => _options.Targets == ValueTargetKind.Decodes || (_options.Targets == ValueTargetKind.Auto && CanDecode),
        ValueKind.Constant => _options.Constant is null && CanDecode,
        _ => false,
    };

    private bool CanDecode => pipeline.Rewards.ScoresText && pipeline.Data.Validation.Examples.Count > 0;

    private ValueEstimate Estimate()
    {
        (int[] prompts, double[] rewards) = UsesDecodes ? Decodes() : ([], []);
        int trainPrompts = pipeline.Train.Prompts.Count;
        bool ofTrain = ReferenceEquals(DecodedSet, pipeline.Train);
        int[][] more = UsesDecodes && !ofTrain ? [.. pipeline.Validation.Prompts] : [];
        using PromptStateStore? store = _options.Kind == ValueKind.Head ? pipeline.ReferencePass.OpenStates(more) : null;
        return ValueEstimator.Estimate(_options, new ValueInputs
        {
            RowPrompts = [.. pipeline.Train.PromptOf],
            RowRewards = pipeline.Rewards.Totals,
            DecodePrompts = ofTrain ? prompts : Array.ConvertAll(prompts, prompt => trainPrompts + prompt),      // validation prompts are numbered after the train set's
            DecodeRewards = rewards,
            States = store is null ? null : StatesIn(store, [.. pipeline.Train.Prompts, .. more]),
        }, _context.Recipe.Seed, _context.Observer, _context.Cancellation);
    }

    /// <summary>The reference policy's own answers, and what they earn.</summary>
    private (int[] Prompts, double[] Rewards) Decodes()
    {
        if (!pipeline.Rewards.ScoresText)
            throw new DataException("The reference policy's own answers cannot be scored: the combined reward is, at least in part, a column of the data. Set value.targets: logged (or value.kind: leave_one_out), or name rewards that score text.");
        TokenizedSet set = DecodedSet;
        int count = Math.Min(_options.MaxPrompts ?? int.MaxValue, set.Prompts.Count);
        using LanguageModel model = _context.Load(pipeline.Reference, trainable: false);
        Generation.GenerationOptions generation = GenerationSettings.Of(_context.Recipe, pipeline.Coding, model) with { Seed = _context.Recipe.Seed };
        if (_options.RepliesPerPrompt > 1 && !generation.DoSample) generation = generation with { DoSample = true, Temperature = 1 };
        Reply[] replies = GenerationStage.Run(
            _context, pipeline.Reference, model, pipeline.Coding, [.. set.Prompts.Take(count)], generation, _options.RepliesPerPrompt, "Reference replies");
        int[] prompts = [.. Enumerable.Range(0, replies.Length).Select(i => i / _options.RepliesPerPrompt)];
        return (prompts,
        [
            .. pipeline.Rewards.ScoreReplies([.. replies.Select((reply, i) => (set.Examples[set.FirstOf[prompts[i]]].PromptText, reply.Text))])
                .Select(scores => scores[Evaluation.ResultsBuilder.Total]),
        ]);
    }

    // The train set's prompts are numbered first.
    private static PromptStates StatesIn(PromptStateStore store, int[][] prompts) =>
        new(store.Width, Array.ConvertAll(prompts, prompt => prompt.Length), (prompt, destination) => store.Read(prompts[prompt], destination));

    private string RowsHash()
    {
        var hash = new RowHash();
        foreach (int[] prompt in pipeline.Train.Prompts) hash.Add<int>(prompt);
        return hash.Add<int>([.. pipeline.Train.PromptOf]).Add<double>(pipeline.Rewards.Totals).End();
    }

    private static string PromptsHash(TokenizedSet set)
    {
        var hash = new RowHash();
        foreach (int[] prompt in set.Prompts) hash.Add<int>(prompt);
        return hash.End();
    }
}
