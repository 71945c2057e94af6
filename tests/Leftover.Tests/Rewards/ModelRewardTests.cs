using Leftover.Data;
using Leftover.Rewards;
using Leftover.Tests.Golden;
using Leftover.Tests.Models;

namespace Leftover.Tests.Rewards;

/// <summary>Rewards that a real encoder gives.</summary>
public sealed class ModelRewardTests
{
    private static readonly Dictionary<string, double> s_none = [];

    private static string Model => SharedData.PathOf("models", "all-minilm-l6-v2");

    [GoldenFact("models/minilm_l6_fp16")]
    public void Similarity_is_the_cosine_of_hugging_faces_embeddings()
    {
        using var golden = new GoldenCase(GoldenModels.PathOf("minilm_l6_fp16"));
        string[] sentences = [.. golden.Json["sentences"]!.AsArray().Select(row => row!["sentence"]!.GetValue<string>())];
        float[] cosines = golden.Floats("cosine");
        int n = sentences.Length;
        RewardInput[] pairs = [.. sentences.SelectMany(a => sentences.Select(b => new RewardInput(a, b, s_none) { Texts = new Dictionary<string, string> { ["gold"] = a } }))];
        Check(new EmbeddingReward { Model = Model }, cosines);
        Check(new EmbeddingReward { Model = Model, To = EmbeddingTarget.Column, Column = "gold" }, cosines);

        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllLines(file, sentences[..3]);
            double[] nearest = new EmbeddingReward { Model = Model, To = EmbeddingTarget.Evidence, File = file }.Score([.. sentences.Select(text => new RewardInput("", text, s_none))]);
            for (int i = 0; i < n; i++) Assert.Equal(Enumerable.Range(0, 3).Max(j => cosines[j * n + i]), nearest[i], 1e-5);
        }
        finally
        {
            File.Delete(file);
        }

        void Check(EmbeddingReward reward, float[] expected)
        {
            double[] scores = reward.Score(pairs);
            for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], scores[i], 1e-5);
        }
    }

    [SharedFact("models/all-minilm-l6-v2")]
    public void A_model_without_a_head_is_no_classifier_and_a_row_without_the_column_is_named()
    {
        Assert.Contains("no classification head", Assert.Throws<DataException>(() => new ClassifierReward { Model = Model }.Score([new RewardInput("", "x", s_none)])).Message, StringComparison.Ordinal);
        DataException missing = Assert.Throws<DataException>(() => new EmbeddingReward { Model = Model, To = EmbeddingTarget.Column, Column = "gold" }.Score([new RewardInput("", "well then", s_none)]));
        Assert.Contains("well then", missing.Message, StringComparison.Ordinal);
        Assert.Contains("no column 'gold'", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Scores_are_kept_for_later_runs_and_a_model_is_loaded_once()
    {
        using var models = new RewardModels.RewardModelFolder();
        var reward = new ClassifierReward { Model = models.SaveClassifier("classifier", "fine", "toxic") };
        var context = new RewardContext { Cache = models.PathOf("cache") };
        RewardInput[] rows = [.. Enumerable.Range(0, 5).Select(i => new RewardInput("", RewardModels.RewardModelFolder.Good(i), s_none))];
        double[] first;
        using (var scoring = new RewardScoring(context))
        {
            RewardScores scores = scoring.Score(reward, rows[..3]);
            first = scores.Values;
            Assert.Equal((0, 3), (scores.Cached, scores.Scored));
            File.Move(models.PathOf("classifier", "model.safetensors"), models.PathOf("weights"));      // nothing reads it again
            Assert.Equal((3, 2), (scoring.Score(reward, rows).Cached, scoring.Score(reward, rows[3..]).Cached));
        }
        File.Move(models.PathOf("weights"), models.PathOf("classifier", "model.safetensors"));
        using var later = new RewardScoring(context);
        RewardScores again = later.Score(reward with { Name = "other" }, rows[..3]);
        Assert.Equal((3, 0), (again.Cached, again.Scored));
        Assert.Equal(first, again.Values);
        Assert.Equal(0, later.Score(reward with { Label = "fine" }, rows[..3]).Cached);
    }

    [Fact]
    public void Settings_that_do_not_go_together_are_told()
    {
        Assert.Contains(new EmbeddingReward { Model = "m", To = EmbeddingTarget.Column }.Problems(), problem => problem.Contains("needs 'column'", StringComparison.Ordinal));
        Assert.Contains(new EmbeddingReward { Model = "m", File = "f" }.Problems(), problem => problem.Contains("file belongs to", StringComparison.Ordinal));
        Assert.Contains(new ClassifierReward { Model = "m", Input = "both" }.Problems(), problem => problem.Contains("input is 'both'", StringComparison.Ordinal));
    }
}
