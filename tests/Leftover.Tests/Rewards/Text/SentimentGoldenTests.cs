using System.Text.Json;
using Leftover.Rewards.Text;
using Leftover.Tests.Golden;

namespace Leftover.Tests.Rewards.Text;

[Trait("Category", "Golden")]
public class SentimentGoldenTests
{
    private const string File = "rewards/sentiment.json";

    public static TheoryData<int, string> Cases() => GoldenCases.Of(File);

    [GoldenTheory(File), MemberData(nameof(Cases))]
    public void Vader_scores_equal_those_of_its_release(int index, string name)
    {
        VaderSentiment vader = VaderSentiment.Load(SharedData.PathOf("data", "vader", "vader_lexicon.txt"), SharedData.PathOf("data", "vader", "emoji_utf8_lexicon.txt"));
        foreach ((string text, JsonElement expected) in TextCases.Of(File, index, "vader"))
        {
            VaderScores needed = new(
                expected.GetProperty("neg").GetDouble(), expected.GetProperty("neu").GetDouble(),
                expected.GetProperty("pos").GetDouble(), expected.GetProperty("compound").GetDouble());
            Assert.True(needed == vader.Score(text), $"{name}: \"{text}\" is {vader.Score(text)}; needed {needed}.");
        }
    }

    [GoldenTheory(File), MemberData(nameof(Cases))]
    public void Afinn_sums_and_matches_equal_those_of_its_release(int index, string name)
    {
        string words = SharedData.PathOf("data", "afinn", "AFINN-en-165.txt");
        string emoticons = Path.GetTempFileName();
        try
        {
            Emoticons.Write(emoticons);
            PhraseLexicon plain = PhraseLexicon.Load(words), withEmoticons = PhraseLexicon.Load(words, emoticons);
            foreach ((string text, JsonElement expected) in TextCases.Of(File, index, "afinn"))
            {
                Assert.Equal(expected.GetProperty("matches").EnumerateArray().Select(x => x.GetString()), plain.Matches(text).Select(x => x.Entry));
                string what = $"{name}: \"{text}\"";
                GoldenCases.Within(expected.GetProperty("score").GetDouble(), plain.Sum(text), 0, what);
                GoldenCases.Within(expected.GetProperty("score with emoticons").GetDouble(), withEmoticons.Sum(text), 0, $"{what} with emoticons");
            }
        }
        finally
        {
            System.IO.File.Delete(emoticons);
        }
    }
}
