using System.Text.Json.Nodes;

namespace Leftover.Tokenization.Pipeline;

/// <summary>Rewrites text before it is split.</summary>
internal abstract class Normalizer
{
    public abstract string Normalize(string text);

    /// <summary>The component as tokenizer.json has it.</summary>
    public abstract JsonObject ToJson();

    /// <summary>Whether a text gets a blank in front.</summary>
    public virtual bool AddsLeadingBlank => false;
}

/// <summary>One normalizer after the other.</summary>
internal sealed class NormalizerSequence(IReadOnlyList<Normalizer> steps) : Normalizer
{
    public override bool AddsLeadingBlank => steps.Any(step => step.AddsLeadingBlank);

    public override string Normalize(string text)
    {
        foreach (Normalizer step in steps) text = step.Normalize(text);
        return text;
    }

    public override JsonObject ToJson() => new()
    {
        ["type"] = "Sequence",
        ["normalizers"] = new JsonArray([.. steps.Select(step => (JsonNode)step.ToJson())]),
    };
}

/// <summary>Puts a given text in front, but not of an empty text.</summary>
internal sealed class PrependNormalizer(string prefix) : Normalizer
{
    public override bool AddsLeadingBlank => prefix is " " or "\u2581";

    public override string Normalize(string text) => text.Length == 0 ? text : prefix + text;

    public override JsonObject ToJson() => new() { ["type"] = "Prepend", ["prepend"] = prefix };
}

/// <summary>Replaces each match of a pattern.</summary>
internal sealed class ReplaceNormalizer(SplitPattern pattern, string content, JsonObject json) : Normalizer
{
    public override string Normalize(string text) => Replace(pattern, content, text);

    public override JsonObject ToJson() => (JsonObject)json.DeepClone();

    public static string Replace(SplitPattern pattern, string content, string text)
    {
        System.Text.StringBuilder? result = null;
        int at = 0;
        while (at < text.Length && pattern.TryMatch(text, at, out int start, out int end))
        {
            result ??= new System.Text.StringBuilder(text.Length);
            result.Append(text, at, start - at).Append(content);
            at = end;
        }
        return result is null ? text : result.Append(text, at, text.Length - at).ToString();
    }
}
