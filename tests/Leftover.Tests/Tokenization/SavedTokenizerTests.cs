using System.Text.Json;
using System.Text.Json.Nodes;
using Leftover.Tensors.Gguf;
using Leftover.Tests.Golden;
using Leftover.Tokenization;

namespace Leftover.Tests.Tokenization;

/// <summary>What is saved loads again to the same ids. (That Hugging Face's library reads these files to the same ids was checked by hand, with its version 0.23.2.)</summary>
public class SavedTokenizerTests
{
    private static readonly string[] s_texts = ["", "a", " ab  ab<s>b", "the cat\n\n  sat 123 ½", "<|im_start|>x<|im_end|> <tag>a", "中文 \U0001F600é e\u0301"];

    [Fact]
    public void A_trained_tokenizer_loads_again() => AssertLoadsAgain(TestTokenizers.ChatBytes());

    [Fact]
    public void A_trained_tokenizer_that_splits_digits_loads_again() => AssertLoadsAgain(new ByteLevelBpeTrainer { VocabularySize = 300, SplitDigits = true }.Train(["a 123 456"]));

    [Fact]
    public void A_tokenizer_out_of_gguf_metadata_loads_again() => AssertLoadsAgain(TestTokenizers.Llama());

    [Fact]
    public void A_sentencepiece_tokenizer_loads_again()
    {
        Tokenizer tokenizer = MalformedTokenizerTests.LoadModel(MalformedTokenizerTests.SentencePieceBytes());
        AssertLoadsAgain(tokenizer, [.. s_texts.Where(text => !text.Contains("<tag>", StringComparison.Ordinal))]);
        Assert.Equal(tokenizer.BeginOfSequence, tokenizer.Encode("a", addSpecialTokens: true)[0]);
    }

    [Fact]
    public void A_user_defined_piece_is_found_as_sentencepiece_finds_it()
    {
        Tokenizer tokenizer = MalformedTokenizerTests.LoadModel(MalformedTokenizerTests.SentencePieceBytes());
        // ▁ a <tag> b: no blank is put behind the tag, as it is part of the same text.
        Assert.Equal(["▁", "a", "<tag>", "b"], tokenizer.Encode("a<tag>b").Select(tokenizer.IdToToken));
        Assert.Equal("a<tag>b", tokenizer.Decode(tokenizer.Encode("a<tag>b")));
    }

    [Fact]
    public void Extra_blanks_are_removed_where_a_model_says_so()
    {
        Tokenizer tokenizer = MalformedTokenizerTests.LoadModel(MalformedTokenizerTests.SentencePieceBytes(removeExtraBlanks: true));
        Assert.Equal(tokenizer.Encode("ab ab"), tokenizer.Encode("  ab   ab "));
        Assert.Empty(tokenizer.Encode("   "));
        AssertLoadsAgain(tokenizer, ["  ab   ab ", "   ", "a"]);
    }

    [Fact]
    public void A_tokenizer_out_of_tokenizer_json_keeps_the_file_as_it_was()
    {
        string json = TestTokenizers.WordLevelJson().ToJsonString(new JsonSerializerOptions { WriteIndented = true });
        Tokenizer tokenizer = TestTokenizers.Load(
            ("tokenizer.json", json), ("tokenizer_config.json", """{"eos_token": "<s>", "model_max_length": 77, "chat_template": "T"}"""), ("special_tokens_map.json", """{"eos_token": {"content": "<s>", "lstrip": true}}"""));
        InFolder(tokenizer, folder =>
        {
            Assert.Equal(json, File.ReadAllText(Path.Combine(folder, "tokenizer.json")));
            JsonNode config = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "tokenizer_config.json")))!;
            Assert.Equal(77, (int)config["model_max_length"]!);
            Assert.Null(config["chat_template"]);
            Assert.Equal("T", File.ReadAllText(Path.Combine(folder, "chat_template.jinja")));
            Assert.True((bool)JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "special_tokens_map.json")))!["eos_token"]!["lstrip"]!);
        });
    }

    [SharedTheory("data")]
    [InlineData("tok_gpt2")]
    [InlineData("tok_llama2")]
    [InlineData("tok_neox")]
    public void A_real_tokenizer_loads_again(string folder) => AssertLoadsAgain(Tokenizer.Load(SharedData.PathOf("data", folder)));

    [SharedFact("models/smollm2-135m-instruct")]
    public void Smollm2_out_of_its_gguf_file_loads_again()
    {
        using GgufFile gguf = GgufFile.Open(Directory.GetFiles(SharedData.PathOf("models", "smollm2-135m-instruct"), "*.gguf").Single());
        AssertLoadsAgain(Tokenizer.FromGguf(gguf.Metadata));
    }

    private static void AssertLoadsAgain(Tokenizer tokenizer, string[]? texts = null) => InFolder(tokenizer, folder =>
    {
        Tokenizer again = Tokenizer.Load(folder);
        foreach (string text in texts ?? s_texts)
        {
            Assert.Equal(tokenizer.Encode(text), again.Encode(text));
            Assert.Equal(tokenizer.Encode(text, addSpecialTokens: true), again.Encode(text, addSpecialTokens: true));
            Assert.Equal(tokenizer.EncodeOrdinary(text), again.EncodeOrdinary(text));
            Assert.Equal(tokenizer.Decode(tokenizer.Encode(text)), again.Decode(tokenizer.Encode(text)));
        }
        Assert.Equal(tokenizer.VocabularySize, again.VocabularySize);
        Assert.Equal((tokenizer.BeginOfSequence, tokenizer.EndOfSequence, tokenizer.Pad), (again.BeginOfSequence, again.EndOfSequence, again.Pad));
        Assert.Equal(tokenizer.EndOfGeneration.Order(), again.EndOfGeneration.Order());
        Assert.Equal(tokenizer.ChatTemplate, again.ChatTemplate);
        Assert.Equal(tokenizer.LeadingSpecialTokens, again.LeadingSpecialTokens);
        Assert.Equal(tokenizer.AddsLeadingBlank, again.AddsLeadingBlank);
    });

    private static void InFolder(Tokenizer tokenizer, Action<string> check)
    {
        string folder = Directory.CreateTempSubdirectory("leftover-tokenizer-").FullName;
        try
        {
            tokenizer.Save(folder);
            check(folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
