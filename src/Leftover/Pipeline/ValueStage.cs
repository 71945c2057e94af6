using Leftover.Advantages;
using Leftover.Data;
using Leftover.Models;

namespace Leftover.Pipeline;

/// <summary>Estimates V(x): what the reference policy's own answers earn, or where those cannot be scored, what the logged ones do.</summary>
internal static class ValueStage
{
    public static ValueEstimate Estimate(RunPipeline pipeline)
    {
        ValueOptions options = pipeline.Context.Recipe.Value;
        int[] prompts = [.. pipeline.Train.PromptOf];
        double[] rewards = pipeline.Rewards.Totals;
        return options.Kind switch
        {
            ValueKind.Constant => Constant(pipeline, options),
            ValueKind.LoggedMean => new ValueEstimate(ValueBaselines.MeanOfLogged(prompts, rewards), "mean logged reward of the prompt", []),
            ValueKind.LeaveOneOut => new ValueEstimate(ValueBaselines.LeaveOneOut(prompts, rewards), "mean logged reward of the prompt's other answers", []),
            ValueKind.DecodesMean => MeanOfDecodes(pipeline, options),
            _ => HeadStage.Estimate(pipeline, options),
        };
    }

    /// <summary>The reference policy's own answers to prompts, and what they earn.</summary>
    public static (int[] Prompts, double[] Rewards) Decodes(RunPipeline pipeline, TokenizedSet set, ValueOptions options)
    {
        RunContext context = pipeline.Context;
        if (!pipeline.Rewards.ScoresText)
            throw new DataException("The reference policy's own answers cannot be scored: the combined reward is a column of the data. Set value.targets: logged, or name rewards that score text.");
        int count = Math.Min(options.MaxPrompts ?? int.MaxValue, set.Prompts.Count);
        using LanguageModel model = pipeline.Reference.Load(trainable: false);
        Generation.GenerationOptions generation = GenerationSettings.Of(context.Recipe, pipeline.Coding, model) with { Seed = context.Recipe.Seed };
        if (options.RepliesPerPrompt > 1 && !generation.DoSample) generation = generation with { DoSample = true, Temperature = 1 };
        Reply[] replies = GenerationStage.Run(
            context, pipeline.Reference, model, pipeline.Coding, [.. set.Prompts.Take(count)], generation, options.RepliesPerPrompt, "Reference replies");
        int[] prompts = [.. Enumerable.Range(0, replies.Length).Select(i => i / options.RepliesPerPrompt)];
        double[] rewards =
        [
            .. pipeline.Rewards.ScoreReplies([.. replies.Select((reply, i) => (set.Examples[set.FirstOf[prompts[i]]].PromptText, reply.Text))])
                .Select(scores => scores[Evaluation.ResultsBuilder.Total]),
        ];
        return (prompts, rewards);
    }

    private static ValueEstimate Constant(RunPipeline pipeline, ValueOptions options)
    {
        double value = options.Constant
            ?? (pipeline.Rewards.ScoresText && pipeline.Validation.Prompts.Count > 0 ? Decodes(pipeline, pipeline.Validation, options).Rewards.Average() : pipeline.Rewards.Totals.Average());
        return new ValueEstimate(ValueBaselines.Constant(pipeline.Train.Rows.Count, value), "one number for every prompt", []);
    }

    private static ValueEstimate MeanOfDecodes(RunPipeline pipeline, ValueOptions options)
    {
        (int[] prompts, double[] rewards) = Decodes(pipeline, pipeline.Train, options);
        return new ValueEstimate(ValueBaselines.MeanOfDecodes([.. pipeline.Train.PromptOf], prompts, rewards), "mean reward of the reference's own answers", []);
    }
}
