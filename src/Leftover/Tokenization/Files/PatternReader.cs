using Leftover.Tokenization.Pipeline;

namespace Leftover.Tokenization.Files;

/// <summary>Reads the "pattern" of a component: a string, or a regular expression; those of GPT-2, Llama 3 and Qwen have code of their own, which is faster.</summary>
internal static class PatternReader
{
    public static SplitPattern Read(JsonPart pattern)
    {
        if (!pattern["String"].IsNull) return new LiteralPattern(pattern["String"].Text());
        JsonPart regex = pattern["Regex"];
        return regex.Text() switch
        {
            Gpt2Pattern.Regex => Gpt2Pattern.Instance,
            Llama3Pattern.Llama3Regex => Llama3Pattern.Llama3,
            Llama3Pattern.QwenRegex => Llama3Pattern.Qwen,
            var other => Other(other, regex),
        };
    }

    private static RegexPattern Other(string pattern, JsonPart place)
    {
        try
        {
            return new RegexPattern(pattern);
        }
        catch (NotSupportedException error)
        {
            throw place.Error($"is the pattern \"{pattern}\", which is not built here: {error.Message}", error);
        }
    }
}
