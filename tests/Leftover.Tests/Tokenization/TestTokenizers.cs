using System.Text.Json.Nodes;
using Leftover.Tokenization;

namespace Leftover.Tests.Tokenization;

/// <summary>Small tokenizers made on the spot.</summary>
internal static class TestTokenizers
{
    /// <summary>A byte-level tokenizer with ChatML's tokens: ids 0 to 2 are the end of text and the two chat tokens.</summary>
    public static Tokenizer ChatBytes(int vocabularySize = 320) => new ByteLevelBpeTrainer
    {
        VocabularySize = vocabularySize,
        SpecialTokens = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
        EndOfSequence = "<|im_end|>",
    }.Train(["the cat sat on the mat, and the dog sat on the cat; the mat was flat."]);

    /// <summary>A byte-level tokenizer without chat tokens.</summary>
    public static Tokenizer PlainBytes() => new ByteLevelBpeTrainer { VocabularySize = 300 }.Train(["the cat sat on the mat and the cat was fat"]);

    /// <summary>A Llama-like tokenizer: a blank in front of each text, a begin of sequence, byte fallback.</summary>
    public static Tokenizer Llama()
    {
        List<string> tokens = ["<unk>", "<s>", "</s>", .. Enumerable.Range(0, 256).Select(value => $"<0x{value:X2}>"), "▁", "a", "b", "c", "▁a", "ab", "▁ab"];
        float[] scores = [.. Enumerable.Repeat(0f, 259), -4, -5, -6, -7, -1, -2, -3];
        int[] kinds = [2, 3, 3, .. Enumerable.Repeat(6, 256), .. Enumerable.Repeat(1, 7)];
        return Tokenizer.FromGguf(new Dictionary<string, object>
        {
            ["tokenizer.ggml.model"] = "llama",
            ["tokenizer.ggml.tokens"] = tokens.ToArray(),
            ["tokenizer.ggml.scores"] = scores,
            ["tokenizer.ggml.token_type"] = kinds,
            ["tokenizer.ggml.bos_token_id"] = 1u,
            ["tokenizer.ggml.eos_token_id"] = 2u,
        });
    }

    /// <summary>A tokenizer.json over whole words, with parts replaced.</summary>
    public static JsonObject WordLevelJson(params (string Name, JsonNode? Value)[] parts)
    {
        var json = (JsonObject)JsonNode.Parse("""
            {
              "version": "1.0",
              "added_tokens": [{ "id": 3, "content": "<s>", "special": true }],
              "normalizer": null,
              "pre_tokenizer": { "type": "WhitespaceSplit" },
              "post_processor": null,
              "decoder": null,
              "model": { "type": "WordLevel", "unk_token": "?", "vocab": { "?": 0, "a": 1, "b": 2 } }
            }
            """)!;
        foreach ((string name, JsonNode? value) in parts) json[name] = value;
        return json;
    }

    /// <summary>Reads a tokenizer out of files written into a folder that is deleted afterwards.</summary>
    public static Tokenizer Load(params (string Name, string Text)[] files)
    {
        string folder = Directory.CreateTempSubdirectory("leftover-tokenizer-").FullName;
        try
        {
            foreach ((string name, string text) in files) File.WriteAllText(Path.Combine(folder, name), text);
            return Tokenizer.Load(folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
