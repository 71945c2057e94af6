using Leftover.Tensors;
using Leftover.Tokenization.Pipeline;

namespace Leftover.Tests.Tokenization;

public class PairMergingTests
{
    [Fact]
    public void Short_and_long_words_merge_as_a_search_over_all_pairs_does()
    {
        var random = new RandomStream(3, "merges");
        for (int round = 0; round < 400; round++)
        {
            // Five letters and up to 30 merges of what there is; some share a rank, as tokens of equal score do.
            int merges = random.Next(30), ids = 5;
            var table = new MergeTable(merges);
            var known = new Dictionary<(int, int), (int Rank, int Id)>();
            for (int i = 0; i < merges; i++)
            {
                (int, int) pair = (random.Next(ids), random.Next(ids));
                table.Add(pair.Item1, pair.Item2, i / 2, ids);
                known.TryAdd(pair, (i / 2, ids));
                ids++;
            }
            int length = random.Next(200);
            int[] word = [.. Enumerable.Range(0, length).Select(_ => random.Next(5))];

            int[] merged = [.. word];
            int count = PairMerging.Merge(table, merged);
            Assert.Equal(Naive(word, known), merged[..count]);
        }
    }

    [Fact]
    public void Of_equal_ranks_the_leftmost_merges_first()
    {
        var table = new MergeTable(2);
        table.Add(0, 0, 0, 1);                       // aa -> A
        int[] word = [0, 0, 0];
        Assert.Equal([1, 0], word[..PairMerging.Merge(table, word)]);
    }

    [Fact]
    public void A_hundred_thousand_letters_without_a_blank_merge_in_n_log_n()
    {
        var table = new MergeTable(20);
        for (int i = 0; i < 17; i++) table.Add(i, i, i, i + 1);      // doubling: 2^17 letters end as one token
        int[] word = new int[1 << 17];
        var clock = System.Diagnostics.Stopwatch.StartNew();
        Assert.Equal([17], word[..PairMerging.Merge(table, word)]);
        Assert.True(clock.Elapsed.TotalSeconds < 20, $"took {clock.Elapsed}; a quadratic search takes minutes");
    }

    private static int[] Naive(int[] word, Dictionary<(int, int), (int Rank, int Id)> merges)
    {
        List<int> ids = [.. word];
        while (true)
        {
            int best = -1;
            for (int i = 0; i + 1 < ids.Count; i++)
                if (merges.TryGetValue((ids[i], ids[i + 1]), out var merge) && (best < 0 || merge.Rank < merges[(ids[best], ids[best + 1])].Rank)) best = i;
            if (best < 0) return [.. ids];
            ids[best] = merges[(ids[best], ids[best + 1])].Id;
            ids.RemoveAt(best + 1);
        }
    }
}
