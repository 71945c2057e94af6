using System.Text.Json.Nodes;

namespace Leftover.Tokenization.Pipeline;

/// <summary>What is put around the ids of a text.</summary>
/// <param name="Before">Ids in front of the text.</param>
/// <param name="After">Ids behind it.</param>
/// <param name="Json">The component as tokenizer.json has it, or null for none.</param>
internal sealed record PostProcessor(IReadOnlyList<int> Before, IReadOnlyList<int> After, JsonObject? Json)
{
    public static PostProcessor None { get; } = new([], [], null);

    /// <summary>Puts the given tokens around a text, written as a TemplateProcessing.</summary>
    public static PostProcessor Template(IReadOnlyList<(string Token, int Id)> before, IReadOnlyList<(string Token, int Id)> after)
    {
        if (before.Count + after.Count == 0) return None;
        var specials = new JsonObject();
        foreach ((string token, int id) in before.Concat(after))
            specials[token] = new JsonObject { ["id"] = token, ["ids"] = new JsonArray(id), ["tokens"] = new JsonArray(token) };
        JsonNode[] Sequence(string name, int type) =>
        [
            .. before.Select(part => Part("SpecialToken", part.Token, type)),
            Part("Sequence", name, type),
            .. after.Select(part => Part("SpecialToken", part.Token, type)),
        ];
        var json = new JsonObject
        {
            ["type"] = "TemplateProcessing",
            ["single"] = new JsonArray(Sequence("A", 0)),
            ["pair"] = new JsonArray([.. Sequence("A", 0), .. Sequence("B", 1)]),
            ["special_tokens"] = specials,
        };
        return new PostProcessor([.. before.Select(part => part.Id)], [.. after.Select(part => part.Id)], json);
    }

    private static JsonObject Part(string kind, string id, int type) =>
        new() { [kind] = new JsonObject { ["id"] = id, ["type_id"] = type } };
}
