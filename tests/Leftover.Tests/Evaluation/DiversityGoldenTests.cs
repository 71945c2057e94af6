using System.Text.Json;
using Leftover.Evaluation;
using Leftover.Tests.Golden;
using Leftover.Tests.Rewards.Text;

namespace Leftover.Tests.Evaluation;

[Trait("Category", "Golden")]
public class DiversityGoldenTests
{
    private const string File = "rewards/distinct.json";

    public static TheoryData<int, string> Cases() => GoldenCases.Of(File);

    [GoldenTheory(File), MemberData(nameof(Cases))]
    public void Diversity_of_a_corpus_agrees_with_the_references(int index, string name)
    {
        string[] texts = TextCases.Texts(File, index);
        foreach (JsonProperty expected in GoldenCases.Case(File, index).GetProperty("expected").EnumerateObject())
        {
            double[] actual = expected.Name switch
            {
                "hha" => Diversity.DistinctByWords(texts),
                "small" => Diversity.DistinctByNGrams(texts),
                "unigram entropy (nats)" => [Diversity.UnigramEntropy(texts)],
                _ when expected.Name.StartsWith("self-bleu-", StringComparison.Ordinal) => [SelfBleu.Of(texts, int.Parse(expected.Name["self-bleu-".Length..]))],
                _ => throw GoldenCases.Unknown(File, expected.Name),
            };
            double[] needed = expected.Value.ValueKind == JsonValueKind.Array ? expected.Value.Numbers() : [expected.Value.GetDouble()];
            Assert.Equal(needed.Length, actual.Length);
            for (int i = 0; i < needed.Length; i++) GoldenCases.Within(needed[i], actual[i], 1e-9, $"{name}: {expected.Name} [{i}]");
        }
    }
}
