using Leftover.Algorithms;
using Leftover.Models;
using Leftover.Runs;

namespace Leftover.Pipeline;

/// <summary>A recipe's generation section in the generator's terms.</summary>
internal static class GenerationSettings
{
    /// <summary>The settings for a model: its own end tokens, the template's stop strings and the recipe's wishes.</summary>
    public static Generation.GenerationOptions Of(Recipe recipe, TextCoding coding, LanguageModel model)
    {
        Runs.GenerationOptions wishes = recipe.Generation;
        return new Generation.GenerationOptions
        {
            MaxNewTokens = Math.Min(wishes.MaxNewTokens ?? recipe.Truncation.MaxCompletionTokens, model.Config.ContextLength - 1),
            DoSample = wishes.Temperature > 0,
            Temperature = wishes.Temperature > 0 ? (float)wishes.Temperature : 1,
            TopK = wishes.TopK,
            TopP = (float)wishes.TopP,
            MinP = (float)wishes.MinP,
            RepetitionPenalty = (float)wishes.RepetitionPenalty,
            NumBeams = wishes.Beams,
            EosTokenId = [.. coding.Tokenizer.EndOfGeneration.Order()],
            StopStrings = wishes.Beams > 1 ? [] : [.. coding.Template.StopStrings.Concat(wishes.Stop).Distinct(StringComparer.Ordinal)],
            BatchSize = wishes.BatchSize,
            WeightDtype = wishes.WeightDtype,
        };
    }

    /// <summary>The settings for replies that an online method learns from: drawn as the method says, without filters or penalties that its formulas do not know of.</summary>
    public static Generation.GenerationOptions ForRollouts(Recipe recipe, TextCoding coding, LanguageModel model, OnlineAlgorithm algorithm) =>
        Of(recipe with { Generation = recipe.Generation with { Temperature = algorithm.Temperature, TopP = algorithm.TopP, TopK = 0, MinP = 0, RepetitionPenalty = 1, Beams = 1 } }, coding, model) with { NumReturnSequences = algorithm.NumGenerations };
}
