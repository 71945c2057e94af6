using Leftover.Evaluation;

namespace Leftover.Tests.Evaluation;

public class DiversityTests
{
    [Fact]
    public void The_two_definitions_of_distinct_n_differ_in_what_they_divide_by()
    {
        // METHOD §8.7: words a b a b c; 3 distinct words of 5, bigrams "a b", "b a", "b c": 3 of 5 words and of 3 bigrams, trigram "a b a".
        string[] texts = ["a b a", "b c"];
        Assert.Equal([0.6, 0.6, 0.2], Diversity.DistinctByWords(texts));
        Assert.Equal([0.6, 1.0, 1.0], Diversity.DistinctByNGrams(texts));
    }

    [Fact]
    public void Only_one_definition_knows_case_and_empty_words()
    {
        Assert.Equal(0.5, Diversity.DistinctByNGrams(["A a"])[0]);
        Assert.Equal(1, Diversity.DistinctByWords(["A a"])[0]);
        Assert.Equal(1, Diversity.DistinctByNGrams(["a  b"])[0]);
        Assert.Equal(0.75, Diversity.DistinctByWords(["a   b"])[0]);   // "a", "", "", "b"
    }

    [Fact]
    public void Nothing_said_is_no_diversity()
    {
        Assert.Equal([0, 0, 0], Diversity.DistinctByNGrams(["", " "]));
        Assert.Equal([0, 0, 0], Diversity.DistinctByWords([]));
        Assert.Equal(0, Diversity.UnigramEntropy([""]));
    }

    [Fact]
    public void Equal_texts_have_self_bleu_one_and_texts_without_a_common_word_zero()
    {
        Assert.Equal(1, SelfBleu.Of(["a b c d", "a b c d", "a b c d"], 4), 1e-12);
        Assert.Equal(0, SelfBleu.Of(["a b c d", "e f g h"], 4));
    }

    [Fact]
    public void Self_bleu_punishes_a_text_shorter_than_the_closest_other()
    {
        // "a b" against "a b c": precision 1, penalty e^(1 − 3/2). "a b c" against "a b": 2 of 3 words, no penalty.
        Assert.Equal((Math.Exp(-0.5) + 2 / 3.0) / 2, SelfBleu.Of(["a b", "a b c"], 1), 1e-12);
    }

    [Fact]
    public void Self_bleu_counts_a_word_no_oftener_than_one_other_text_does()
    {
        // "a a a" against "a" and "b a a": the most a's in one other is 2; 2/3. "a" against both: 1, and closest length 3: e^(1 − 3).
        // "b a a" against "a a a": 2 of 3.
        Assert.Equal((2 / 3.0 + Math.Exp(-2) + 2 / 3.0) / 3, SelfBleu.Of(["a a a", "a", "b a a"], 1), 1e-12);
    }

    [Fact]
    public void One_text_has_no_self_bleu() => Assert.Throws<ArgumentException>(() => SelfBleu.Of(["a"], 2));
}
