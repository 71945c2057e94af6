using System.Text.Json;

namespace Leftover.Tests.CommandLine;

public sealed class ChatTests : IDisposable
{
    private readonly CliFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_chat_remembers_until_it_is_reset()
    {
        JsonElement[] messages = Messages("Hello\nAgain\n/reset\nHello\n/exit\nnever read\n");
        // After the reset there is one turn and its reply; the reply is that of a new conversation.
        Assert.Equal(["user", "assistant"], messages.Select(message => message.GetProperty("role").GetString()));
        Assert.Equal(Messages("Hello\n")[1].GetProperty("content").GetString(), messages[1].GetProperty("content").GetString());
        Assert.Equal(4, Messages("Hello\nAgain\n").Length);
    }

    [Fact]
    public void An_unknown_command_is_not_sent_to_the_model()
    {
        CliRun run = Chat("/rest\n");
        Assert.Contains("/rest is unknown. Known: /reset, /exit.", run.Output);
        Assert.Empty(Messages("/rest\n"));
    }

    [Fact]
    public void Old_turns_make_room_in_a_long_conversation()
    {
        CliRun run = Chat(string.Concat(Enumerable.Repeat("Ann asks where her order is, and again\n", 12)));
        Assert.Contains("no longer fit the model's context and were forgotten", run.Error);
        Assert.Equal(0, run.Code);
    }

    private JsonElement[] Messages(string input) => [.. Chat(input, "--json").Json.GetProperty("messages").EnumerateArray()];

    private CliRun Chat(string input, params string[] args) =>
        CliRun.With(input, ["chat", "--model", _folder.PathOf("model"), "--max_new_tokens", "6", "--temperature", "0", .. args]).Worked();
}
