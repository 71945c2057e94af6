using System.Text;
using System.Text.Json;
using Leftover.Tests.Tokenization;
using Leftover.Tokenization;
using Leftover.Tokenization.Files;
using Leftover.Tokenization.Pipeline;

namespace Leftover.Tests.Golden;

/// <summary>The training runs of golden/tokenizers: the vocabulary in the order of its ids, and the merges.</summary>
[Trait("Category", "Golden")]
public class BpeTrainingGoldenTests
{
    /// <summary>Kinds of models that are not trained here.</summary>
    private static readonly HashSet<string> s_notBuilt = ["WordPiece", "WordLevel"];

    private static string File => Path.Combine(GoldenFiles.Folder, "training.json.gz");

    public static TheoryData<int, string> Trainings()
    {
        var cases = new TheoryData<int, string>();
        if (!System.IO.File.Exists(File)) return cases;
        foreach ((int index, JsonElement run) in GoldenFiles.Read(File).GetProperty("trainings").EnumerateArray().Index())
            if (!s_notBuilt.Contains(run.GetProperty("settings").GetProperty("kind").GetString()!)) cases.Add(index, run.GetProperty("name").GetString()!);
        return cases;
    }

    [GoldenTheory("tokenizers/training.json.gz")]
    [MemberData(nameof(Trainings))]
    public void Training_finds_the_vocabulary_and_merges_of_the_original_library(int index, string name)
    {
        JsonElement golden = GoldenFiles.Read(File), run = golden.GetProperty("trainings")[index], settings = run.GetProperty("settings");
        Assert.Equal("BPE", settings.GetProperty("kind").GetString());
        Assert.StartsWith("shared/data/text/tinyshakespeare.txt.gz, first 300,000 bytes", golden.GetProperty("text").GetString(), StringComparison.Ordinal);
        string text = Encoding.UTF8.GetString(TokenizerFiles.ReadBytes(SharedData.PathOf("data", "text", "tinyshakespeare.txt.gz")).AsSpan(0, 300_000));

        string[] special = [.. settings.GetProperty("special_tokens").EnumerateArray().Select(token => token.GetString()!)];
        int? limit = settings.TryGetProperty("limit_alphabet", out JsonElement most) ? most.GetInt32() : null;
        bool allBytes = (GoldenFiles.Text(settings, "initial_alphabet") ?? "").StartsWith("all 256", StringComparison.Ordinal);
        int size = settings.GetProperty("vocab_size").GetInt32(), minFrequency = settings.GetProperty("min_frequency").GetInt32();

        PreTokenizer split = PreTokenizerReader.Read(JsonPart.Parse(run.GetProperty("pre_tokenizer").GetRawText(), name))!;
        if (split.IsByteLevel)
        {
            var trainer = new ByteLevelBpeTrainer { VocabularySize = size, MinFrequency = minFrequency, SpecialTokens = special, AllBytes = allBytes, AlphabetLimit = limit };
            Tokenizer tokenizer = trainer.Train([text]);
            Assert.Equal(Texts(run, "vocab_in_id_order"), Enumerable.Range(0, tokenizer.VocabularySize).Select(tokenizer.IdToToken));
            Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text)));
        }
        var training = BpeTraining.Learn(Words([text], split), size, minFrequency, special, allBytes ? AllBytes() : [], limit, CancellationToken.None);
        AssertSame(run, training);
    }

    [GoldenFact("tokenizers/training.json.gz")]
    public void Of_equally_frequent_pairs_the_one_with_the_smaller_ids_merges()
    {
        int runs = 0;
        foreach (JsonElement run in GoldenFiles.Read(File).GetProperty("ties").EnumerateArray())
        {
            PreTokenizer blanks = PreTokenizerReader.Read(JsonPart.Parse("""{"type": "WhitespaceSplit"}""", "test"))!;
            Dictionary<string, long> words = Words(run.GetProperty("texts").EnumerateArray().Select(text => text.GetString()!), blanks);
            AssertSame(run, BpeTraining.Learn(words, run.GetProperty("vocab_size").GetInt32(), run.GetProperty("min_frequency").GetInt32(), [], [], null, CancellationToken.None));
            runs++;
        }
        Assert.True(runs > 0, "the golden file holds no ties");
    }

    private static void AssertSame(JsonElement run, BpeTraining training)
    {
        Assert.Equal(Texts(run, "vocab_in_id_order"), training.Tokens);
        Assert.Equal(
            run.GetProperty("merges").EnumerateArray().Select(merge => (merge[0].GetString(), merge[1].GetString())),
            training.Merges.Select(merge => ((string?)training.Tokens[merge.Left], (string?)training.Tokens[merge.Right])));
    }

    private static Dictionary<string, long> Words(IEnumerable<string> texts, PreTokenizer split)
    {
        var pieces = new List<Piece>();
        foreach (string text in texts) split.Split(new Piece(text, atStart: true), pieces);
        return pieces.CountBy(piece => split.IsByteLevel ? ByteLetters.Write(Encoding.UTF8.GetBytes(piece.Span.ToString())) : piece.Span.ToString())
            .ToDictionary(pair => pair.Key, pair => (long)pair.Value);
    }

    private static IEnumerable<string> AllBytes() => Enumerable.Range(0, 256).Select(value => ByteLetters.Of((byte)value).ToString());

    private static IEnumerable<string> Texts(JsonElement run, string name) => run.GetProperty(name).EnumerateArray().Select(text => text.GetString()!);
}
