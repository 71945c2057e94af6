using Leftover.Tensors;
using Leftover.Tokenization;

namespace Leftover.Tests.Tokenization;

public class StreamingDecoderTests
{
    [Fact]
    public void Pieces_are_whole_characters_and_together_the_text()
    {
        Tokenizer tokenizer = TestTokenizers.PlainBytes();
        const string text = "the cat sät \U0001F600 中文.";
        var stream = new StreamingDecoder(tokenizer);
        string joined = "";
        foreach (int id in tokenizer.Encode(text))
        {
            if (stream.Push(id) is not { } piece) continue;
            Assert.DoesNotContain('\uFFFD', piece);
            joined += piece;
        }
        Assert.Equal(text, joined + stream.Flush());
    }

    [Fact]
    public void An_unfinished_character_waits_and_comes_out_of_flush()
    {
        Tokenizer tokenizer = TestTokenizers.PlainBytes();
        int[] ids = tokenizer.Encode("a\U0001F600");
        var stream = new StreamingDecoder(tokenizer);
        Assert.Equal("a", stream.Push(ids[0]));
        Assert.Null(stream.Push(ids[1]));
        Assert.Null(stream.Push(ids[2]));
        Assert.Equal("\uFFFD", stream.Flush());
        Assert.Equal("", stream.Flush());
        Assert.Equal("a", stream.Push(ids[0]));              // it starts anew
    }

    [Fact]
    public void Blanks_between_words_are_kept_where_decoding_drops_the_first()
    {
        Tokenizer llama = TestTokenizers.Llama();
        int word = llama.TokenToId("▁a")!.Value;
        var stream = new StreamingDecoder(llama);
        Assert.Equal("a", stream.Push(word));
        Assert.Equal(" a", stream.Push(word));
        Assert.Equal(" a", stream.Push(word));
    }

    [Fact]
    public void Any_ids_at_all_stream_without_an_error_and_nothing_waits_forever()
    {
        var random = new RandomStream(11, "ids");
        foreach (Tokenizer tokenizer in (Tokenizer[])[TestTokenizers.PlainBytes(), TestTokenizers.Llama()])
            for (int round = 0; round < 300; round++)
            {
                var stream = new StreamingDecoder(tokenizer);
                for (int i = 0; i < 12; i++) stream.Push(random.Next(tokenizer.VocabularySize + 3));
                stream.Flush();
                Assert.NotNull(stream.Push(tokenizer.TokenToId("a")!.Value));
            }
    }
}
