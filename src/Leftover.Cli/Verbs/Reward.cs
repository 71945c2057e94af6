using System.CommandLine;
using Leftover.Advantages;
using Leftover.Cli.Arguments;
using Leftover.Data;
using Leftover.Pipeline;
using Leftover.Rewards;
using Leftover.Tokenization;

namespace Leftover.Cli.Verbs;

/// <summary>Scores the rows: each reward by its name, and all in one.</summary>
internal static class Reward
{
    public static Command Create(Host host)
    {
        var verb = new Command("reward", "Score the rows of the data with the recipe's rewards, and write them with their scores");
        var recipe = new RecipeArguments(verb, "output");
        Option<string?> output = Flag.Text("output", "FILE", "Where the rows go; otherwise rewards.jsonl in the run folder");
        verb.Add(output);
        return host.On(verb, session =>
        {
            RunPipeline pipeline = RecipeVerb.Open(session, recipe.Load(session));
            using var target = StageFile.Open(pipeline, session.Parse.GetValue(output), "rewards.jsonl");
            RewardStage rewards = pipeline.Rewards;
            IReadOnlyList<Example> examples = pipeline.Data.Train.Examples;
            target.Write(examples.Select((example, i) => new RewardLine(
                example.Id, example.IsChat ? example.Prompt : null, example.IsChat ? null : example.PromptText, example.Completion,
                rewards.Columns.ToDictionary(column => column.Key, column => column.Value[i]), rewards.Totals[i], example.Source, example.Weight == 1 ? null : example.Weight)));

            RewardFigures[] figures = [.. rewards.Combiner.Rewards.Select(reward => RewardFigures.Of(reward, rewards.Scores[reward.Name]))];
            Spread total = Spread.Of(rewards.Totals);
            session.Show(new { output = target.Path, rows = examples.Count, rewards = figures, total, warnings = rewards.Combiner.Warnings }, page =>
            {
                var table = Tables.Of("reward", "weight", "normaliser", "mean", "deviation", "least", "greatest", "share of variance", "scored", "cached");
                foreach (RewardFigures f in figures) table.Row(f.Name, Tables.Number(f.Weight), f.Normalizer, Tables.Number(f.Figures.Mean), Tables.Number(f.Figures.StandardDeviation), Tables.Number(f.Figures.Minimum), Tables.Number(f.Figures.Maximum), Tables.Number(f.VarianceShare), Tables.Number(f.Scored), Tables.Number(f.Cached));
                table.Row("total", "", "", Tables.Number(total.Mean), Tables.Number(total.StandardDeviation), Tables.Number(total.Minimum), Tables.Number(total.Maximum), "", "", "");
                page.Table(table);
                page.Line($"Written: {target.Path} ({examples.Count} rows)");
            });
            return 0;
        });
    }

    /// <summary>A reward's figures; how many rows were scored now, how many an earlier run had scored, and how many have no score of their own.</summary>
    private sealed record RewardFigures(string Name, double Weight, string Normalizer, Spread Figures, double? VarianceShare, int Scored, int Cached, int Failed)
    {
        public static RewardFigures Of(CombinedReward reward, RewardScores scores) =>
            new(reward.Name, reward.Weight, reward.Normalizer.Kind.ToString().ToLowerInvariant(), Spread.Of(scores.Values), reward.VarianceShare, scores.Scored, scores.Cached, scores.Failed);
    }

    /// <summary>A row with its rewards; it can be read again as data.</summary>
    private sealed record RewardLine(
        string Id, IReadOnlyList<ChatMessage>? Messages, string? Prompt, string Completion, IReadOnlyDictionary<string, double> Rewards, double Total, string? Source, double? Weight);
}
