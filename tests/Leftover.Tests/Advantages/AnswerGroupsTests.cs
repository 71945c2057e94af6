using Leftover.Advantages;
using Leftover.Batches;

namespace Leftover.Tests.Advantages;

public class AnswerGroupsTests
{
    // Prompt 0 has four answers, of which the first and the last are the same text; prompt 1 has two of equal reward, prompt 2 one.
    private static readonly Answer[] s_answers =
    [
        new(0, 0, [1, 2], 0.5), new(1, 0, [3], 2), new(2, 0, [4, 5], -1), new(3, 0, [1, 2], 0.5),
        new(4, 1, [6], 1), new(5, 1, [7], 1),
        new(6, 2, [8], 3),
    ];

    [Fact]
    public void The_best_and_the_worst_make_one_pair_a_prompt()
    {
        AnswerGroups groups = AnswerGroups.PairsOf(s_answers, new Grouping.Pairs(PairRule.BestWorst, 0, AnswerOrder.Reward), seed: 1);
        Assert.Equal([[1, 2]], groups.Groups);
        Assert.Equal("1 pairs of equal rewards, 1 prompts with one answer", groups.SkippedText());
    }

    [Fact]
    public void All_pairs_leave_out_equal_answers_and_equal_rewards()
    {
        AnswerGroups groups = AnswerGroups.PairsOf(s_answers, new Grouping.Pairs(PairRule.All, 0, AnswerOrder.Reward), seed: 1);
        Assert.Equal([[1, 0], [1, 3], [1, 2], [0, 2], [3, 2]], groups.Groups);
        Assert.Equal(1, groups.Skipped["pairs of two equal answers"]);
        Assert.Equal(1, groups.Skipped["pairs of equal rewards"]);
    }

    [Fact]
    public void A_minimum_margin_leaves_out_pairs_that_lie_closer_and_keeps_those_at_it()
    {
        AnswerGroups groups = AnswerGroups.PairsOf(s_answers, new Grouping.Pairs(PairRule.All, 1.5, AnswerOrder.Reward), seed: 1);
        Assert.Equal([[1, 0], [1, 3], [1, 2], [0, 2], [3, 2]], groups.Groups);
        groups = AnswerGroups.PairsOf(s_answers, new Grouping.Pairs(PairRule.All, 1.6, AnswerOrder.Reward), seed: 1);
        Assert.Equal([[1, 2]], groups.Groups);
        Assert.Equal(5, groups.Skipped["pairs whose rewards differ by less than min_margin"]);
    }

    [Fact]
    public void A_random_pair_follows_from_the_seed_and_is_one_of_all()
    {
        AnswerGroups all = AnswerGroups.PairsOf(s_answers, new Grouping.Pairs(PairRule.All, 0, AnswerOrder.Reward), seed: 1);
        var seen = new HashSet<string>();
        for (int seed = 0; seed < 40; seed++)
        {
            int[] pair = AnswerGroups.PairsOf(s_answers, new Grouping.Pairs(PairRule.Random, 0, AnswerOrder.Reward), seed).Groups.Single();
            Assert.Equal(pair, AnswerGroups.PairsOf(s_answers, new Grouping.Pairs(PairRule.Random, 0, AnswerOrder.Reward), seed).Groups.Single());
            Assert.Contains(all.Groups, known => known.SequenceEqual(pair));
            seen.Add($"{pair[0]} {pair[1]}");
        }
        Assert.Equal(5, seen.Count);
    }

    [Fact]
    public void The_data_may_say_which_answer_is_better_whatever_the_reward()
    {
        Answer[] answers = [new(0, 0, [1], 0) { IsTarget = true, Line = 1 }, new(1, 0, [2], 5) { IsTarget = false, Line = 1 }, new(2, 0, [3], 1) { IsTarget = true, Line = 2 }, new(3, 0, [3], 1) { IsTarget = false, Line = 2 }];
        AnswerGroups groups = AnswerGroups.PairsOf(answers, new Grouping.Pairs(PairRule.BestWorst, 0, AnswerOrder.Data), seed: 1);
        Assert.Equal([[0, 1]], groups.Groups);
        Assert.Equal("1 pairs of two equal answers", groups.SkippedText());
    }

    [Fact]
    public void Lists_are_ranked_by_reward_without_equal_answers_and_lists_of_one_are_left_out()
    {
        AnswerGroups groups = AnswerGroups.RankingsOf(s_answers, new Grouping.Rankings(5, 0));
        Assert.Equal([[1, 0, 2]], groups.Groups);
        Assert.Equal("1 answers equal to another of their list, 1 lists of equal rewards, 1 prompts with one answer", groups.SkippedText());

        Answer[] twice = [new(0, 0, [1], 1), new(1, 0, [1], 2)];
        Assert.Empty(AnswerGroups.RankingsOf(twice, new Grouping.Rankings(5, 0)).Groups);
    }

    [Fact]
    public void A_long_list_gives_its_best_its_worst_and_those_evenly_between()
    {
        Answer[] answers = [.. Enumerable.Range(0, 9).Select(i => new Answer(i, 0, [i], -i))];
        Assert.Equal([[0, 8]], AnswerGroups.RankingsOf(answers, new Grouping.Rankings(2, 0)).Groups);
        Assert.Equal([[0, 4, 8]], AnswerGroups.RankingsOf(answers, new Grouping.Rankings(3, 0)).Groups);
        Assert.Equal([[0, 2, 4, 6, 8]], AnswerGroups.RankingsOf(answers, new Grouping.Rankings(5, 0)).Groups);
    }

    [Fact]
    public void The_datas_order_keeps_each_line_with_its_best_wherever_that_stands()
    {
        Answer[] answers =
        [
            new(0, 0, [1], 0) { IsTarget = false, Line = 1 }, new(1, 0, [2], 3) { IsTarget = false, Line = 1 }, new(2, 0, [3], 1) { IsTarget = true, Line = 1 }, new(3, 0, [3], 1) { IsTarget = false, Line = 1 },
            new(4, 0, [4], 0) { IsTarget = true, Line = 2 }, new(5, 0, [5], 2) { IsTarget = false, Line = 2 }, new(6, 1, [6], 1) { Line = 3 }, new(7, 1, [7], 2) { Line = 3 },
        ];
        AnswerGroups groups = AnswerGroups.RankingsOf(answers, new Grouping.Rankings(5, 0, AnswerOrder.Data));
        Assert.Equal([[0, 1, 2], [4, 5]], groups.Groups);
        Assert.Equal("1 answers equal to another of their list, 1 lists of which the data names no answer the best", groups.SkippedText());
        Assert.Equal([[0, 2], [4, 5]], AnswerGroups.RankingsOf(answers, new Grouping.Rankings(2, 0, AnswerOrder.Data)).Groups);      // the best is never cut away
    }
}
