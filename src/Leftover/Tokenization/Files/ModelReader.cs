using Leftover.Tokenization.Pipeline;

namespace Leftover.Tokenization.Files;

/// <summary>Reads the "model" of a tokenizer.json.</summary>
internal static class ModelReader
{
    public static TokenModel Read(JsonPart model)
    {
        // Older files name no type: the one with merges is BPE.
        string? type = model["type"].TextOrNull() ?? (model["merges"].IsNull ? null : "BPE");
        return type switch
        {
            "BPE" => Bpe(model),
            "WordPiece" => new WordPieceModel(
                VocabularyOf(model["vocab"]), Unknown(model), model["continuing_subword_prefix"].TextOrNull() ?? "##",
                model["max_input_chars_per_word"].IsNull ? 100 : model["max_input_chars_per_word"].Count()),
            "WordLevel" => new WordLevelModel(VocabularyOf(model["vocab"]), Unknown(model)),
            null => throw model["type"].Wrong("the kind of model, such as \"BPE\""),
            _ => throw TokenizerJsonReader.NotBuilt(model, "model"),
        };
    }

    private static BpeModel Bpe(JsonPart model)
    {
        if (!model["dropout"].IsNull && model["dropout"].Number() != 0) throw model["dropout"].Error("is not 0: this tokenizer gives random ids, which is not built here");
        Vocabulary vocabulary = VocabularyOf(model["vocab"]);
        var options = new BpeOptions
        {
            UnknownToken = model["unk_token"].TextOrNull(),
            ContinuingPrefix = model["continuing_subword_prefix"].TextOrNull() ?? "",
            EndOfWordSuffix = model["end_of_word_suffix"].TextOrNull() ?? "",
            FuseUnknown = model["fuse_unk"].Flag(false),
            ByteFallback = model["byte_fallback"].Flag(false),
            IgnoreMerges = model["ignore_merges"].Flag(false),
        };
        var merges = new List<(int Left, int Right, int Merged)>();
        foreach (JsonPart merge in model["merges"].Items())
        {
            (string left, string right) = Pair(merge);
            int id = vocabulary.IdOf(left + (options.ContinuingPrefix.Length > 0 && right.StartsWith(options.ContinuingPrefix, StringComparison.Ordinal) ? right[options.ContinuingPrefix.Length..] : right));
            int leftId = vocabulary.IdOf(left), rightId = vocabulary.IdOf(right);
            if (leftId < 0 || rightId < 0 || id < 0) throw merge.Error($"merges \"{left}\" and \"{right}\", but one of them or what they make is not in 'model.vocab'");
            merges.Add((leftId, rightId, id));
        }
        return BpeModel.FromMerges(vocabulary, merges, options);
    }

    private static string Unknown(JsonPart model)
    {
        string token = model["unk_token"].Text();
        return model["vocab"][token].IsNull ? throw model["unk_token"].Error($"is \"{token}\", which is not in 'model.vocab'") : token;
    }

    /// <summary>Reads tokens and their ids.</summary>
    public static Vocabulary VocabularyOf(JsonPart json)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach ((string token, JsonPart id) in json.Properties()) ids[token] = id.Id();
        return new Vocabulary(ids);
    }

    // A merge is ["left", "right"], in older files "left right".
    private static (string Left, string Right) Pair(JsonPart merge)
    {
        if (merge.IsArray)
        {
            JsonPart[] parts = [.. merge.Items()];
            return parts.Length == 2 ? (parts[0].Text(), parts[1].Text()) : throw merge.Wrong("two tokens");
        }
        string text = merge.Text();
        int blank = text.IndexOf(' ');
        return blank > 0 && blank < text.Length - 1 && text.IndexOf(' ', blank + 1) < 0 ? (text[..blank], text[(blank + 1)..]) : throw merge.Wrong("two tokens with one blank between");
    }
}
