using System.Text.Json;
using Leftover.Tensors.Gguf;
using Leftover.Tests.Tokenization;
using Leftover.Tokenization;
using Leftover.Tokenization.Files;
using Leftover.Tokenization.Unicode;

namespace Leftover.Tests.Golden;

/// <summary>Published token ids beside the vocabularies of shared data, and tokenizers out of GGUF files.</summary>
[Trait("Category", "Golden")]
public class TokenizerDataTests
{
    public static TheoryData<string, string> Published()
    {
        var cases = new TheoryData<string, string>();
        string data = SharedData.PathOf("data");
        if (!Directory.Exists(data)) return cases;
        foreach (string folder in Directory.EnumerateDirectories(data, "tok_*").Order(StringComparer.Ordinal))
            foreach (string file in Directory.EnumerateFiles(folder, "golden*.json").Order(StringComparer.Ordinal))
                cases.Add(Path.GetFileName(folder), Path.GetFileName(file));
        return cases;
    }

    [SharedTheory("data")]
    [MemberData(nameof(Published))]
    public void Published_token_ids_are_ours(string folder, string file)
    {
        Tokenizer tokenizer = Tokenizer.Load(SharedData.PathOf("data", folder));
        JsonElement golden = GoldenFiles.Read(SharedData.PathOf("data", folder, file));
        if (golden[0].ValueKind == JsonValueKind.Number)
        {
            // One list of ids: those of the first 20,000 characters of tiny Shakespeare.
            string text = System.Text.Encoding.UTF8.GetString(TokenizerFiles.ReadBytes(SharedData.PathOf("data", "text", "tinyshakespeare.txt.gz")))[..20_000];
            Assert.Equal(GoldenFiles.Ids(golden), tokenizer.Encode(text));
            return;
        }
        foreach (JsonElement row in golden.EnumerateArray())
        {
            string text = row.GetProperty("text").GetString()!;
            bool begin = row.TryGetProperty("bos", out JsonElement bos) && bos.GetBoolean();
            int[] ids = GoldenFiles.Ids(row.GetProperty("ids"));
            int[] ours = tokenizer.Encode(text, addSpecialTokens: begin);
            Assert.True(ids.AsSpan().SequenceEqual(ours), $"{GoldenFiles.Show(text)}: expected [{string.Join(' ', ids)}], found [{string.Join(' ', ours)}]");
            string composed = UnicodeNormalization.Normalize(text, System.Text.NormalizationForm.FormC);
            Assert.Equal(composed, tokenizer.Decode(begin ? ids.AsSpan(1) : ids, skipSpecialTokens: false));
        }
    }

    public static TheoryData<string, string> GgufVocabularies()
    {
        var cases = new TheoryData<string, string>();
        string list = Path.Combine(SharedData.Golden, "gguf", "vocab_files.json");
        if (!File.Exists(list)) return cases;
        foreach (JsonElement row in GoldenFiles.Read(list).GetProperty("files").EnumerateArray())
            cases.Add(row.GetProperty("file").GetString()!, row.GetProperty("golden").GetString()!);
        return cases;
    }

    [GoldenTheory("gguf")]
    [MemberData(nameof(GgufVocabularies))]
    public void A_tokenizer_out_of_a_gguf_file_gives_the_ids_of_the_original(string file, string goldenFile)
    {
        using GgufFile gguf = GgufFile.Open(Path.Combine(SharedData.Golden, "gguf", file));
        Tokenizer tokenizer = Tokenizer.FromGguf(gguf.Metadata);
        // SentencePiece reads special tokens in a text as plain characters; the other library finds them.
        bool plain = goldenFile.Contains("sentencepiece", StringComparison.Ordinal);
        int rows = 0;
        foreach (JsonElement row in GoldenFiles.Read(Path.Combine(SharedData.Golden, goldenFile)).GetProperty("cases").EnumerateArray())
        {
            string text = row.GetProperty("text").GetString()!;
            int[] ids = GoldenFiles.Ids(row.GetProperty("ids"));
            int[] ours = plain ? tokenizer.EncodeOrdinary(text) : tokenizer.Encode(text);
            Assert.True(ids.AsSpan().SequenceEqual(ours), $"{GoldenFiles.Show(text)}: expected [{string.Join(' ', ids)}], found [{string.Join(' ', ours)}]");
            rows++;
        }
        Assert.True(rows > 0, "the golden file holds no case");
    }

    [SharedFact("models/smollm2-135m-instruct")]
    public void Smollm2_out_of_its_gguf_file_splits_digits_and_takes_its_chat_template_along()
    {
        string folder = SharedData.PathOf("models", "smollm2-135m-instruct");
        using GgufFile gguf = GgufFile.Open(Directory.GetFiles(folder, "*.gguf").Single());
        Tokenizer fromGguf = Tokenizer.FromGguf(gguf.Metadata), fromJson = Tokenizer.Load(folder);

        foreach (JsonElement row in GoldenFiles.Read(Path.Combine(GoldenFiles.Folder, "real_smollm2", "golden.json.gz")).GetProperty("cases").EnumerateArray())
        {
            string text = row.GetProperty("text").GetString()!;
            int[] ids = GoldenFiles.Ids(row.GetProperty("ids"));
            Assert.Equal(ids, fromGguf.Encode(text));
            Assert.Equal(ids, fromJson.Encode(text));
            Assert.Equal(ids, fromGguf.Encode(text, addSpecialTokens: true));
        }
        Assert.Equal((1, 2, 2), (fromGguf.BeginOfSequence, fromGguf.EndOfSequence, fromGguf.Pad));
        Assert.Equal((1, 2, 2), (fromJson.BeginOfSequence, fromJson.EndOfSequence, fromJson.Pad));
        Assert.Equal(fromJson.ChatTemplate, fromGguf.ChatTemplate);
        Assert.Equal([2], fromJson.EndOfGeneration);
    }

    [GoldenFact("models/smollm2_135m_instruct")]
    public void Chatml_writes_smollm2s_prompts_and_the_examples_have_its_ids()
    {
        Tokenizer tokenizer = Tokenizer.Load(SharedData.PathOf("models", "smollm2-135m-instruct"));
        PromptTemplate template = PromptTemplate.For(tokenizer);
        Assert.Equal("chatml", template.Name);
        var examples = new ExampleTokenizer(tokenizer, template, maxPromptTokens: 512, maxCompletionTokens: 512);
        foreach (JsonElement row in GoldenFiles.Read(Path.Combine(SharedData.Golden, "models", "smollm2_135m_instruct", "golden.json")).GetProperty("conversations").EnumerateArray())
        {
            ChatMessage[] messages = [new("user", row.GetProperty("user").GetString()!)];
            Assert.Equal(row.GetProperty("prompt_text").GetString(), template.RenderPrompt(messages));

            int[] ids = GoldenFiles.Ids(row.GetProperty("input_ids"));
            int promptTokens = row.GetProperty("prompt_tokens").GetInt32();
            TokenizedExample example = examples.Tokenize(messages, row.GetProperty("answer").GetString()!);
            Assert.Equal(ids[..promptTokens], example.Prompt);
            Assert.Equal(ids[promptTokens..], example.Completion);
            Assert.False(example.PromptCut || example.CompletionCut);
        }
    }
}
