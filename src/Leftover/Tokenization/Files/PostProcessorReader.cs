using Leftover.Tokenization.Pipeline;

namespace Leftover.Tokenization.Files;

/// <summary>Reads the "post_processor" of a tokenizer.json; only what it does to a single text matters here.</summary>
internal static class PostProcessorReader
{
    public static PostProcessor Read(JsonPart json)
    {
        if (json.IsNull) return PostProcessor.None;
        switch (json["type"].Text())
        {
            case "ByteLevel":
                return new PostProcessor([], [], json.Copy());           // it changes offsets only
            case "TemplateProcessing":
                return Template(json);
            case "BertProcessing":
            case "RobertaProcessing":
                return new PostProcessor([Pair(json["cls"])], [Pair(json["sep"])], json.Copy());
            case "Sequence":
                PostProcessor[] steps = [.. json["processors"].Items().Select(Read)];
                return new PostProcessor([.. steps.Reverse().SelectMany(step => step.Before)], [.. steps.SelectMany(step => step.After)], json.Copy());
            default:
                throw TokenizerJsonReader.NotBuilt(json, "post_processor");
        }
    }

    private static PostProcessor Template(JsonPart json)
    {
        List<int> before = [], after = [];
        bool seen = false;
        foreach (JsonPart part in json["single"].Items())
        {
            if (!part["Sequence"].IsNull)
            {
                if (seen) throw part.Error("puts the text in twice, which is not built here");
                seen = true;
                continue;
            }
            JsonPart ids = json["special_tokens"][part["SpecialToken"]["id"].Text()]["ids"];
            (seen ? after : before).AddRange(ids.Items().Select(id => id.Id()));
        }
        return new PostProcessor(before, after, json.Copy());
    }

    // ["token", id]
    private static int Pair(JsonPart pair)
    {
        JsonPart[] parts = [.. pair.Items()];
        return parts.Length == 2 ? parts[1].Id() : throw pair.Wrong("a token and its id");
    }
}
