using System.CommandLine;
using Leftover.Advantages;
using Leftover.Cli.Arguments;
using Leftover.Pipeline;

namespace Leftover.Cli.Verbs;

/// <summary>Estimates V(x), what the reference policy is expected to earn on each prompt, and says how far it can be trusted.</summary>
internal static class Value
{
    public static Command Create(Host host)
    {
        var verb = new Command("value", "Estimate what the reference policy's own answers earn on each prompt");
        var recipe = new RecipeArguments(verb, "output");
        Option<string?> output = Flag.Text("output", "FILE", "Where the values go, a line a row; otherwise values.jsonl in the run folder");
        verb.Add(output);
        return host.On(verb, session =>
        {
            RunPipeline pipeline = RecipeVerb.Open(session, recipe.Load(session));
            using var target = StageFile.Open(pipeline, session.Parse.GetValue(output), "values.jsonl");
            ValueResult values = pipeline.Values;
            target.Write(pipeline.Data.Train.Examples.Select((example, i) => new { example.Id, example.File, example.Line, prompt = pipeline.Train.PromptOf[i], reward = pipeline.Rewards.Totals[i], value = values.OfRows[i] }));

            Spread value = Spread.Of(values.OfRows), reward = Spread.Of(pipeline.Rewards.Totals);
            session.Show(new { output = target.Path, value, reward, values.Text, head = values.Report }, page =>
            {
                var table = Tables.Of("", "mean", "deviation", "least", "greatest");
                foreach ((string name, Spread spread) in new[] { ("reward of the data", reward), ("value of the reference", value) })
                    table.Row(name, Tables.Number(spread.Mean), Tables.Number(spread.StandardDeviation), Tables.Number(spread.Minimum), Tables.Number(spread.Maximum));
                page.Table(table);
                page.Line($"Written: {target.Path}");
            });
            return 0;
        });
    }
}
