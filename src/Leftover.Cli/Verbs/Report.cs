using System.CommandLine;
using Leftover.Evaluation;
using Leftover.Pipeline;

namespace Leftover.Cli.Verbs;

/// <summary>Writes the report of a recipe, or of the folder of an earlier run.</summary>
internal static class Report
{
    public static Command Create(Host host) => RecipeVerb.Create(host, "report", "Write the report of a recipe or of an earlier run's folder", Execute);

    private static int Execute(Session session, RunPipeline pipeline)
    {
        using OutputFolder folder = OutputFolder.Take(pipeline);
        HeldOut.Require(pipeline);
        folder.BeginTraining();
        RunResults results = pipeline.Run();
        string html = pipeline.Context.PathOf("report", "report.html"), json = pipeline.Context.PathOf("report", "results.json");
        session.Show(new { report = html, results = json, methods = results.Methods.Select(method => method.Name).ToArray() }, page =>
        {
            page.Line($"Report:  {html}");
            page.Line($"Figures: {json}");
        });
        return 0;
    }
}
