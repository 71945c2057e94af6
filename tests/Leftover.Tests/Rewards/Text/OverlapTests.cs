using Leftover.Rewards.Text;

namespace Leftover.Tests.Rewards.Text;

public class OverlapTests
{
    [Theory]   // Porter 1980's own examples, and the amendments
    [InlineData("caresses", "caress"), InlineData("ponies", "poni"), InlineData("cats", "cat"), InlineData("agreed", "agre"), InlineData("plastered", "plaster"), InlineData("motoring", "motor")]
    [InlineData("sing", "sing"), InlineData("hopping", "hop"), InlineData("falling", "fall"), InlineData("filing", "file"), InlineData("happy", "happi"), InlineData("relational", "relat")]
    [InlineData("digitizer", "digit"), InlineData("hopefulness", "hope"), InlineData("triplicate", "triplic"), InlineData("revival", "reviv"), InlineData("adoption", "adopt")]
    [InlineData("probate", "probat"), InlineData("rate", "rate"), InlineData("controll", "control"), InlineData("roll", "roll"), InlineData("skies", "sky"), InlineData("dying", "die")]
    [InlineData("died", "die"), InlineData("ties", "tie"), InlineData("enjoy", "enjoy"), InlineData("geology", "geolog"), InlineData("is", "is")]
    public void Words_are_stemmed(string word, string stem) => Assert.Equal(stem, PorterStemmer.Stem(word));

    [Fact]
    public void Bleu_of_a_short_sentence_is_worked_out()
    {
        // "the the cat" against "the cat": words 2 of 3 match, pairs 1 of 2; the hypothesis is longer, so no penalty.
        Bleu bleu = Bleu.OfSentence("the the cat", ["the cat"], new BleuOptions { Order = 2 });
        Assert.Equal(100 * Math.Sqrt(2.0 / 3 * 0.5), bleu.Score, 1e-12);
        Assert.Equal(1, bleu.BrevityPenalty);
        Assert.Equal(100, Bleu.OfSentence("yes", ["yes"]).Score, 1e-12);   // effective order: 1
        Assert.Equal(0, Bleu.OfSentence("", ["yes"]).Score);
        Assert.Equal(0, Bleu.OfSentence("no", ["yes"]).Score);
    }

    [Fact]
    public void The_13a_tokenizer_keeps_numbers_whole_and_takes_punctuation_apart()
    {
        Assert.Equal(["It", "costs", "$", "1,234.5", ",", "not", "3", "-", "4", "(", "or", "so", ")", "."], BleuTokenizer.Cut("It costs $1,234.5, not 3-4 (or so).", new BleuOptions()));
        Assert.Equal(["don't", "stop", "&", "go"], BleuTokenizer.Cut("don't stop &amp; go \n", new BleuOptions()));
    }

    [Fact]
    public void Empty_texts_score_zero()
    {
        Assert.Equal(0, Chrf.OfSentence("", "something"));
        Assert.Equal(0, Chrf.OfSentence("something", ""));
        Assert.Equal(default, Rouge.OfNGrams("", "something", 1));
        Assert.Equal(default, Rouge.OfNGrams("one", "one", 2));
        Assert.Equal(default, Rouge.OfSequence("", ""));
        Assert.Equal(default, Rouge.OfLines("…", "something"));
    }

    [Fact]
    public void Mistakes_are_named()
    {
        Assert.Contains("no reference", Assert.Throws<ArgumentException>(() => Bleu.OfSentence("a", [])).Message);
        Assert.Contains("2 hypotheses and 1", Assert.Throws<ArgumentException>(() => Chrf.OfCorpus(["a", "b"], ["a"])).Message);
    }
}
