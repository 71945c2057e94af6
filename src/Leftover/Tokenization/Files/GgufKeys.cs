using System.Globalization;
using Leftover.Data;

namespace Leftover.Tokenization.Files;

/// <summary>The tokenizer's keys in a GGUF file's metadata, checked as they are read.</summary>
internal sealed class GgufKeys(IReadOnlyDictionary<string, object> metadata)
{
    private const string Prefix = "tokenizer.ggml.";

    /// <summary>The chat template, or null.</summary>
    public string? Template => metadata.TryGetValue("tokenizer.chat_template", out object? value) ? As<string>("tokenizer.chat_template", value, "a text") : null;

    public string? Text(string key) => Find(key) is { } value ? As<string>(Prefix + key, value, "a text") : null;

    public string[]? Texts(string key) => Find(key) is { } value ? As<string[]>(Prefix + key, value, "an array of texts") : null;

    public bool Flag(string key, bool whenMissing) => Find(key) is { } value ? As<bool>(Prefix + key, value, "true or false") : whenMissing;

    /// <summary>An id that a key gives, or null.</summary>
    public int? Id(string key, string[] tokens)
    {
        if (Find(key) is not { } value) return null;
        long id = value is byte or sbyte or short or ushort or int or uint or long ? Convert.ToInt64(value, CultureInfo.InvariantCulture) : -1;
        if (id == uint.MaxValue) return null;              // "none", as some writers have it
        return id >= 0 && id < tokens.Length ? (int)id : throw Wrong(Prefix + key, value, $"a token id from 0 to {tokens.Length - 1}");
    }

    /// <summary>The token whose id a key gives, or null.</summary>
    public string? Token(string key, string[] tokens) => Id(key, tokens) is { } id ? tokens[id] : null;

    /// <summary>The score of each token.</summary>
    public float[] Scores(int count)
    {
        float[] scores = Find("scores") is { } value ? As<float[]>(Prefix + "scores", value, "an array of float32") : throw new DataException($"GGUF metadata: '{Prefix}scores' is missing; a llama tokenizer needs it.");
        return scores.Length == count ? scores : throw Length("scores", scores.Length, count);
    }

    /// <summary>What each token is for, or null.</summary>
    public int[]? Kinds(int count)
    {
        if (Find("token_type") is not { } value) return null;
        int[] kinds = value is uint[] unsigned ? Array.ConvertAll(unsigned, kind => (int)kind) : As<int[]>(Prefix + "token_type", value, "an array of int32");
        return kinds.Length == count ? kinds : throw Length("token_type", kinds.Length, count);
    }

    private object? Find(string key) => metadata.TryGetValue(Prefix + key, out object? value) ? value : null;

    private static T As<T>(string key, object value, string needed) => value is T typed ? typed : throw Wrong(key, value, needed);

    private static DataException Wrong(string key, object value, string needed) =>
        new($"GGUF metadata: '{key}' is {(value is Array array ? $"an array of {array.Length} {array.GetType().GetElementType()!.Name}" : $"{value} ({value.GetType().Name})")}; it must be {needed}.");

    private static DataException Length(string key, int found, int needed) =>
        new($"GGUF metadata: '{Prefix}{key}' has {found} entries; 'tokenizer.ggml.tokens' has {needed}, and they must be as many.");
}
