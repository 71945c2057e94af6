using Leftover.Tensors;
using Leftover.Tokenization;
using Leftover.Tokenization.Pipeline;

namespace Leftover.Tests.Tokenization;

public class BpeTrainingTests
{
    [Fact]
    public void Counting_as_it_goes_finds_the_merges_of_counting_anew_each_time()
    {
        var random = new RandomStream(5, "words");
        for (int round = 0; round < 60; round++)
        {
            var words = new Dictionary<string, long>();
            for (int i = 0; i < 15; i++) words[new string([.. Enumerable.Range(0, 1 + random.Next(9)).Select(_ => "abc"[random.Next(3)])])] = 1 + random.Next(4);
            BpeTraining training = BpeTraining.Learn(words, 40, 2, ["<x>"], [], null, CancellationToken.None);
            Assert.Equal(Naive(words, 40, 2, ["<x>"]), training.Merges.Select(merge => (merge.Left, merge.Right)));
        }
    }

    [Fact]
    public void The_same_texts_train_the_same_tokenizer_in_any_order()
    {
        string[] texts = ["one two three", "two three four", "three four five"];
        Tokenizer first = new ByteLevelBpeTrainer { VocabularySize = 290 }.Train(texts), second = new ByteLevelBpeTrainer { VocabularySize = 290 }.Train(texts.Reverse());
        Assert.Equal(first.Fingerprint, second.Fingerprint);
    }

    [Fact]
    public void A_trained_tokenizer_spells_any_text()
    {
        Tokenizer tokenizer = TestTokenizers.PlainBytes();
        foreach (string text in (string[])["", "the cat", "größer 中文 \U0001F600\n\t", "\0\u007F"]) Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text)));
        Assert.Equal("\uFFFD", tokenizer.Decode(tokenizer.Encode("\uD800")));       // half of a surrogate pair
    }

    [Fact]
    public void Settings_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ByteLevelBpeTrainer { VocabularySize = 0 }.Train([]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ByteLevelBpeTrainer { MinFrequency = 0 }.Train([]));
        Assert.Contains("<pad>", Assert.Throws<ArgumentException>(() => new ByteLevelBpeTrainer { Pad = "<pad>" }.Train([])).Message, StringComparison.Ordinal);
    }

    private static List<(int, int)> Naive(Dictionary<string, long> words, int size, long minFrequency, string[] special)
    {
        List<string> tokens = [.. special, .. words.Keys.SelectMany(word => word).Distinct().Order().Select(letter => letter.ToString())];
        var spelled = words.Select(word => (Ids: word.Key.Select(letter => tokens.IndexOf(letter.ToString())).ToList(), Count: word.Value)).ToList();
        var merges = new List<(int, int)>();
        while (tokens.Count < size)
        {
            var counts = new SortedDictionary<(int, int), long>();
            foreach ((List<int> ids, long count) in spelled)
                for (int i = 0; i + 1 < ids.Count; i++) counts[(ids[i], ids[i + 1])] = counts.GetValueOrDefault((ids[i], ids[i + 1])) + count;
            if (counts.Count == 0 || counts.Values.Max() < minFrequency) break;
            ((int left, int right) best, _) = counts.First(pair => pair.Value == counts.Values.Max());
            merges.Add(best);
            string token = tokens[best.left] + tokens[best.right];
            if (!tokens.Contains(token)) tokens.Add(token);
            foreach ((List<int> ids, _) in spelled)
                for (int i = 0; i + 1 < ids.Count; i++)
                {
                    if ((ids[i], ids[i + 1]) != best) continue;
                    ids[i] = tokens.IndexOf(token);
                    ids.RemoveAt(i + 1);
                }
        }
        return merges;
    }
}
