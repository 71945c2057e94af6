using System.Text.Json.Nodes;
using Leftover.Data;
using Leftover.Generation;
using Leftover.Models;
using Leftover.Tests.Models;

namespace Leftover.Tests.Generation;

public class GenerationOptionsTests
{
    [Fact]
    public void A_generation_config_is_read_under_hugging_faces_names()
    {
        GenerationOptions options = Parse("""
            {"do_sample": true, "temperature": 0.7, "top_k": 50, "top_p": 0.95, "min_p": 0.05, "repetition_penalty": 1.1, "no_repeat_ngram_size": 3, "eos_token_id": [2, 7],
             "stop_strings": "###", "max_new_tokens": 40, "num_beams": 1, "length_penalty": 2.0, "early_stopping": "never", "num_return_sequences": 4,
             "transformers_version": "5.0", "_from_model_config": true, "typical_p": 1.0, "guidance_scale": 1.0, "pad_token_id": 2}
            """);
        Assert.Equal((true, 0.7f, 50, 0.95f, 0.05f), (options.DoSample, options.Temperature, options.TopK, options.TopP, options.MinP));
        Assert.Equal((1.1f, 3, 40, 2f, BeamStop.Never, 4), (options.RepetitionPenalty, options.NoRepeatNgramSize, options.MaxNewTokens, options.LengthPenalty, options.EarlyStopping, options.NumReturnSequences));
        Assert.Equal([2, 7], options.EosTokenId);
        Assert.Equal(["###"], options.StopStrings);
        Assert.Equal(BeamStop.Full, Parse("""{"early_stopping": true}""").EarlyStopping);
        Assert.Equal([9], Parse("""{"eos_token_id": 9}""").EosTokenId);
    }

    [Theory]
    [InlineData("""{"typical_p": 0.9}""", "typical_p")]
    [InlineData("""{"num_beam_groups": 2}""", "num_beam_groups")]
    [InlineData("""{"bad_words_ids": [[3]]}""", "bad_words_ids")]
    [InlineData("""{"top_p": 1.5}""", "top_p")]
    [InlineData("""{"eos_token_id": "end"}""", "eos_token_id")]
    [InlineData("""{"temperature": -1}""", "temperature")]
    public void What_is_not_supported_or_out_of_range_is_refused_by_name(string json, string key) =>
        Assert.Contains(key, Assert.Throws<DataException>(() => Parse(json)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_models_defaults_are_its_generation_config_and_the_stop_token_of_its_config()
    {
        using LanguageModel model = TinyModels.Llama();
        model.ConfigJson["eos_token_id"] = 5;
        Assert.Equal([5], GenerationOptions.DefaultsOf(model).EosTokenId);
        model.GenerationConfigJson = new JsonObject { ["temperature"] = 0.5, ["eos_token_id"] = 6 };
        Assert.Equal(0.5f, GenerationOptions.DefaultsOf(model).Temperature);
        Assert.Equal([6], GenerationOptions.DefaultsOf(model).EosTokenId);
    }

    private static GenerationOptions Parse(string json) => GenerationOptions.Parse((JsonObject)JsonNode.Parse(json)!, "generation_config.json");
}
