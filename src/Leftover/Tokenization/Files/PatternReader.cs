using Leftover.Tokenization.Pipeline;

namespace Leftover.Tokenization.Files;

/// <summary>Reads the "pattern" of a component: a string, or one of the regular expressions built here.</summary>
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
            _ => throw regex.Error($"is the pattern \"{regex.Text()}\", which is not built here; those of GPT-2, Llama 3 and Qwen are"),
        };
    }
}
