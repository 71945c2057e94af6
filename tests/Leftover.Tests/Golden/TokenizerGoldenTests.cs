using System.Text.Json;
using Leftover.Tests.Tokenization;
using Leftover.Tokenization;

namespace Leftover.Tests.Golden;

/// <summary>Every case of golden/tokenizers against ours. Offsets, pairs, truncation and padding are no part of this library's interface and are left out.</summary>
[Trait("Category", "Golden")]
public class TokenizerGoldenTests
{
    /// <summary>Layouts that are not built yet: their files must be refused with an error that names the missing part.</summary>
    private static readonly HashSet<string> s_notBuilt =
    [
        "real_mon_unigram", "tiny/precompiled_unigram", "tiny/precompiled_unigram_bytes", "tiny/unigram", "tiny/unigram_bytes", "tiny/unigram_ws",
    ];

    public static TheoryData<string> Cases()
    {
        var cases = new TheoryData<string>();
        if (!Directory.Exists(GoldenFiles.Folder)) return cases;
        foreach (string file in Directory.EnumerateFiles(GoldenFiles.Folder, "golden.json*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            cases.Add(Path.GetRelativePath(GoldenFiles.Folder, Path.GetDirectoryName(file)!).Replace('\\', '/'));
        return cases;
    }

    [GoldenTheory("tokenizers")]
    [MemberData(nameof(Cases))]
    public void A_tokenizer_gives_what_the_original_library_gives(string name)
    {
        string folder = FolderOf(name);
        if (s_notBuilt.Contains(name))
        {
            Data.DataException refusal = Assert.Throws<Data.DataException>(() => Tokenizer.Load(folder));
            Assert.Contains("not built", refusal.Message, StringComparison.Ordinal);
            return;
        }
        Tokenizer tokenizer = Tokenizer.Load(folder);
        var differences = new List<string>();
        JsonElement golden = GoldenFiles.Read(Directory.GetFiles(Path.Combine(GoldenFiles.Folder, name), "golden.json*").Single());
        int checks = Check(tokenizer, golden, differences);
        Assert.True(checks > 0, "the golden file holds no case");
        Assert.True(differences.Count == 0, $"{differences.Count} of {checks} differ:\n{string.Join('\n', differences.Take(20))}");
    }

    /// <summary>Compares every field of a golden file; returns how many comparisons were made.</summary>
    internal static int Check(Tokenizer tokenizer, JsonElement golden, List<string> differences)
    {
        var check = new Comparison(differences);
        if (golden.TryGetProperty("vocab_size", out JsonElement size)) check.Same("vocab_size", "", size.GetInt32().ToString(), tokenizer.VocabularySize.ToString());
        foreach (JsonElement row in golden.GetProperty("cases").EnumerateArray()) CheckCase(tokenizer, row, check);
        foreach (JsonElement row in golden.GetProperty("decode").EnumerateArray())
        {
            int[] ids = GoldenFiles.Ids(row.GetProperty("ids"));
            check.Same("decode", string.Join(',', ids), GoldenFiles.Text(row, "skip"), tokenizer.Decode(ids));
            check.Same("decode keep", string.Join(',', ids), GoldenFiles.Text(row, "keep"), tokenizer.Decode(ids, skipSpecialTokens: false));
        }
        foreach (JsonElement row in golden.GetProperty("stream").EnumerateArray())
        {
            CheckStream(tokenizer, row, "skip", check);
            CheckStream(tokenizer, row, "keep", check);
        }
        foreach (JsonElement row in golden.GetProperty("id_to_token").EnumerateArray())
            check.Same("id_to_token", row[0].ToString(), row[1].GetString(), tokenizer.IdToToken(row[0].GetInt32()));
        return check.Count;
    }

    private static void CheckCase(Tokenizer tokenizer, JsonElement row, Comparison check)
    {
        string text = row.GetProperty("text").GetString()!;
        int[] ids = GoldenFiles.Ids(row.GetProperty("ids"));
        check.Ids("ids", text, ids, tokenizer.Encode(text));
        string[] tokens = [.. row.GetProperty("tokens").EnumerateArray().Select(token => token.GetString()!)];
        for (int i = 0; i < ids.Length; i++) check.Same($"tokens[{i}]", text, Plain(tokens[i], tokenizer.IdToToken(ids[i])), tokenizer.IdToToken(ids[i]));
        string decoded = row.GetProperty("decoded").GetString()!;
        check.Same("decoded", text, decoded, tokenizer.Decode(ids));
        check.Same("decoded_keep_special", text, GoldenFiles.Text(row, "decoded_keep_special") ?? decoded, tokenizer.Decode(ids, skipSpecialTokens: false));

        if (!row.TryGetProperty("with_special", out JsonElement special))
        {
            check.Ids("ids with special tokens", text, ids, tokenizer.Encode(text, addSpecialTokens: true));
            return;
        }
        int[] specialIds = GoldenFiles.Ids(special.GetProperty("ids"));
        check.Ids("with_special.ids", text, specialIds, tokenizer.Encode(text, addSpecialTokens: true));
        if (GoldenFiles.Text(special, "decoded") is { } skip) check.Same("with_special.decoded", text, skip, tokenizer.Decode(specialIds));
        if (GoldenFiles.Text(special, "decoded_keep_special") is { } keep)
            check.Same("with_special.decoded_keep_special", text, keep, tokenizer.Decode(specialIds, skipSpecialTokens: false));
    }

    private static void CheckStream(Tokenizer tokenizer, JsonElement row, string field, Comparison check)
    {
        int[] ids = GoldenFiles.Ids(row.GetProperty("ids"));
        var stream = new StreamingDecoder(tokenizer, skipSpecialTokens: field == "skip");
        int i = 0;
        foreach (JsonElement piece in row.GetProperty(field).EnumerateArray())
        {
            string? ours = stream.Push(ids[i]);
            // Where a broken byte changes what was already given out, the library gives up; ours goes on with the new text.
            if (piece.ValueKind == JsonValueKind.Object)
            {
                check.Same($"stream.{field}[{i}] goes on", string.Join(',', ids), "True", (ours?.Length > 0).ToString());
                return;
            }
            check.Same($"stream.{field}[{i++}]", GoldenFiles.Text(row, "text") ?? string.Join(',', ids), piece.GetString(), ours);
        }
    }

    // The library reports an added token with the blanks it swallowed; its id cannot tell of them.
    private static string Plain(string reported, string token) => reported.Trim() == token ? token : reported;

    // Where the golden folder has no tokenizer of its own, the vocabulary lies with the data.
    private static string FolderOf(string name)
    {
        string folder = Path.Combine(GoldenFiles.Folder, name);
        return File.Exists(Path.Combine(folder, "tokenizer.json.gz")) || File.Exists(Path.Combine(folder, "tokenizer.json"))
            ? folder
            : SharedData.PathOf("data", name.Replace("real_", "tok_", StringComparison.Ordinal));
    }

    private sealed class Comparison(List<string> differences)
    {
        public int Count { get; private set; }

        public void Same(string what, string of, string? expected, string? actual)
        {
            Count++;
            if (expected != actual) differences.Add($"{what} of {GoldenFiles.Show(of)}: expected {GoldenFiles.Show(expected)}, found {GoldenFiles.Show(actual)}");
        }

        public void Ids(string what, string of, int[] expected, int[] actual)
        {
            Count++;
            if (!expected.AsSpan().SequenceEqual(actual)) differences.Add($"{what} of {GoldenFiles.Show(of)}: expected [{string.Join(' ', expected)}], found [{string.Join(' ', actual)}]");
        }
    }
}
