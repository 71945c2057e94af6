using System.Text.Json.Nodes;
using Leftover.Data;
using Leftover.Models;
using Leftover.Tensors;
using Leftover.Tensors.Kernels;

namespace Leftover.Generation;

/// <summary>How completions are written; the names are those of generation_config.json, in this language's spelling.</summary>
/// <remarks>Unlike Transformers, nothing is filtered unless asked for: <see cref="TopK"/> is off by default, not 50.</remarks>
public sealed record GenerationOptions
{
    /// <summary>The most tokens of a completion; at least 1. Default 128.</summary>
    public int MaxNewTokens { get; init; } = 128;

    /// <summary>True draws tokens at random; false takes the likeliest, and temperature and filters do nothing. Default false.</summary>
    public bool DoSample { get; init; }

    /// <summary>Logits are divided by it; at least 0, and 0 takes the likeliest token. Default 1.</summary>
    public float Temperature { get; init; } = 1;

    /// <summary>Keeps the k likeliest tokens; 0 keeps all. Default 0.</summary>
    public int TopK { get; init; }

    /// <summary>Keeps a token while the mass of the likelier ones is below it; in [0, 1], 1 keeps all. Default 1.</summary>
    public float TopP { get; init; } = 1;

    /// <summary>Keeps tokens at least this likely against the likeliest; in [0, 1], 0 keeps all. Default 0.</summary>
    public float MinP { get; init; }

    /// <summary>Positive logits of tokens already in prompt or completion are divided by it, negative multiplied; above 0. Default 1.</summary>
    public float RepetitionPenalty { get; init; } = 1;

    /// <summary>No run of this many tokens comes twice in prompt and completion together; 0 allows all. Default 0.</summary>
    public int NoRepeatNgramSize { get; init; }

    /// <summary>Tokens that end a completion.</summary>
    public IReadOnlyList<int> EosTokenId { get; init; } = [];

    /// <summary>Texts that end a completion; they need a tokenizer, and one beam.</summary>
    public IReadOnlyList<string> StopStrings { get; init; } = [];

    /// <summary>Beams; more than 1 is beam search. Default 1.</summary>
    public int NumBeams { get; init; } = 1;

    /// <summary>Beam search: a finished beam's score is its sum over (new tokens)^this. Default 1.</summary>
    public float LengthPenalty { get; init; } = 1;

    /// <summary>Beam search: when it ends. Default <see cref="BeamStop.Unlikely"/>.</summary>
    public BeamStop EarlyStopping { get; init; }

    /// <summary>Completions of each prompt. Default 1.</summary>
    public int NumReturnSequences { get; init; } = 1;

    /// <summary>Each completion draws from its own stream, which follows from this seed, its prompt's number and its own. Default 0.</summary>
    public long Seed { get; init; }

    /// <summary>The most sequences written at once; it changes the speed alone. Default 16.</summary>
    public int BatchSize { get; init; } = 16;

    /// <summary>How the weights of products are read. In fewer bits than 32 they are rounded copies, keys and values are bfloat16, and writing is as much faster as there is less to read. Default as they are.</summary>
    public WeightStorage WeightDtype { get; init; }

    /// <summary>True where chance plays a part.</summary>
    internal bool Samples => DoSample && Temperature > 0;

    /// <summary>Reads a generation_config.json.</summary>
    /// <param name="json">Its content.</param>
    /// <param name="place">Where it came from, for messages.</param>
    /// <exception cref="DataException">A setting is wrong or not supported; all problems at once.</exception>
    public static GenerationOptions Parse(JsonObject json, string place)
    {
        var reader = new ConfigReader(json, place);
        var options = new GenerationOptions
        {
            MaxNewTokens = reader.Count("max_new_tokens", 128),
            DoSample = reader.Flag("do_sample", false),
            Temperature = (float)reader.Between("temperature", 0, float.MaxValue, 1),
            TopK = (int)reader.Between("top_k", 0, int.MaxValue, 0),
            TopP = (float)reader.Between("top_p", 0, 1, 1),
            MinP = (float)reader.Between("min_p", 0, 1, 0),
            RepetitionPenalty = (float)reader.Positive("repetition_penalty", 1),
            NoRepeatNgramSize = (int)reader.Between("no_repeat_ngram_size", 0, int.MaxValue, 0),
            EosTokenId = reader.Ids("eos_token_id"),
            StopStrings = reader.Texts("stop_strings"),
            NumBeams = reader.Count("num_beams", 1),
            LengthPenalty = (float)reader.Between("length_penalty", float.MinValue, float.MaxValue, 1),
            EarlyStopping = ReadBeamStop(reader),
            NumReturnSequences = reader.Count("num_return_sequences", 1),
        };
        RefuseOthers(reader);
        reader.Check();
        return options;
    }

