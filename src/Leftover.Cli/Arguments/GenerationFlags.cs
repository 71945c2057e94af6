using System.CommandLine;
using Leftover.Generation;
using Leftover.Tensors;
using Leftover.Tensors.Kernels;

namespace Leftover.Cli.Arguments;

/// <summary>The flags that say how replies are written; they win over the model's generation_config.json.</summary>
internal sealed class GenerationFlags
{
    private const long DefaultSeed = 1;         // as in recipes

    private readonly Option<float?> _temperature = Flag.Real("temperature", "Sampling temperature; 0 takes the likeliest token", 0, aliases: "temp");
    private readonly Option<float?> _topP = Flag.Real("top_p", "Probability that sampling covers", 0, 1);
    private readonly Option<int?> _topK = Flag.Whole("top_k", "Likeliest tokens that sampling covers; 0 means all", 0);
    private readonly Option<float?> _minP = Flag.Real("min_p", "Least probability against the likeliest token that sampling covers", 0, 1);
    private readonly Option<float?> _repetitionPenalty = Flag.Real("repetition_penalty", "Divides the probability of tokens already used; 1 means not", 0.01f, 100);
    private readonly Option<int?> _noRepeat = Flag.Whole("no_repeat_ngram_size", "No run of so many tokens comes twice; 0 allows all", 0);
    private readonly Option<int?> _maxNewTokens = Flag.Whole("max_new_tokens", "Tokens of a reply, at most", 1, aliases: "max_tokens");
    private readonly Option<int?> _beams = Flag.Whole("num_beams", "Beams of a beam search; 1 means none", 1, 1024);
    private readonly Option<float?> _lengthPenalty = Flag.Real("length_penalty", "Beam search: a reply's score is its sum over its length to this power", float.MinValue);
    private readonly Option<WeightStorage?> _weightDtype = Flag.Choice("weight_dtype", "How weights are read: as they are, rounded in half the bytes (the default), or in a quarter",
        ("fp32", WeightStorage.Float32), ("bf16", WeightStorage.BFloat16), ("int8", WeightStorage.Int8));
    private readonly Option<string[]> _stop = new("--stop") { Description = "A text that ends a reply; may be given several times", HelpName = "TEXT", Arity = ArgumentArity.OneOrMore };

    public GenerationFlags(Command verb)
    {
        foreach (Option flag in (Option[])[_temperature, _topP, _topK, _minP, _repetitionPenalty, _noRepeat, _maxNewTokens, _beams, _lengthPenalty, _weightDtype, _stop]) verb.Add(flag);
    }

    /// <summary>How a model is to write.</summary>
    /// <param name="session">The verb with its flags.</param>
    /// <param name="loaded">The model; its own settings stand where no flag does.</param>
    /// <param name="maxNewTokens">The most tokens of a reply, where neither says so.</param>
    /// <param name="replies">Replies to each prompt.</param>
    public GenerationOptions Of(Session session, LoadedModel loaded, int maxNewTokens, int replies = 1)
    {
        ParseResult parse = session.Parse;
        GenerationOptions own = GenerationOptions.DefaultsOf(loaded.Model);
        bool asksToSample = new object?[] { parse.GetValue(_topP), parse.GetValue(_topK), parse.GetValue(_minP) }.Any(value => value is not null);
        float? temperature = parse.GetValue(_temperature);
        int beams = parse.GetValue(_beams) ?? own.NumBeams;
        bool samples = temperature is { } given ? given > 0 : beams == 1 && (asksToSample || own.DoSample);
        if (beams > 1 && samples) throw new UsageException($"--num_beams {beams} searches for the likeliest reply, and --temperature {temperature} draws at random; leave one of them out.");
        if (replies > 1 && !samples && replies > beams) throw new UsageException($"{replies} different replies need --temperature above 0, or --num_beams {replies}: without chance there is only one.");
        string[] stops = parse.GetValue(_stop) ?? [];
        if (beams > 1 && stops.Length > 0) throw new UsageException("--stop does not go with --num_beams; leave one of them out.");
        return own with
        {
            MaxNewTokens = Math.Min(parse.GetValue(_maxNewTokens) ?? (loaded.Model.GenerationConfigJson?["max_new_tokens"] is null ? maxNewTokens : own.MaxNewTokens), loaded.Model.Config.ContextLength - 1),
            DoSample = samples,
            Temperature = samples ? temperature ?? own.Temperature : 1,
            TopP = parse.GetValue(_topP) ?? own.TopP,
            TopK = parse.GetValue(_topK) ?? own.TopK,
            MinP = parse.GetValue(_minP) ?? own.MinP,
            RepetitionPenalty = parse.GetValue(_repetitionPenalty) ?? own.RepetitionPenalty,
            NoRepeatNgramSize = parse.GetValue(_noRepeat) ?? own.NoRepeatNgramSize,
            NumBeams = beams,
            LengthPenalty = parse.GetValue(_lengthPenalty) ?? own.LengthPenalty,
            EosTokenId = [.. own.EosTokenId.Union(loaded.Tokenizer.EndOfGeneration).Order()],
            StopStrings = beams > 1 ? [] : [.. loaded.Template.StopStrings.Concat(own.StopStrings).Concat(stops).Distinct(StringComparer.Ordinal)],
            NumReturnSequences = replies,
            WeightDtype = parse.GetValue(_weightDtype) ?? WeightStorage.BFloat16,
            Seed = session.Seed ?? DefaultSeed,
        };
    }
}
