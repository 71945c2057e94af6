using Leftover.Tokenization.Pipeline;

namespace Leftover.Tokenization.Files;

/// <summary>Reads tokenizer_config.json, special_tokens_map.json, generation_config.json and chat_template.jinja; each may be missing.</summary>
internal static class SettingsReader
{
    public static TokenizerSettings Read(string folder)
    {
        JsonPart? config = Parse(folder, "tokenizer_config.json");
        JsonPart? map = Parse(folder, "special_tokens_map.json");
        return new TokenizerSettings
        {
            BeginOfSequence = Token(config, "bos_token") ?? Token(map, "bos_token"),
            EndOfSequence = Token(config, "eos_token") ?? Token(map, "eos_token"),
            Pad = Token(config, "pad_token") ?? Token(map, "pad_token"),
            Unknown = Token(config, "unk_token") ?? Token(map, "unk_token"),
            GenerationEnds = GenerationEnds(Parse(folder, "generation_config.json")),
            ChatTemplate = TokenizerFiles.Find(folder, "chat_template.jinja") is { } path ? TokenizerFiles.ReadText(path) : TemplateOf(config),
            TokenizerClass = config?["tokenizer_class"].TextOrNull(),
            AddsBegin = Flag(config, "add_bos_token"),
            AddsEnd = Flag(config, "add_eos_token"),
            Config = config?.Copy(),
            SpecialTokensMap = map?.Copy(),
            AddedTokens = AddedTokens(config),
        };
    }

    private static JsonPart? Parse(string folder, string name) =>
        TokenizerFiles.Find(folder, name) is { } path ? JsonPart.Parse(TokenizerFiles.ReadText(path), path) : null;

    // A token is given by its text, or by an object with its flags.
    private static string? Token(JsonPart? file, string name)
    {
        if (file is not { } json) return null;
        JsonPart token = json[name];
        return token.IsObject ? token["content"].Text() : token.TextOrNull();
    }

    private static bool? Flag(JsonPart? file, string name) => file is { } json && !json[name].IsNull ? json[name].Flag(false) : null;

    private static int[] GenerationEnds(JsonPart? file)
    {
        if (file is not { } json) return [];
        JsonPart ends = json["eos_token_id"];
        return ends.IsNull ? [] : ends.IsArray ? [.. ends.Items().Select(end => end.Id())] : [ends.Id()];
    }

    // One template, or several under names; of these the one named "default".
    private static string? TemplateOf(JsonPart? config)
    {
        if (config is not { } json) return null;
        JsonPart template = json["chat_template"];
        if (!template.IsArray) return template.TextOrNull();
        foreach (JsonPart named in template.Items())
            if (named["name"].Text() == "default") return named["template"].Text();
        return null;
    }

    private static AddedToken[] AddedTokens(JsonPart? config)
    {
        if (config is not { } json || json["added_tokens_decoder"].IsNull) return [];
        var tokens = new List<AddedToken>();
        foreach ((string key, JsonPart token) in json["added_tokens_decoder"].Properties())
        {
            if (!int.TryParse(key, out int id) || id is < 0 or > Vocabulary.HighestId) throw token.Error($"stands under \"{key}\"; the name must be a token id");
            tokens.Add(TokenizerJsonReader.AddedToken(token, id));
        }
        return [.. tokens];
    }
}
