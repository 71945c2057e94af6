using System.CommandLine;
using Leftover.Cli.Arguments;
using Leftover.Evaluation;
using Leftover.Pipeline;
using Leftover.Reporting;
using Leftover.RewardModels;
using Spectre.Console;

namespace Leftover.Cli.Verbs;

/// <summary>Trains a reward model or classifier, and tells how far it can be trusted.</summary>
internal static class RewardModel
{
    public static Command Create(Host host)
    {
        var verb = new Command("reward-model", "Train a reward model from pairs, labels or scores, and measure it on held-out prompts beside length and a bag of words");
        var arguments = new RecipeArguments(verb);
        return host.On(verb, session =>
        {
            RunPipeline pipeline = RecipeVerb.Open(session, RewardModelStage.WithHoldOut(arguments.Load(session)));
            using OutputFolder folder = OutputFolder.Take(pipeline);
            var stage = new RewardModelStage(pipeline);
            folder.Begin(stage.Inputs);
            RewardModelReport report = stage.Run();
            session.Show(new { model = stage.ModelFolderPath, report }, page => Show(page, report, stage.ModelFolderPath));
            return 0;
        });
    }

    private static void Show(Page page, RewardModelReport report, string model)
    {
        string[] metrics = [.. report.Predictors[0].Metrics.Keys];
        Table table = Tables.Of(["", .. metrics]);
        foreach (PredictorResult predictor in report.Predictors) table.Row([predictor.Name, .. metrics.Select((metric, i) => i == 0 ? Tables.Interval(predictor.Metrics[metric]) : Tables.Number(predictor.Metrics[metric].Mean))]);
        page.Line($"Held out: {report.HeldOutItems} items of {report.HeldOutPrompts} prompts, {RewardModelReport.Confidence:P0} intervals over prompts");
        page.Table(table);
        foreach ((string baseline, Estimate gain) in report.Gains) page.Line($"{report.MainMetric} above {baseline}: {Tables.Interval(gain)}");
        page.Line(RewardModelCard.Verdict(report));
        page.Line($"The reward model: {model}");
    }
}
