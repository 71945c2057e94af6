using Leftover.Tokenization;

namespace Leftover.Data.Shapes;

/// <summary><c>instruction</c>, an <c>input</c> that may be empty, <c>output</c>, and a <c>system</c> text where there is one.</summary>
internal static class AlpacaShape
{
    public static Example Read(Row row, ExampleFactory factory)
    {
        string instruction = row.Text("instruction");
        if (string.IsNullOrWhiteSpace(instruction)) throw new RowException($"'{row.NameOf("instruction")}' is empty; it must be a text.");
        string? input = row.OptionalText("input");
        ChatMessage user = new("user", string.IsNullOrWhiteSpace(input) ? instruction : $"{instruction}\n\n{input}");
        string? system = row.OptionalText("system");
        return string.IsNullOrWhiteSpace(system)
            ? factory.Single(row, [user], isChat: false, row.Text("output"))
            : factory.Single(row, [new ChatMessage("system", system), user], isChat: true, row.Text("output"));
    }
}