    /// <summary>A model's own defaults: its generation_config.json, or the stop token of its config.json.</summary>
    /// <exception cref="DataException">A setting is wrong or not supported.</exception>
    public static GenerationOptions DefaultsOf(LanguageModel model)
    {
        GenerationOptions options = model.GenerationConfigJson is { } json ? Parse(json, "generation_config.json") : new GenerationOptions();
        return options.EosTokenId.Count > 0 ? options : options with { EosTokenId = new ConfigReader(model.ConfigJson, "config.json").Ids("eos_token_id") };
    }

    /// <summary>Checks what the options say together.</summary>
    /// <exception cref="ArgumentException">They contradict each other or leave their ranges.</exception>
    internal void Check(bool hasTokenizer)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxNewTokens, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(NumBeams, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(NumReturnSequences, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchSize, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(Temperature);
        ArgumentOutOfRangeException.ThrowIfNegative(TopK);
        ArgumentOutOfRangeException.ThrowIfNegative(NoRepeatNgramSize);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(RepetitionPenalty);
        if (TopP is not (>= 0 and <= 1)) throw new ArgumentException($"top_p is {TopP}; it must be in [0, 1].");
        if (MinP is not (>= 0 and <= 1)) throw new ArgumentException($"min_p is {MinP}; it must be in [0, 1].");
        if (NumBeams > 1 && Samples) throw new ArgumentException("Beam search with do_sample is not supported; choose one.");
        if (NumBeams > 1 && StopStrings.Count > 0) throw new ArgumentException("stop_strings with num_beams above 1 are not supported; use eos_token_id.");
        if (NumReturnSequences > 1 && !Samples && NumReturnSequences > NumBeams)
            throw new ArgumentException($"num_return_sequences is {NumReturnSequences}, but without do_sample there are only {NumBeams} different ones (num_beams). Set do_sample, or more beams.");
        if (StopStrings.Count > 0 && !hasTokenizer) throw new ArgumentException("stop_strings need a tokenizer; give one, or use eos_token_id.");
        if (StopStrings.Any(string.IsNullOrEmpty)) throw new ArgumentException("A stop string is empty; it must have a character.");
    }

    private static BeamStop ReadBeamStop(ConfigReader reader)
    {
        if (!reader.Has("early_stopping")) return BeamStop.Unlikely;
        if (reader.IsText("early_stopping", "never")) return BeamStop.Never;
        return reader.Flag("early_stopping", false) ? BeamStop.Full : BeamStop.Unlikely;
    }

    private static void RefuseOthers(ConfigReader reader)
    {
        foreach ((string name, double neutral) in new (string, double)[]
        {
            ("typical_p", 1), ("epsilon_cutoff", 0), ("eta_cutoff", 0), ("top_h", 0), ("penalty_alpha", 0), ("num_beam_groups", 1), ("diversity_penalty", 0), ("encoder_repetition_penalty", 1),
            ("encoder_no_repeat_ngram_size", 0), ("min_length", 0), ("min_new_tokens", 0), ("guidance_scale", 1), ("forced_bos_token_id", -1), ("forced_eos_token_id", -1),
        })
            reader.Refuse(name, node => node is JsonValue value && value.TryGetValue(out double number) && number == neutral);
        foreach (string name in new[] { "bad_words_ids", "force_words_ids", "constraints", "suppress_tokens", "begin_suppress_tokens", "sequence_bias", "watermarking_config", "exponential_decay_length_penalty", "renormalize_logits" })
            reader.Refuse(name);
        reader.IgnoreRest();
    }
}

/// <summary>When beam search ends.</summary>
public enum BeamStop
{
    /// <summary>When the best running beam, at its present length, cannot beat the worst finished one (<c>false</c> in config files).</summary>
    Unlikely,

    /// <summary>As soon as there are as many finished beams as running ones (<c>true</c>).</summary>
    Full,

    /// <summary>When the best running beam cannot beat the worst finished one at any length (<c>"never"</c>).</summary>
    Never,
}
