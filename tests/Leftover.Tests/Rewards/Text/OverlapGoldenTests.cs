using System.Text.Json;
using Leftover.Rewards.Text;
using Leftover.Tests.Golden;

namespace Leftover.Tests.Rewards.Text;

[Trait("Category", "Golden")]
public class OverlapGoldenTests
{
    private const string File = "rewards/overlap.json";
    private const double Tolerance = 1e-9;

    public static TheoryData<int, string> Cases() => GoldenCases.Of(File);

    [GoldenTheory(File), MemberData(nameof(Cases))]
    public void Corpus_scores_agree_with_sacrebleu(int index, string name)
    {
        JsonElement golden = GoldenCases.Case(File, index);
        string[] hypotheses = Texts(golden, 0), references = Texts(golden, 1);
        foreach (JsonProperty expected in golden.GetProperty("expected").EnumerateObject())
        {
            string what = $"{name}: {expected.Name}";
            switch (expected.Name)
            {
                case "corpus bleu":
                    foreach (JsonProperty variant in expected.Value.EnumerateObject()) CheckBleu(variant, hypotheses, references, $"{what}, {variant.Name}");
                    break;
                case "corpus chrf": GoldenCases.Within(expected.Value.GetDouble(), Chrf.OfCorpus(hypotheses, references), Tolerance, what); break;
                case "corpus chrf++": GoldenCases.Within(expected.Value.GetDouble(), Chrf.OfCorpus(hypotheses, references, wordOrder: 2), Tolerance, what); break;
                case "pairs": break;   // the other test's
                default: throw GoldenCases.Unknown(File, expected.Name);
            }
        }
    }

    [GoldenTheory(File), MemberData(nameof(Cases))]
    public void Scores_of_single_texts_agree_with_sacrebleu_and_rouge_score(int index, string name)
    {
        JsonElement golden = GoldenCases.Case(File, index);
        foreach (JsonElement pair in golden.GetProperty("expected").GetProperty("pairs").EnumerateArray())
        {
            string hypothesis = pair.GetProperty("hypothesis").GetString()!, reference = pair.GetProperty("reference").GetString()!;
            foreach (JsonProperty expected in pair.EnumerateObject())
            {
                string what = $"{name}: {expected.Name} of \"{hypothesis}\"";
                switch (expected.Name)
                {
                    case "hypothesis" or "reference": break;
                    case "sentence bleu": GoldenCases.Within(expected.Value.GetDouble(), Bleu.OfSentence(hypothesis, [reference]).Score, Tolerance, what); break;
                    case "chrf": GoldenCases.Within(expected.Value.GetDouble(), Chrf.OfSentence(hypothesis, reference), Tolerance, what); break;
                    case "chrf++": GoldenCases.Within(expected.Value.GetDouble(), Chrf.OfSentence(hypothesis, reference, wordOrder: 2), Tolerance, what); break;
                    case "rouge":
                        foreach (JsonProperty kind in expected.Value.EnumerateObject())
                        {
                            RougeScore score = OfRouge(kind.Name, hypothesis, reference);
                            double[] needed = kind.Value.Numbers(), actual = [score.Precision, score.Recall, score.F1];
                            for (int i = 0; i < needed.Length; i++) GoldenCases.Within(needed[i], actual[i], Tolerance, $"{what}, {kind.Name} [{i}]");
                        }
                        break;
                    default: throw GoldenCases.Unknown(File, expected.Name);
                }
            }
        }
    }

    private static void CheckBleu(JsonProperty expected, string[] hypotheses, string[] references, string what)
    {
        BleuOptions options = expected.Name switch
        {
            "default" or "two references (second: the list rotated by one)" => new(),
            "lowercase" => new() { LowerCase = true },
            "tokenize none" => new() { Tokens = BleuTokens.WhiteSpace },
            "tokenize char" => new() { Tokens = BleuTokens.Characters },
            "smooth floor 0.1" => new() { Smoothing = BleuSmoothing.Floor, SmoothingValue = 0.1 },
            "smooth add-k 1" => new() { Smoothing = BleuSmoothing.AddK, SmoothingValue = 1 },
            "smooth none" => new() { Smoothing = BleuSmoothing.None },
            "max order 2" => new() { Order = 2 },
            _ => throw GoldenCases.Unknown(File, expected.Name),
        };
        bool two = expected.Name.StartsWith("two references", StringComparison.Ordinal);
        string[][] sets = [.. references.Select((x, i) => two ? new[] { x, references[(i + 1) % references.Length] } : [x])];
        Bleu bleu = Bleu.OfCorpus(hypotheses, sets, options);
        foreach (JsonProperty part in expected.Value.EnumerateObject())
        {
            double[] actual = part.Name switch
            {
                "bleu" => [bleu.Score],
                "precisions" => bleu.Precisions,
                "brevity penalty" => [bleu.BrevityPenalty],
                "hypothesis length" => [bleu.HypothesisLength],
                "reference length" => [bleu.ReferenceLength],
                _ => throw GoldenCases.Unknown(File, part.Name),
            };
            double[] needed = part.Value.ValueKind == JsonValueKind.Array ? part.Value.Numbers() : [part.Value.GetDouble()];
            Assert.Equal(needed.Length, actual.Length);
            for (int i = 0; i < needed.Length; i++) GoldenCases.Within(needed[i], actual[i], Tolerance, $"{what} {part.Name} [{i}]");
        }
    }

    private static RougeScore OfRouge(string name, string hypothesis, string reference)
    {
        bool stem = name.EndsWith(" stemmed", StringComparison.Ordinal);
        return name.Split(' ')[0] switch
        {
            "rouge1" => Rouge.OfNGrams(hypothesis, reference, 1, stem),
            "rouge2" => Rouge.OfNGrams(hypothesis, reference, 2, stem),
            "rougeL" => Rouge.OfSequence(hypothesis, reference, stem),
            "rougeLsum" => Rouge.OfLines(hypothesis, reference, stem),
            _ => throw GoldenCases.Unknown(File, name),
        };
    }

    private static string[] Texts(JsonElement golden, int place) =>
        [.. golden.GetProperty("expected").GetProperty("pairs").EnumerateArray().Select(x => x.GetProperty(place == 0 ? "hypothesis" : "reference").GetString()!)];
}
