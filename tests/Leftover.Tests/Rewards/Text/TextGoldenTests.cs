using System.Text.Json;
using Leftover.Rewards.Text;
using Leftover.Tests.Golden;

namespace Leftover.Tests.Rewards.Text;

[Trait("Category", "Golden")]
public class TextGoldenTests
{
    private const string Folder = "rewards", Profanity = "rewards/profanity.json", Reading = "rewards/readability.json", Repeating = "rewards/repetition.json",
        Specificity = "rewards/tfidf.json";

    private static readonly string[] s_built = ["classifier_metrics.json", "distinct.json", "overlap.json", "profanity.json", "readability.json", "repetition.json", "sentiment.json", "tfidf.json"];
    private static readonly string[] s_notBuiltYet = [];

    public static TheoryData<int, string> ProfanityCases() => GoldenCases.Of(Profanity);

    public static TheoryData<int, string> ReadabilityCases() => GoldenCases.Of(Reading);

    public static TheoryData<int, string> RepetitionCases() => GoldenCases.Of(Repeating);

    public static TheoryData<int, string> TfidfCases() => GoldenCases.Of(Specificity);

    [GoldenFact(Folder)]
    public void Every_golden_file_of_rewards_is_tested_or_known_not_to_be()
    {
        foreach (string file in Directory.EnumerateFiles(Path.Combine(SharedData.Golden, Folder), "*.json").Select(Path.GetFileName)!)
            Assert.True(s_built.Contains(file) || s_notBuiltYet.Contains(file), $"{Folder}/{file} has no test and is not in the list of what is not built yet.");
    }

    [GoldenTheory(Profanity), MemberData(nameof(ProfanityCases))]
    public void Profanity_hits_are_those_of_the_list(int index, string name)
    {
        ProfanityList list = ProfanityList.Load(SharedData.PathOf("data", "profanity", "ldnoobw_en.txt"));
        foreach ((string text, JsonElement expected) in TextCases.Of(Profanity, index))
        {
            string[] hits = [.. list.Matches(text)];
            Assert.True(expected.GetProperty("matches").EnumerateArray().Select(x => x.GetString()).SequenceEqual(hits), $"{name}: \"{text}\" has {string.Join(", ", hits)}");
            Assert.Equal(expected.GetProperty("hits").GetInt32(), hits.Length);
        }
    }

    [GoldenTheory(Reading), MemberData(nameof(ReadabilityCases))]
    public void Readability_follows_the_rules_of_the_golden_readme(int index, string name)
    {
        foreach ((string text, JsonElement expected) in TextCases.Of(Reading, index))
        {
            Readability actual = Readability.Of(text);
            HashSet<string> seen = [];
            foreach (JsonProperty property in expected.EnumerateObject())
            {
                seen.Add(property.Name);
                double? value = property.Name switch
                {
                    "characters" => actual.Characters,
                    "whitespace words" => actual.WhiteSpaceWords,
                    "words" => actual.Words,
                    "sentences" => actual.Sentences,
                    "syllables" => actual.Syllables,
                    "flesch reading ease" => actual.FleschReadingEase,
                    "flesch-kincaid grade" => actual.FleschKincaidGrade,
                    _ => throw GoldenCases.Unknown(Reading, property.Name),
                };
                GoldenCases.Within(property.Value.GetDouble(), value!.Value, 1e-9, $"{name}: \"{text}\" {property.Name}");
            }
            Assert.Equal(seen.Contains("flesch reading ease"), actual.FleschReadingEase is not null);
        }
    }

    [GoldenTheory(Repeating), MemberData(nameof(RepetitionCases))]
    public void Repetition_agrees_with_the_reference(int index, string name)
    {
        foreach ((string text, JsonElement expected) in TextCases.Of(Repeating, index))
            foreach (JsonProperty property in expected.EnumerateObject())
            {
                double actual = property.Name == "same as previous word" ? Repetition.SameAsPrevious(text)
                    : property.Name.StartsWith("rep-", StringComparison.Ordinal) ? Repetition.RepN(text, int.Parse(property.Name[4..]))
                    : throw GoldenCases.Unknown(Repeating, property.Name);
                GoldenCases.Within(property.Value.GetDouble(), actual, 1e-9, $"{name}: \"{text}\" {property.Name}");
            }
    }

    [GoldenTheory(Specificity), MemberData(nameof(TfidfCases))]
    public void Tfidf_weights_and_rewards_agree_with_the_reference(int index, string name)
    {
        JsonElement golden = GoldenCases.Case(Specificity, index), expected = golden.GetProperty("expected");
        TfidfVectorizer tfidf = new(golden.GetProperty("documents").EnumerateArray().Select(Text));
        Assert.Equal(Strings(expected, "vocabulary"), tfidf.Idf.Keys);
        for (int i = 0; i < tfidf.Idf.Count; i++) GoldenCases.Within(expected.Numbers("idf")[i], tfidf.Idf.Values.ElementAt(i), 1e-9, $"{name}: idf {i}");

        foreach (JsonElement reply in expected.GetProperty("replies").EnumerateArray())
        {
            string text = Text(reply);
            IReadOnlyList<(string Word, double Weight)> weights = tfidf.Weights(text);
            Assert.Equal(Strings(reply, "terms"), weights.Select(x => x.Word));
            Assert.Equal(reply.GetProperty("nnz").GetInt32(), weights.Count);
            double[] needed = reply.Numbers("weights");
            for (int i = 0; i < needed.Length; i++) GoldenCases.Within(needed[i], weights[i].Weight, 1e-9, $"{name}: \"{text}\" {weights[i].Word}");
            GoldenCases.Within(reply.GetProperty("reward").GetDouble(), tfidf.Reward(text), 1e-9, $"{name}: \"{text}\"");
        }

        static string Text(JsonElement item) => item.ValueKind == JsonValueKind.String ? item.GetString()! : item.GetProperty("text").GetString()!;

        static string[] Strings(JsonElement item, string list) => [.. item.GetProperty(list).EnumerateArray().Select(x => x.GetString()!)];
    }
}
