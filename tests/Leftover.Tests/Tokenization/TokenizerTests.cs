using System.Text.Json.Nodes;
using Leftover.Tokenization;
using Leftover.Tokenization.Pipeline;

namespace Leftover.Tests.Tokenization;

public class TokenizerTests
{
    [Fact]
    public void Special_tokens_in_a_text_become_their_ids_unless_it_is_read_as_ordinary_text()
    {
        Tokenizer tokenizer = TestTokenizers.ChatBytes();
        Assert.Equal([1, .. tokenizer.Encode("hi"), 2], tokenizer.Encode("<|im_start|>hi<|im_end|>"));
        int[] ordinary = tokenizer.EncodeOrdinary("<|im_end|>");
        Assert.DoesNotContain(2, ordinary);
        Assert.Equal("<|im_end|>", tokenizer.Decode(ordinary));
    }

    [Fact]
    public void Decoding_leaves_special_tokens_out_only_where_asked_and_unknown_ids_always()
    {
        Tokenizer tokenizer = TestTokenizers.ChatBytes();
        int[] ids = [1, .. tokenizer.Encode("hi"), 2, 999_999, -1];
        Assert.Equal("hi", tokenizer.Decode(ids));
        Assert.Equal("<|im_start|>hi<|im_end|>", tokenizer.Decode(ids, skipSpecialTokens: false));
        Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.IdToToken(999_999));
        Assert.Null(tokenizer.TokenToId("no such token"));
    }

    [Fact]
    public void The_ends_of_a_reply_are_the_end_of_sequence_those_of_the_generation_settings_and_the_ends_of_a_turn()
    {
        JsonObject json = TestTokenizers.WordLevelJson(("added_tokens", JsonNode.Parse("""[{"id":3,"content":"<s>","special":true},{"id":4,"content":"<|eot_id|>","special":true}]""")));
        Tokenizer tokenizer = TestTokenizers.Load(
            ("tokenizer.json", json.ToJsonString()), ("tokenizer_config.json", """{"eos_token": {"content": "<s>"}, "bos_token": "a"}"""), ("generation_config.json", """{"eos_token_id": [2, 3]}"""));
        Assert.Equal([2, 3, 4], tokenizer.EndOfGeneration.Order());
        Assert.Equal((3, 1), (tokenizer.EndOfSequence, tokenizer.BeginOfSequence));
        Assert.Null(tokenizer.Pad);
        Assert.Equal(5, tokenizer.VocabularySize);
    }

    [Fact]
    public void The_chat_template_file_wins_over_the_one_in_the_settings()
    {
        string json = TestTokenizers.WordLevelJson().ToJsonString();
        (string, string) config = ("tokenizer_config.json", """{"chat_template": [{"name": "tools", "template": "T"}, {"name": "default", "template": "D"}]}""");
        Assert.Equal("D", TestTokenizers.Load(("tokenizer.json", json), config).ChatTemplate);
        Assert.Equal("F", TestTokenizers.Load(("tokenizer.json", json), config, ("chat_template.jinja", "F")).ChatTemplate);
        Assert.Null(TestTokenizers.Load(("tokenizer.json", json)).ChatTemplate);
    }

    [Fact]
    public void Added_tokens_are_found_from_the_left_the_longest_first()
    {
        JsonObject json = TestTokenizers.WordLevelJson(("added_tokens", JsonNode.Parse("""[{"id":3,"content":"<s>"},{"id":4,"content":"<s><s>"},{"id":5,"content":"b<"}]""")));
        Tokenizer tokenizer = TestTokenizers.Load(("tokenizer.json", json.ToJsonString()));
        Assert.Equal([4, 3], tokenizer.Encode("<s><s><s>"));
        Assert.Equal([1, 5, 0], tokenizer.Encode("a b<s>"));          // "b<" begins first, so "<s>" is not found; "s>" is unknown
    }

    [Fact]
    public void Many_threads_encode_the_same_ids_as_one()
    {
        Tokenizer tokenizer = TestTokenizers.ChatBytes();
        string[] texts = [.. Enumerable.Range(0, 300).Select(i => $"the cat {i} sat on mat {i * 7 % 13} and was {i * i}")];
        int[][] alone = [.. texts.Select(text => TestTokenizers.ChatBytes().Encode(text)).Take(20)];
        var together = new int[texts.Length][];
        Parallel.For(0, texts.Length, i => together[i] = tokenizer.Encode(texts[i]));
        for (int i = 0; i < alone.Length; i++) Assert.Equal(alone[i], together[i]);
        for (int i = 0; i < texts.Length; i++) Assert.Equal(tokenizer.Encode(texts[i]), together[i]);
    }

    [Fact]
    public void The_word_cache_stops_growing()
    {
        var cache = new WordCache();
        for (int i = 0; i < 100_000; i++) cache.Add(i.ToString(), [i]);
        int kept = Enumerable.Range(0, 100_000).Count(i => cache.TryGet(i.ToString(), out _));
        Assert.Equal(1 << 16, kept);
        cache.Add(new string('x', 100), [1]);
        Assert.False(cache.TryGet(new string('x', 100), out _));
    }

    [Fact]
    public void Encoding_an_empty_text_gives_nothing_and_no_text_is_refused()
    {
        foreach (Tokenizer tokenizer in (Tokenizer[])[TestTokenizers.ChatBytes(), TestTokenizers.Llama()])
        {
            Assert.Empty(tokenizer.Encode(""));
            Assert.Equal("", tokenizer.Decode([]));
            Assert.Throws<ArgumentNullException>(() => tokenizer.Encode(null!));
        }
    }
}
