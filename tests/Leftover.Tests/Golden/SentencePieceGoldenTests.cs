using System.Text.Json;
using Leftover.Tests.Tokenization;
using Leftover.Tokenization;
using Leftover.Tokenization.Files;

namespace Leftover.Tests.Golden;

/// <summary>SentencePiece's own ids. It reads "&lt;s&gt;" in a text as plain characters, so the ids are those of <see cref="Tokenizer.EncodeOrdinary"/>.</summary>
[Trait("Category", "Golden")]
public class SentencePieceGoldenTests
{
    /// <summary>Kinds of models that are not built yet: they must be refused with an error that names the missing part.</summary>
    private static readonly HashSet<string> s_notBuilt =
        ["sentencepiece/bpe", "sentencepiece/char", "sentencepiece/unigram", "sentencepiece/unigram_bytes", "sentencepiece/unigram_casefold", "sentencepiece/word"];

    public static TheoryData<string> Cases()
    {
        var cases = new TheoryData<string>();
        if (!Directory.Exists(GoldenFiles.Folder)) return cases;
        foreach (string file in Directory.EnumerateFiles(GoldenFiles.Folder, "golden_sentencepiece.json*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            cases.Add(Path.GetRelativePath(GoldenFiles.Folder, Path.GetDirectoryName(file)!));
        foreach (string file in Directory.EnumerateFiles(Path.Combine(GoldenFiles.Folder, "sentencepiece"), "*.golden.json*").Order(StringComparer.Ordinal))
            cases.Add("sentencepiece/" + Path.GetFileName(file).Split('.')[0]);
        return cases;
    }

    [GoldenTheory("tokenizers")]
    [MemberData(nameof(Cases))]
    public void A_tokenizer_model_gives_what_sentencepiece_gives(string name)
    {
        (string model, string goldenFile) = FilesOf(name);
        if (s_notBuilt.Contains(name))
        {
            Data.DataException refusal = Assert.Throws<Data.DataException>(() => SentencePieceTokenizer.Load(model, new TokenizerSettings()));
            Assert.Contains("not built", refusal.Message, StringComparison.Ordinal);
            return;
        }
        Tokenizer tokenizer = SentencePieceTokenizer.Load(model, new TokenizerSettings());
        JsonElement golden = GoldenFiles.Read(goldenFile);
        var differences = new List<string>();
        int checks = Check(tokenizer, golden, differences);
        Assert.True(checks > 0, "the golden file holds no case");
        Assert.True(differences.Count == 0, $"{differences.Count} of {checks} differ:\n{string.Join('\n', differences.Take(20))}");
    }

    private static int Check(Tokenizer tokenizer, JsonElement golden, List<string> differences)
    {
        int checks = 0;
        foreach (JsonElement row in golden.GetProperty("cases").EnumerateArray())
        {
            string text = row.GetProperty("text").GetString()!;
            int[] ids = GoldenFiles.Ids(row.GetProperty("ids"));
            Same("ids", text, string.Join(' ', ids), string.Join(' ', tokenizer.EncodeOrdinary(text)));
            Same("decoded", text, row.GetProperty("decoded").GetString()!, tokenizer.Decode(ids));
            if (row.TryGetProperty("bos_eos_ids", out JsonElement around))
                Same("bos_eos_ids", text, string.Join(' ', GoldenFiles.Ids(around)), string.Join(' ', [tokenizer.BeginOfSequence!.Value, .. ids, tokenizer.EndOfSequence!.Value]));
            string[] pieces = [.. row.GetProperty("pieces").EnumerateArray().Select(piece => piece.GetString()!)];
            for (int i = 0; i < pieces.Length; i++)
                if (tokenizer.IdToToken(ids[i]) != "<unk>") Same($"pieces[{i}]", text, pieces[i], tokenizer.IdToToken(ids[i]));
        }
        if (!golden.TryGetProperty("decode", out JsonElement decode)) return checks;
        foreach (JsonElement row in decode.EnumerateArray())
        {
            int[] ids = GoldenFiles.Ids(row.GetProperty("ids"));
            Same("decode", string.Join(',', ids), row.GetProperty("decoded").GetString()!, tokenizer.Decode(ids));
        }
        return checks;

        void Same(string what, string of, string expected, string actual)
        {
            checks++;
            if (expected != actual) differences.Add($"{what} of {GoldenFiles.Show(of)}: expected {GoldenFiles.Show(expected)}, found {GoldenFiles.Show(actual)}");
        }
    }

    private static (string Model, string Golden) FilesOf(string name)
    {
        if (name.StartsWith("sentencepiece/", StringComparison.Ordinal))
        {
            string[] files = Directory.GetFiles(Path.Combine(GoldenFiles.Folder, "sentencepiece"), Path.GetFileName(name) + ".*");
            return (files.Single(file => file.Contains(".model", StringComparison.Ordinal)), files.Single(file => file.Contains(".golden.json", StringComparison.Ordinal)));
        }
        string folder = Path.Combine(GoldenFiles.Folder, name);
        string golden = Directory.GetFiles(folder, "golden_sentencepiece.json*").Single();
        string[] models = Directory.GetFiles(folder, "tokenizer.model*");
        return (models.Length > 0 ? models[0] : SharedData.PathOf("data", name.Replace("real_", "tok_", StringComparison.Ordinal), "tokenizer.model"), golden);
    }
}
