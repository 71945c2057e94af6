using Leftover.Tokenization;

namespace Leftover.Tests.Tokenization;

public class ExampleTokenizerTests
{
    [Fact]
    public void Prompt_and_completion_are_tokenised_apart_and_the_end_is_put_behind()
    {
        Tokenizer tokenizer = TestTokenizers.ChatBytes();
        var examples = new ExampleTokenizer(tokenizer, new ChatMl(), 512, 512);
        TokenizedExample example = examples.Tokenize([new("user", "the cat")], "sat");
        Assert.Equal(tokenizer.Encode("<|im_start|>user\nthe cat<|im_end|>\n<|im_start|>assistant\n"), example.Prompt);
        Assert.Equal([.. tokenizer.Encode("sat"), 2], example.Completion);
        Assert.False(example.PromptCut || example.CompletionCut);
    }

    [Theory]
    [InlineData(TruncationSide.Left)]
    [InlineData(TruncationSide.Right)]
    public void A_long_prompt_loses_the_stated_side(TruncationSide side)
    {
        Tokenizer tokenizer = TestTokenizers.PlainBytes();
        int[] whole = tokenizer.Encode("0123456789");
        TokenizedExample example = new ExampleTokenizer(tokenizer, new PlainText(), 4, 8, side).Tokenize("0123456789", "x");
        Assert.True(example.PromptCut);
        Assert.Equal(side == TruncationSide.Left ? whole[^4..] : whole[..4], example.Prompt);
    }

    [Fact]
    public void A_long_completion_loses_its_end_and_so_its_end_token()
    {
        Tokenizer tokenizer = TestTokenizers.PlainBytes();
        PromptTemplate template = PromptTemplate.For(tokenizer, "plain");
        int[] words = tokenizer.Encode("0123456789");
        TokenizedExample fits = new ExampleTokenizer(tokenizer, template, 8, words.Length + 1).Tokenize("p", "0123456789");
        Assert.Equal([.. words, tokenizer.EndOfSequence!.Value], fits.Completion);
        Assert.False(fits.CompletionCut);

        TokenizedExample cut = new ExampleTokenizer(tokenizer, template, 8, words.Length).Tokenize("p", "0123456789");
        Assert.Equal(words, cut.Completion);                 // all words are there, but not the end
        Assert.True(cut.CompletionCut);
    }

    [Fact]
    public void The_begin_of_sequence_survives_a_cut_and_is_never_doubled()
    {
        Tokenizer llama = TestTokenizers.Llama();
        Assert.Equal([1], llama.LeadingSpecialTokens);
        var examples = new ExampleTokenizer(llama, new PlainText("</s>"), 3, 8);
        TokenizedExample cut = examples.Tokenize("a b c", "c");
        Assert.Equal(1, cut.Prompt[0]);
        Assert.Equal(llama.Encode("a b c")[^2..], cut.Prompt[1..]);
        Assert.True(cut.PromptCut);

        Assert.Equal([1, .. llama.Encode("a")], new ExampleTokenizer(llama, new PlainText(), 9, 8).Tokenize("<s>a", "c").Prompt);
    }

    [Fact]
    public void A_tokenizer_that_puts_a_blank_in_front_gets_none_from_the_template()
    {
        Tokenizer llama = TestTokenizers.Llama();
        Assert.True(llama.AddsLeadingBlank);
        int[] completion = new ExampleTokenizer(llama, new Transcript("</s>"), 64, 8).Tokenize("p", "ab").Completion;
        Assert.Equal([llama.TokenToId("▁ab")!.Value, 2], completion);
    }

    [Fact]
    public void Lengths_below_one_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ExampleTokenizer(TestTokenizers.PlainBytes(), new PlainText(), 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ExampleTokenizer(TestTokenizers.PlainBytes(), new PlainText(), 1, 0));
    }
}
