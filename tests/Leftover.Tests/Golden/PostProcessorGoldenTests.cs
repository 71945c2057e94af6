using System.Text.Json;
using Leftover.Tests.Tokenization;
using Leftover.Tokenization;

namespace Leftover.Tests.Golden;

/// <summary>One tokenizer under each post-processor: what stands around a text. Pairs of texts are no part of this library's interface and are left out.</summary>
[Trait("Category", "Golden")]
public class PostProcessorGoldenTests
{
    private const string Name = "tokenizers/post_processors.json.gz";

    private static string File => Path.Combine(GoldenFiles.Folder, "post_processors.json.gz");

    public static TheoryData<string> PostProcessors() =>
        System.IO.File.Exists(File) ? [.. GoldenFiles.Read(File).GetProperty("post_processors").EnumerateArray().Select(one => one.GetProperty("name").GetString()!)] : [];

    [GoldenTheory(Name), MemberData(nameof(PostProcessors))]
    public void Special_tokens_stand_where_the_original_puts_them(string name)
    {
        JsonElement golden = GoldenFiles.Read(File).GetProperty("post_processors").EnumerateArray().Single(one => one.GetProperty("name").GetString() == name);
        string folder = Directory.CreateTempSubdirectory("leftover-post-processor-").FullName;
        try
        {
            System.IO.File.WriteAllText(Path.Combine(folder, "tokenizer.json"), golden.GetProperty("tokenizer").GetRawText());
            Tokenizer tokenizer = Tokenizer.Load(folder);
            int checks = 0;
            foreach (JsonElement row in golden.GetProperty("cases").EnumerateArray())
            {
                if (row.GetProperty("b").ValueKind != JsonValueKind.Null) continue;
                int[] ids = GoldenFiles.Ids(row.GetProperty("ids"));
                string text = row.GetProperty("a").GetString()!;
                Assert.Equal(ids, tokenizer.Encode(text, addSpecialTokens: true));
                Assert.Equal(GoldenFiles.Text(row, "decoded"), tokenizer.Decode(ids));
                Assert.Equal(GoldenFiles.Text(row, "decoded_keep_special") ?? GoldenFiles.Text(row, "decoded"), tokenizer.Decode(ids, skipSpecialTokens: false));
                checks++;
            }
            Assert.True(checks > 0, "the golden file holds no single text");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
