using System.Text;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Leftover.Data;
using Leftover.Tensors;
using Leftover.Tokenization;
using Leftover.Tokenization.Files;
using Leftover.Tokenization.Pipeline;

namespace Leftover.Tests.Tokenization;

public class MalformedTokenizerTests
{
    [Fact]
    public void A_cut_off_tokenizer_json_is_an_error_that_names_file_and_line()
    {
        string json = ChatJson();
        for (int length = 0; length < json.Length; length += 1 + json.Length / 300)
        {
            DataException error = Assert.Throws<DataException>(() => TokenizerJsonReader.Read(json[..length], "tokenizer.json"));
            Assert.StartsWith("tokenizer.json(", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Wrong_values_anywhere_in_a_tokenizer_json_end_in_no_other_error()
    {
        JsonNode?[] wrong = [null, 1, -1, 1e300, true, "x", new JsonArray(), new JsonArray(1, "a"), new JsonObject(), new JsonObject { ["type"] = "x" }];
        int refused = 0;
        foreach (string source in (string[])[ChatJson(), EverythingJson()])
        {
            foreach (object[] path in Paths(JsonNode.Parse(source)!).Where((path, index) => index < 60 || path.Length < 3))
                foreach (JsonNode? value in wrong)
                {
                    JsonNode json = JsonNode.Parse(source)!;
                    Put(json, path, value?.DeepClone());
                    try
                    {
                        new PipelineTokenizer(TokenizerJsonReader.Read(json.ToJsonString(), "t"), new TokenizerSettings()).Encode("ab <s> c");
                    }
                    catch (DataException)
                    {
                        refused++;
                    }
                }
        }
        Assert.True(refused > 100, $"only {refused} were refused");
    }

    [Theory]
    [InlineData("normalizer", """{"type": "Precompiled2"}""", "'normalizer.type' is the normalizer \"Precompiled2\", which is not built here")]
    [InlineData("pre_tokenizer", """{"type": "UnicodeScripts"}""", "UnicodeScripts")]
    [InlineData("pre_tokenizer", """{"type": "Split", "pattern": {"Regex": "\\p{Han}+"}, "behavior": "Isolated"}""", "the property 'Han'")]
    [InlineData("decoder", """{"type": "CTC"}""", "CTC")]
    [InlineData("post_processor", """{"type": "Other"}""", "Other")]
    [InlineData("model", """{"type": "Other"}""", "Other")]
    public void A_part_that_is_not_built_is_named(string part, string json, string expected)
    {
        DataException error = Assert.Throws<DataException>(() => TestTokenizers.Load(("tokenizer.json", TestTokenizers.WordLevelJson((part, JsonNode.Parse(json))).ToJsonString())));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains("tokenizer.json", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_a_tokenizer_is_an_error_that_says_what_is_needed()
    {
        Assert.Contains("merges.txt", Assert.Throws<DataException>(() => TestTokenizers.Load()).Message, StringComparison.Ordinal);
        Assert.Throws<DataException>(() => Tokenizer.Load(Path.Combine(Path.GetTempPath(), "no such folder")));
        Assert.Contains("not UTF-8", Assert.Throws<DataException>(() => LoadBytes("tokenizer.json", [0x7B, 0xFF, 0x7D])).Message, StringComparison.Ordinal);
        Assert.Contains("gzip", Assert.Throws<DataException>(() => LoadBytes("tokenizer.json.gz", [1, 2, 3, 4])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a", "\"a\" is no merge")]
    [InlineData("a b c", "is no merge")]
    [InlineData("a z", "merges tokens that the vocabulary beside it does not hold")]
    public void A_wrong_merge_is_an_error_that_names_file_and_line(string merge, string expected)
    {
        DataException error = Assert.Throws<DataException>(() => TestTokenizers.Load(("vocab.json", """{"a": 0, "b": 1, "ab": 2}"""), ("merges.txt", $"#version: 0.2\na b\n{merge}\n")));
        Assert.Contains("merges.txt(3)", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cut_off_or_damaged_tokenizer_model_ends_in_no_other_error()
    {
        byte[] model = SentencePieceBytes();
        Assert.NotNull(LoadModel(model));
        var random = new RandomStream(2, "damage");
        int refused = 0;
        for (int length = 0; length < model.Length; length += 13) Try(model[..length]);
        for (int round = 0; round < 300; round++)
        {
            byte[] damaged = [.. model];
            damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            Try(damaged);
        }
        Assert.True(refused > 50, $"only {refused} were refused");

        void Try(byte[] bytes)
        {
            try
            {
                LoadModel(bytes).Encode("ab c");
            }
            catch (DataException)
            {
                refused++;
            }
        }
    }

    [Theory]
    [InlineData("tokenizer.ggml.model", null)]
    [InlineData("tokenizer.ggml.tokens", null)]
    [InlineData("tokenizer.ggml.merges", null)]
    [InlineData("tokenizer.ggml.model", "bert")]
    [InlineData("tokenizer.ggml.pre", "unheard-of")]
    [InlineData("tokenizer.ggml.tokens", 7)]
    [InlineData("tokenizer.ggml.eos_token_id", 99u)]
    [InlineData("tokenizer.ggml.eos_token_id", "a")]
    [InlineData("tokenizer.ggml.token_type", new[] { 1 })]
    [InlineData("tokenizer.ggml.merges", new[] { "a z" })]
    [InlineData("tokenizer.ggml.merges", new[] { "" })]
    [InlineData("tokenizer.ggml.tokens", new[] { "a", "b", "ab", "a" })]
    [InlineData("tokenizer.ggml.add_bos_token", "yes")]
    public void Gguf_metadata_that_makes_no_tokenizer_is_an_error_that_names_the_key(string key, object? value)
    {
        var metadata = new Dictionary<string, object>
        {
            ["tokenizer.ggml.model"] = "gpt2",
            ["tokenizer.ggml.pre"] = "gpt-2",
            ["tokenizer.ggml.tokens"] = new[] { "a", "b", "ab", "<e>" },
            ["tokenizer.ggml.merges"] = new[] { "a b" },
            ["tokenizer.ggml.token_type"] = new[] { 1, 1, 1, 3 },
            ["tokenizer.ggml.eos_token_id"] = 3u,
        };
        Assert.Equal([2, 3], Tokenizer.FromGguf(metadata).Encode("ab<e>"));
        if (value is null) metadata.Remove(key);
        else metadata[key] = value;
        Assert.Contains(key, Assert.Throws<DataException>(() => Tokenizer.FromGguf(metadata)).Message, StringComparison.Ordinal);
    }

    /// <summary>A Llama-like tokenizer.model: field 1 pieces, 2 trainer settings, 3 normalizer settings.</summary>
    internal static byte[] SentencePieceBytes(int modelType = 2, bool removeExtraBlanks = false)
    {
        (string Text, float Score, int Kind)[] pieces =
        [
            ("<unk>", 0, 2), ("<s>", 0, 3), ("</s>", 0, 3), .. Enumerable.Range(0, 256).Select(value => ($"<0x{value:X2}>", 0f, 6)),
            ("<tag>", 0, 4), ("▁", -4, 1), ("a", -5, 1), ("b", -6, 1), ("ab", -1, 1), ("▁ab", -2, 1),
        ];
        using var bytes = new MemoryStream();
        using var output = new CodedOutputStream(bytes);
        foreach ((string text, float score, int kind) in pieces) Message(output, 1, piece =>
        {
            piece.WriteTag(1, WireFormat.WireType.LengthDelimited);
            piece.WriteString(text);
            piece.WriteTag(2, WireFormat.WireType.Fixed32);
            piece.WriteFloat(score);
            piece.WriteTag(3, WireFormat.WireType.Varint);
            piece.WriteEnum(kind);
        });
        Message(output, 2, trainer =>
        {
            trainer.WriteTag(3, WireFormat.WireType.Varint);
            trainer.WriteEnum(modelType);
            trainer.WriteTag(35, WireFormat.WireType.Varint);
            trainer.WriteBool(true);
        });
        Message(output, 3, normalizer =>
        {
            normalizer.WriteTag(1, WireFormat.WireType.LengthDelimited);
            normalizer.WriteString("identity");
            normalizer.WriteTag(4, WireFormat.WireType.Varint);
            normalizer.WriteBool(removeExtraBlanks);
        });
        output.Flush();
        return bytes.ToArray();
    }

    internal static Tokenizer LoadModel(byte[] bytes) => LoadBytes("tokenizer.model", bytes);

    private static void Message(CodedOutputStream output, int field, Action<CodedOutputStream> write)
    {
        using var bytes = new MemoryStream();
        using var inner = new CodedOutputStream(bytes);
        write(inner);
        inner.Flush();
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(bytes.ToArray()));
    }

    private static Tokenizer LoadBytes(string name, byte[] bytes)
    {
        string folder = Directory.CreateTempSubdirectory("leftover-tokenizer-").FullName;
        try
        {
            File.WriteAllBytes(Path.Combine(folder, name), bytes);
            return Tokenizer.Load(folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string ChatJson()
    {
        string folder = Directory.CreateTempSubdirectory("leftover-tokenizer-").FullName;
        TestTokenizers.ChatBytes(270).Save(folder);
        string json = File.ReadAllText(Path.Combine(folder, "tokenizer.json"), Encoding.UTF8);
        Directory.Delete(folder, recursive: true);
        return json;
    }

    // One of nearly every component, around a small model.
    private static string EverythingJson() => TestTokenizers.WordLevelJson(
        ("normalizer", JsonNode.Parse("""
            {"type": "Sequence", "normalizers": [{"type": "NFKC"}, {"type": "Replace", "pattern": {"Regex": "\\s+"}, "content": " "}, {"type": "Prepend", "prepend": "▁"},
             {"type": "Strip", "strip_left": true, "strip_right": true}, {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null, "lowercase": true}]}
            """)),
        ("pre_tokenizer", JsonNode.Parse("""
            {"type": "Sequence", "pretokenizers": [{"type": "Digits", "individual_digits": true}, {"type": "Punctuation", "behavior": "Contiguous"},
             {"type": "Split", "pattern": {"String": "x"}, "behavior": "MergedWithNext", "invert": true}, {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": true}]}
            """)),
        ("post_processor", JsonNode.Parse("""
            {"type": "Sequence", "processors": [{"type": "BertProcessing", "sep": ["?", 0], "cls": ["<s>", 3]},
             {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}], "pair": [], "special_tokens": {"<s>": {"id": "<s>", "ids": [3], "tokens": ["<s>"]}}}]}
            """)),
        ("decoder", JsonNode.Parse("""
            {"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0},
             {"type": "WordPiece", "prefix": "##", "cleanup": true}, {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always"}, {"type": "BPEDecoder", "suffix": "</w>"}]}
            """)),
        ("model", JsonNode.Parse("""
            {"type": "BPE", "dropout": null, "unk_token": "?", "continuing_subword_prefix": null, "end_of_word_suffix": null, "fuse_unk": true, "byte_fallback": true, "ignore_merges": false,
             "vocab": {"?": 0, "a": 1, "b": 2, "ab": 3}, "merges": [["a", "b"], "a b"]}
            """))).ToJsonString();

    // The way to each value below a node: names and places.
    private static IEnumerable<object[]> Paths(JsonNode node)
    {
        IEnumerable<(object Step, JsonNode? Child)> children = node switch
        {
            JsonObject map => map.Select(pair => ((object)pair.Key, pair.Value)),
            JsonArray list => list.Select((child, index) => ((object)index, child)),
            _ => [],
        };
        foreach ((object step, JsonNode? child) in children)
        {
            yield return [step];
            if (child is null) continue;
            foreach (object[] path in Paths(child)) yield return [step, .. path];
        }
    }

    private static void Put(JsonNode node, object[] path, JsonNode? value)
    {
        foreach (object step in path[..^1]) node = step is string name ? node[name]! : node[(int)step]!;
        if (path[^1] is string last) node[last] = value;
        else node[(int)path[^1]] = value;
    }
}
