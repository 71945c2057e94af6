using Leftover.Data;
using Leftover.Rewards.Text;

namespace Leftover.Tests.Rewards.Text;

public sealed class LexiconTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lexicon").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_phrase_goes_before_its_words_and_a_word_inside_a_word_is_none()
    {
        PhraseLexicon lexicon = PhraseLexicon.Load(Write("good\t3\nnot good\t-2\nbad\t-3\n"));
        Assert.Equal([("not good", -2.0), ("good", 3.0)], lexicon.Matches("NOT   good, Good badly"));
        Assert.Equal(1, lexicon.Sum("NOT   good, Good badly"));
        Assert.Equal(0.5, lexicon.Mean("not good; good"));
        Assert.Equal(0, lexicon.Mean("nothing here"));
    }

    [Fact]
    public void A_combining_mark_ends_no_word_but_a_superscript_goes_on()
    {
        PhraseLexicon lexicon = PhraseLexicon.Load(Write("good\t3\n"));
        Assert.Equal(3, lexicon.Sum("good\u0301"));
        Assert.Equal(0, lexicon.Sum("good²"));
    }

    [Fact]
    public void Of_entries_named_twice_the_last_wins() => Assert.Equal(2, PhraseLexicon.Load(Write("ok\t1\nok\t2\n")).Sum("ok"));

    [Fact]
    public void A_value_that_is_no_number_is_told_with_file_and_line()
    {
        string path = Write("good\t3\n\nbad\tminus three\n");
        DataException error = Assert.Throws<DataException>(() => PhraseLexicon.Load(path));
        Assert.StartsWith($"{path}(3): the value of 'bad' is 'minus three'", error.Message);
    }

    [Fact]
    public void A_line_without_a_tab_is_told_with_file_and_line() =>
        Assert.Contains("(2): \"bad -3\" has no tab", Assert.Throws<DataException>(() => PhraseLexicon.Load(Write("good\t3\nbad -3\n"))).Message);

    [Fact]
    public void An_empty_and_a_missing_file_are_errors()
    {
        Assert.Contains("holds no entry", Assert.Throws<DataException>(() => ProfanityList.Load(Write("\n\n"))).Message);
        Assert.Contains("does not exist", Assert.Throws<DataException>(() => VaderSentiment.Load(Path.Combine(_folder, "none.txt"))).Message);
    }

    [Fact]
    public void Vader_turns_a_valence_by_negation_degree_and_but()
    {
        // √15-normalised sums: good 1.9, very +0.293, not × −0.74, before but × 0.5.
        VaderSentiment vader = VaderSentiment.Load(Write("good\t1.9\t0.9\t[2]\n"));
        Assert.Equal(Compound(1.9), vader.Score("It is good").Compound);
        Assert.Equal(Compound(1.9 + 0.293), vader.Score("It is very good").Compound);
        Assert.Equal(Compound(1.9 * -0.74), vader.Score("It isn't good").Compound);
        Assert.Equal(Compound(1.9 * 0.5), vader.Score("good but long").Compound);
        Assert.Equal(Compound(1.9 + 0.733), vader.Score("It is GOOD").Compound);
        Assert.Equal(default, vader.Score(" "));

        static double Compound(double sum) => Math.Round(sum / Math.Sqrt(sum * sum + 15), 4);
    }

    [Fact]
    public void Vader_rounds_a_half_to_even()
    {
        // One word of valence 1 counts 2, with 30 neutral words: 2/32 = 0.0625 exactly.
        VaderSentiment vader = VaderSentiment.Load(Write("good\t1\n"));
        VaderScores scores = vader.Score("good " + string.Join(' ', Enumerable.Repeat("x", 30)));
        Assert.Equal((0.062, 0.938), (scores.Positive, scores.Neutral));
    }

    [Fact]
    public void Tfidf_matches_the_methods_fixture()
    {
        // METHOD §8.7: idf good = food = 1.287682, day = today = bad = 1.693147; "good good food xyz": .894427, .447214; reward 0.134164.
        TfidfVectorizer tfidf = new(["good food", "good day today", "bad food"]);
        Assert.Equal(1.287682, tfidf.Idf["good"], 1e-6);
        Assert.Equal(1.693147, tfidf.Idf["today"], 1e-6);
        Assert.Equal(0.134164, tfidf.Reward("good good food xyz"), 1e-6);
        Assert.Equal(0, tfidf.Reward("xyz"));
        Assert.Contains("nothing to count", Assert.Throws<ArgumentException>(() => new TfidfVectorizer(["a b"])).Message);
    }

    private string Write(string text)
    {
        string path = Path.Combine(_folder, "lexicon.txt");
        File.WriteAllText(path, text);
        return path;
    }
}
