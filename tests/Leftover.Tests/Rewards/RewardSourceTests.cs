using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Leftover.Data;
using Leftover.Rewards;
using Leftover.Rewards.Judging;
using Leftover.Rewards.Programs;
using Leftover.Runs;

namespace Leftover.Tests.Rewards;

public sealed class RewardSourceTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rewards").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public static TheoryData<RewardSource> OneOfEach() =>
    [
        new ColumnReward { Column = "votes", Missing = 1 },
        new LexiconReward { File = "l.txt", Method = LexiconMethod.Vader, Emojis = "e.txt", Output = VaderOutput.Positive },
        new LengthReward { Unit = LengthUnit.Tokens, Min = 3, Width = 2, Falloff = LengthFalloff.Gaussian },
        new RegexReward { Patterns = ["a"], Count = true, MaxCount = 3 },
        new DistinctReward { N = 3 },
        new RepetitionReward { Name = "loops" },
        new ProfanityReward { File = "p.txt", Scoring = ProfanityScore.Rate },
        new ReadabilityReward { Measure = ReadabilityMeasure.Grade, Target = 6 },
        new TfidfReward { File = "d.txt" },
        new BleuReward { Reference = "answer", Order = 2, Missing = 0 },
        new ChrfReward { WordOrder = 2 },
        new RougeReward { Variant = RougeVariant.Two, Measure = RougeMeasure.Recall, Stem = true },
        new ClassifierReward { Model = "m", Label = "toxic", Output = ClassifierOutput.Logit, Input = "transcript", MaxTokens = 96 },
        new EmbeddingReward { Model = "m", To = EmbeddingTarget.Evidence, File = "e.txt", MaxTokens = 96 },
        new ProgramReward { Command = ["sh", "score.sh"], Columns = ["votes"], DependsOn = ["words.txt"], KeepAlive = false, RowsAtOnce = 3 },
        new JudgeReward { Endpoint = "http://localhost:8080/v1", Model = "tiny", Missing = 2, Request = new JsonObject { ["seed"] = 1 }, MaxCost = 2, InputPrice = 0.5 },
    ];

    [Theory, MemberData(nameof(OneOfEach))]
    public void A_reward_is_read_back_from_json_by_its_type(RewardSource reward)
    {
        string json = JsonSerializer.Serialize(reward);
        RewardSource read = JsonSerializer.Deserialize<RewardSource>(json)!;
        Assert.Equal(json, JsonSerializer.Serialize(read));
        Assert.Equal(reward.GetType(), read.GetType());
        Assert.Empty(read.Problems());
    }

    [Fact]
    public void Every_reward_of_the_registry_is_tested_and_named_by_its_type()
    {
        string[] types = [.. typeof(RewardSource).GetCustomAttributes(typeof(JsonDerivedTypeAttribute), false).Cast<JsonDerivedTypeAttribute>().Select(x => (string)x.TypeDiscriminator!)];
        IEnumerable<RewardSource> tested = ((IEnumerable<object[]>)OneOfEach()).Select(x => (RewardSource)x[0]);
        Assert.Equal(types.Order(), tested.Select(x => x.Name == "loops" ? "repetition" : x.Name).Order());
    }

    [Fact]
    public void A_recipe_names_rewards_by_type_with_paths_from_its_folder()
    {
        Recipe recipe = RecipeLoader.Parse(
            """
            model: gpt2
            data: {train: a.jsonl}
            rewards:
              - {type: lexicon, name: mood, file: mood.txt, method: vader, weight: 2}
              - {type: regex, patterns: 'a{2}', else: -1}
              - {type: readability, measure: grade}
            """, _folder);
        RewardSource[] rewards = [.. recipe.Rewards.Select(x => x.Reward.Bind<RewardSource>())];
        Assert.Equal(Path.Combine(_folder, "mood.txt"), ((LexiconReward)rewards[0]).File);
        Assert.Equal(LexiconMethod.Vader, ((LexiconReward)rewards[0]).Method);
        Assert.Equal(-1, ((RegexReward)rewards[1]).Else);
        Assert.Equal(["a{2}"], ((RegexReward)rewards[1]).Patterns);
        Assert.Equal(ReadabilityMeasure.Grade, ((ReadabilityReward)rewards[2]).Measure);
    }

    [Fact]
    public void A_column_is_passed_on_and_a_missing_one_is_named()
    {
        RewardInput has = Row("x") with { Columns = new Dictionary<string, double> { ["votes"] = 7 } };
        Assert.Equal([7], new ColumnReward { Column = "votes" }.Score([has]));
        Assert.Equal([7, 0.5], new ColumnReward { Column = "votes", Missing = 0.5 }.Score([has, Row("y")]));
        Assert.Equal(
            "Row 1 (completion \"y\") has no reward column 'votes'; it has: none. Name another column, or give 'missing' a score for such rows.",
            Assert.Throws<DataException>(() => new ColumnReward { Column = "votes" }.Score([has, Row("y")])).Message);
    }

    [Fact]
    public void A_score_that_is_not_finite_is_named_with_its_row()
    {
        RewardInput bad = Row("the words of the reply") with { Columns = new Dictionary<string, double> { ["reward"] = double.NaN } };
        Assert.Contains("is NaN for row 0 (completion \"the words of the reply\")", Assert.Throws<DataException>(() => new ColumnReward().Score([bad])).Message);
    }

    [Theory]
    [InlineData(LengthFalloff.Triangular, new[] { 0, 0.5, 1, 0.5, 0 })]
    [InlineData(LengthFalloff.Gaussian, new[] { 0.1353352832366127, 0.6065306597126334, 1, 0.6065306597126334, 0.1353352832366127 })]   // e^−2, e^−½
    public void A_target_length_scores_most_and_falls_on_both_sides(LengthFalloff falloff, double[] expected)
    {
        LengthReward reward = new() { Target = 4, Width = falloff == LengthFalloff.Triangular ? 4 : 2, Falloff = falloff };
        double[] scores = reward.Score([Row(""), Row("a b"), Row("a b c d"), Row("a b c d e f"), Row("a b c d e f g h")]);
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], scores[i], 1e-15);
    }

    [Fact]
    public void Bounds_on_length_are_hard_or_soft()
    {
        RewardInput[] rows = [Row("a"), Row("a b"), Row("a b c"), Row("a b c d"), Row("a b c d e")];
        Assert.Equal([0, 1, 1, 0, 0], new LengthReward { Min = 2, Max = 3 }.Score(rows));
        Assert.Equal([0.5, 1, 1, 0.5, 0], new LengthReward { Min = 2, Max = 3, Width = 2 }.Score(rows));
        Assert.Equal([1, 1, 1, 0, 0], new LengthReward { Max = 3 }.Score(rows));
    }

    [Fact]
    public void A_length_is_counted_in_words_characters_or_tokens()
    {
        RewardInput row = Row("ab 😀") with { CompletionTokens = 6 };
        Assert.Equal([1], new LengthReward { Unit = LengthUnit.Characters, Min = 4, Max = 4 }.Score([row]));
        Assert.Equal([1], new LengthReward { Unit = LengthUnit.Words, Min = 2, Max = 2 }.Score([row]));
        Assert.Equal([1], new LengthReward { Unit = LengthUnit.Tokens, Min = 6, Max = 6 }.Score([row]));
        Assert.Contains("was not tokenised", Assert.Throws<DataException>(() => new LengthReward { Unit = LengthUnit.Tokens, Max = 6 }.Score([Row("x")])).Message);
    }

    [Fact]
    public void A_length_tells_all_that_is_wrong_with_it()
    {
        Assert.Equal(
            ["target stands beside min or max; give one or the other.", "min is -1; it must be at least 0.", "width is 0; it must be above 0."],
            new LengthReward { Target = 3, Min = -1, Width = 0 }.Problems());
        Assert.Single(new LengthReward().Problems());
        Assert.Equal(["min is 4 and max 3; min must be at most max."], new LengthReward { Min = 4, Max = 3 }.Problems());
        Assert.Equal(["width is missing; a target needs one, in units of length."], new LengthReward { Target = 4 }.Problems());
    }

    [Fact]
    public void Repeating_costs_and_variety_pays()
    {
        // "a b a b a": bigrams ab ba ab ba, 2 distinct of 4.
        Assert.Equal([0.5, 0], new DistinctReward { N = 2 }.Score([Row("a b A b a"), Row("a")]));
        Assert.Equal([-0.5, 0], new RepetitionReward { N = 2 }.Score([Row("a b A b a"), Row("a")]));
        Assert.Equal(["n is 0; it must be at least 1."], new DistinctReward { N = 0 }.Problems());
        Assert.Equal(["n is 0; it must be at least 1."], new RepetitionReward { N = 0 }.Problems());
    }

    [Fact]
    public void Profanity_is_a_flag_a_count_or_a_rate()
    {
        string file = Write("darn\nheck no\n");
        RewardInput[] rows = [Row("Oh DARN, heck no!"), Row("darned"), Row("")];
        Assert.Equal([0, 1, 1], new ProfanityReward { File = file }.Score(rows));
        Assert.Equal([-2, 0, 0], new ProfanityReward { File = file, Scoring = ProfanityScore.Count }.Score(rows));
        Assert.Equal([-0.5, 0, 0], new ProfanityReward { File = file, Scoring = ProfanityScore.Rate }.Score(rows));
    }

    [Fact]
    public void A_lexicon_scores_by_sum_mean_or_vaders_rules()
    {
        LexiconReward reward = new() { File = Write("good\t2\nbad\t-1\n") };
        RewardInput[] rows = [Row("good, bad"), Row("not good"), Row("x")];
        Assert.Equal([1, 2, 0], reward.Score(rows));
        Assert.Equal([0.5, 2, 0], (reward with { Method = LexiconMethod.Mean }).Score(rows));
        double[] vader = (reward with { Method = LexiconMethod.Vader }).Score(rows);
        Assert.True(vader[0] > 0 && vader[1] < 0 && vader[2] == 0, string.Join(' ', vader));
        Assert.Equal(2, new LexiconReward { File = "x", Method = LexiconMethod.Sum, Emojis = "y", Output = VaderOutput.Negative }.Problems().Count);
    }

    [Fact]
    public void Readability_is_the_measure_or_the_distance_to_a_target()
    {
        // "One." has one word, sentence and syllable: 206.835 − 1.015 − 84.6 = 121.22; grade 0.39 + 11.8 − 15.59 = −3.4.
        RewardInput[] rows = [Row("One."), Row("!")];
        Assert.Equal(121.22, new ReadabilityReward().Score(rows)[0], 1e-9);
        Assert.Equal(-9.4, new ReadabilityReward { Measure = ReadabilityMeasure.Grade, Target = 6, WithoutWords = -20 }.Score(rows)[0], 1e-9);
        Assert.Equal(-20, new ReadabilityReward { Measure = ReadabilityMeasure.Grade, Target = 6, WithoutWords = -20 }.Score(rows)[1]);
    }

    [Fact]
    public void Specificity_is_told_by_the_documents_of_a_file()
    {
        TfidfReward reward = new() { File = Write("good food\ngood day today\nbad food\n") };
        Assert.Equal(0.134164, reward.Score([Row("good good food xyz")])[0], 1e-6);
        Assert.Contains("nothing to count", Assert.Throws<DataException>(() => (reward with { File = Write("a\nb\n") }).Score([Row("a")])).Message);
    }

    [Fact]
    public void Specificity_without_a_file_is_told_by_the_train_sets_completions()
    {
        RewardInput[] train = [Row("good food"), Row("good day today"), Row("bad food")];
        RewardSource fitted = new TfidfReward().FittedOn(train);
        Assert.Equal(0.134164, fitted.Score([Row("good good food xyz")])[0], 1e-6);
        Assert.NotEqual(fitted.FitHash, new TfidfReward().FittedOn(train[..2]).FitHash);
        Assert.Equal(fitted.FitHash, new TfidfReward().FittedOn(train).FitHash);
        Assert.Contains("no train set here", Assert.Throws<DataException>(() => new TfidfReward().Score(train)).Message);
        Assert.Contains("nothing to count", Assert.Throws<DataException>(() => new TfidfReward().FittedOn([Row("a")])).Message);
        TfidfReward ofFile = new() { File = "d.txt" };
        Assert.Same(ofFile, ofFile.FittedOn(train));
    }

    [Fact]
    public void Overlap_is_counted_against_the_rows_reference()
    {
        RewardInput row = Row("the cat sat") with { Texts = new Dictionary<string, string> { ["reference"] = "the cat sat down" } };
        Assert.Equal(2 * 0.75 / 1.75, new RougeReward().Score([row])[0], 1e-12);                                          // all 3 words, of 4 in the reference
        Assert.Equal(0.75, new RougeReward { Measure = RougeMeasure.Recall }.Score([row])[0], 1e-12);
        Assert.Equal(2.0 / 3, new RougeReward { Variant = RougeVariant.Two, Measure = RougeMeasure.Recall }.Score([row])[0], 1e-12);
        Assert.Equal(Math.Exp(1 - 4.0 / 3), new BleuReward().Score([row])[0], 1e-12);                                    // all match: the brevity penalty alone
        Assert.Equal(1, new ChrfReward().Score([row with { Completion = "the cat sat down" }])[0], 1e-12);
        Assert.Equal(["reference"], new RougeReward().ReadColumns);
        Assert.Contains("'reference'", Assert.Throws<DataException>(() => new RougeReward().Score([Row("x")])).Message);
        Assert.Equal([-1], new RougeReward { Missing = -1 }.Score([Row("x")]));
        Assert.Equal(new RewardRange(-1, 1), new RougeReward { Missing = -1 }.Range);
    }

    [Theory, MemberData(nameof(OneOfEach))]
    public void Scores_lie_in_the_range_a_reward_names(RewardSource reward)
    {
        if (reward is ProgramReward or JudgeReward) return;                // they need a program or a server, and have tests of their own
        using var models = new RewardModels.RewardModelFolder();
        reward = reward switch
        {
            ClassifierReward x => x with { Model = models.SaveClassifier("classifier", "fine", "toxic"), MaxTokens = null, Output = ClassifierOutput.Probability },
            EmbeddingReward x => x with { Model = models.PathOf("model"), File = Write("a good reply\n"), MaxTokens = null },
            LexiconReward x => x with { File = Write("good\t2\nbad\t-3\n"), Emojis = null },
            ProfanityReward x => x with { File = Write("bad\nbad word\n") },
            TfidfReward x => x with { File = Write("one two three four five\nsix\n") },
            OverlapReward x => x with { Reference = "reference" },
            _ => reward,
        };
        foreach (string completion in (string[])["", "good", "bad BAD bad!!!", "a a a a a a", "one two three four five", "A much longer reply. It says good things."])
            Assert.InRange(reward.Score([Row(completion) with { CompletionTokens = 4, Texts = new Dictionary<string, string> { ["reference"] = "one two, good things" } }])[0], reward.Range.Low - 1e-12, reward.Range.High + 1e-12);   // rounding
    }

    private static RewardInput Row(string completion) => new("", completion, new Dictionary<string, double>());

    private string Write(string text)
    {
        string path = Path.Combine(_folder, $"{Directory.GetFiles(_folder).Length}.txt");
        File.WriteAllText(path, text);
        return path;
    }
}
