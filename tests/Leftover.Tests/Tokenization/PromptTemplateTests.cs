using Leftover.Tests.Golden;
using Leftover.Tokenization;

namespace Leftover.Tests.Tokenization;

public class PromptTemplateTests
{
    private static readonly ChatMessage[] s_messages = [new("user", "Hi"), new("assistant", "Hello."), new("user", "Bye")];

    [Fact]
    public void Chatml_writes_each_turn_and_opens_the_assistants()
    {
        Assert.Equal("<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nHello.<|im_end|>\n<|im_start|>user\nBye<|im_end|>\n<|im_start|>assistant\n", new ChatMl().RenderPrompt(s_messages));
        Assert.Equal("<|im_end|>", new ChatMl().CompletionSuffix);
    }

    [Fact]
    public void Chatml_puts_its_default_system_turn_only_where_there_is_none()
    {
        var template = new ChatMl { DefaultSystem = "Be kind." };
        Assert.StartsWith("<|im_start|>system\nBe kind.<|im_end|>\n<|im_start|>user\n", template.RenderPrompt(s_messages), StringComparison.Ordinal);
        Assert.DoesNotContain("Be kind.", template.RenderPrompt([new("system", "Be terse."), .. s_messages]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{{ '<|im_start|>system\nYou are S<|im_end|>\n' }}", "You are S")]
    [InlineData(@"{{- '<|im_start|>system\nYou\'re Q.\nHi<|im_end|>\n' }}", "You're Q.\nHi")]
    [InlineData(@"{{- '<|im_start|>system\n' + message.content + '<|im_end|>\n' }}", null)]
    [InlineData(@"{{- '<|im_start|>system\n' }}{{ tools }}{{ '<|im_end|>' }}", null)]
    [InlineData(@"{{- '<|im_start|>' + role + '\n' }}", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void The_default_system_turn_is_the_one_a_chat_template_spells_out(string? source, string? expected) => Assert.Equal(expected, ChatMl.DefaultSystemOf(source));

    [SharedFact("data/tok_qwen3")]
    public void Qwen3s_template_has_no_default_system_turn()
    {
        Tokenizer tokenizer = Tokenizer.Load(SharedData.PathOf("data", "tok_qwen3"));
        Assert.NotNull(tokenizer.ChatTemplate);
        Assert.Null(Assert.IsType<ChatMl>(PromptTemplate.For(tokenizer)).DefaultSystem);
    }

    [Fact]
    public void A_transcript_names_its_speakers()
    {
        Assert.Equal("Human: Hi\n\nAssistant: Hello.\n\nHuman: Bye\n\nAssistant:", new Transcript().RenderPrompt(s_messages));
        var named = new Transcript("<eos>") { User = "Q", Assistant = "A", Separator = "\n" };
        Assert.Equal("Answer.\nQ: Hi\nA:", named.RenderPrompt([new("system", "Answer."), new("user", "Hi")]));
        Assert.Equal(["\nQ:", "\nA:"], named.StopStrings);
        Assert.Equal("<eos>", named.CompletionSuffix);
        Assert.Equal(" Yes", named.RenderCompletion("Yes"));
    }

    [Theory]
    [InlineData(" Yes, it is.\n\nHuman: And", "Yes, it is.")]
    [InlineData(" Yes.</s> more", "Yes.")]
    [InlineData("Yes.", "Yes.")]
    [InlineData(" a\n\nAssistant: b\n\nHuman: c", "a")]
    public void A_generated_completion_ends_where_the_next_turn_begins(string generated, string expected) => Assert.Equal(expected, new Transcript("</s>").ReadCompletion(generated));

    [Fact]
    public void Plain_text_is_the_prompt_as_it_is()
    {
        Assert.Equal("Once upon", new PlainText().RenderPrompt([new("user", "Once upon")]));
        Assert.Equal("", new PlainText().RenderPrompt([]));
    }

    [Fact]
    public void The_template_follows_from_the_tokenizers_tokens()
    {
        Assert.IsType<ChatMl>(PromptTemplate.For(TestTokenizers.ChatBytes()));
        Assert.Equal("<|endoftext|>", Assert.IsType<Transcript>(PromptTemplate.For(TestTokenizers.PlainBytes())).CompletionSuffix);
        Assert.Equal("<|im_end|>", Assert.IsType<PlainText>(PromptTemplate.For(TestTokenizers.ChatBytes(), "plain")).CompletionSuffix);
        Assert.IsType<Transcript>(PromptTemplate.For(TestTokenizers.ChatBytes(), "transcript"));
        Assert.Contains("chatml, transcript, plain", Assert.Throws<ArgumentException>(() => PromptTemplate.For(TestTokenizers.ChatBytes(), "alpaca")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_conversation_without_a_message_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new ChatMl().RenderPrompt([]));
        Assert.Throws<ArgumentException>(() => new Transcript().RenderPrompt([]));
    }
}
