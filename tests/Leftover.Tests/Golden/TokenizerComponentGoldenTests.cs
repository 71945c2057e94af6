using System.Text;
using System.Text.Json;
using Leftover.Tests.Tokenization;
using Leftover.Tokenization.Files;
using Leftover.Tokenization.Pipeline;

namespace Leftover.Tests.Golden;

/// <summary>Every normalizer, pre-tokenizer and decoder of golden/tokenizers alone.</summary>
[Trait("Category", "Golden")]
public class TokenizerComponentGoldenTests
{
    /// <summary>Components that are not built: reading one must be refused.</summary>
    private static readonly HashSet<string> s_notBuilt = ["normalizers/ByteLevel", "pre_tokenizers/UnicodeScripts", "decoders/CTC", "decoders/CTC_raw"];

    private static string File => Path.Combine(GoldenFiles.Folder, "components.json.gz");

    public static TheoryData<string, string> Components()
    {
        var cases = new TheoryData<string, string>();
        if (!System.IO.File.Exists(File)) return cases;
        foreach (string kind in (string[])["normalizers", "pre_tokenizers", "decoders"])
            foreach (JsonProperty component in GoldenFiles.Read(File).GetProperty(kind).EnumerateObject()) cases.Add(kind, component.Name);
        return cases;
    }

    [GoldenTheory("tokenizers/components.json.gz")]
    [MemberData(nameof(Components))]
    public void A_component_does_what_the_original_does(string kind, string name)
    {
        JsonElement golden = GoldenFiles.Read(File), component = golden.GetProperty(kind).GetProperty(name);
        JsonPart config = JsonPart.Parse(component.GetProperty("config").GetRawText(), name);
        if (s_notBuilt.Contains($"{kind}/{name}"))
        {
            Assert.Contains("not built", Assert.Throws<Data.DataException>(() => { _ = Run(kind, config, golden, 0); }).Message, StringComparison.Ordinal);
            return;
        }
        var differences = new List<string>();
        int row = 0;
        foreach (JsonElement expected in component.GetProperty("out").EnumerateArray())
        {
            if (expected.ValueKind != JsonValueKind.Object)          // { "error": … }: the original panics, any sane result will do
            {
                string wanted = kind == "pre_tokenizers" ? string.Join('|', expected.EnumerateArray().Select(piece => piece[0].GetString())) : expected.GetString()!;
                string found = Run(kind, config, golden, row);
                if (wanted != found) differences.Add($"row {row}, {GoldenFiles.Show(Input(kind, golden, row))}: expected {GoldenFiles.Show(wanted)}, found {GoldenFiles.Show(found)}");
            }
            row++;
        }
        Assert.True(row > 0, "the golden file holds no case");
        Assert.True(differences.Count == 0, $"{differences.Count} of {row} differ:\n{string.Join('\n', differences.Take(20))}");
    }

    private static string Run(string kind, JsonPart config, JsonElement golden, int row)
    {
        switch (kind)
        {
            case "normalizers":
                return NormalizerReader.Read(config)!.Normalize(golden.GetProperty("texts")[row].GetString()!);
            case "pre_tokenizers":
                PreTokenizer split = PreTokenizerReader.Read(config)!;
                var pieces = new List<Piece>();
                split.Split(new Piece(golden.GetProperty("texts")[row].GetString()!, atStart: true), pieces);
                return string.Join('|', pieces.Select(piece => split.IsByteLevel ? ByteLetters.Write(Encoding.UTF8.GetBytes(piece.Span.ToString())) : piece.Span.ToString()));
            default:
                return string.Concat(DecoderReader.Read(config)!.Decode([.. golden.GetProperty("decoder_inputs")[row].EnumerateArray().Select(token => token.GetString()!)]));
        }
    }

    private static string Input(string kind, JsonElement golden, int row) =>
        kind == "decoders" ? golden.GetProperty("decoder_inputs")[row].GetRawText() : golden.GetProperty("texts")[row].GetString()!;
}
