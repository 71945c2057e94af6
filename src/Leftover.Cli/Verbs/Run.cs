using System.CommandLine;
using Leftover.Evaluation;
using Leftover.Pipeline;

namespace Leftover.Cli.Verbs;

/// <summary>The whole way: data, reference policy, rewards, values, advantages, training, evaluation, report.</summary>
internal static class Run
{
    public static Command Create(Host host) =>
        RecipeVerb.Create(host, "run", "Run a recipe from its data to its report; what is computed already is not computed again", Execute);

    /// <summary>Trains, measures and reports; <c>evaluate</c> and <c>report</c> do the same, as it is all there by then.</summary>
    public static int Execute(Session session, RunPipeline pipeline)
    {
        using OutputFolder folder = OutputFolder.Take(pipeline);
        HeldOut.Require(pipeline);
        folder.BeginTraining();
        RunResults results = pipeline.Run();
        session.Show(results, page =>
        {
            Tables.Results(page, results);
            page.Line($"Report: {pipeline.Context.PathOf("report", "report.html")}");
        });
        return 0;
    }
}
