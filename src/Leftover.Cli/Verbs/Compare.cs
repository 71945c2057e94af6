using System.CommandLine;
using Leftover.Evaluation.Comparison;
using Leftover.Pipeline;
using Leftover.Pipeline.Comparison;

namespace Leftover.Cli.Verbs;

/// <summary>Every method with every seed on the same caches and equal budgets, and one report of all.</summary>
internal static class Compare
{
    public static Command Create(Host host) =>
        RecipeVerb.Create(host, "compare", "Train every method with every seed on equal budgets and tell which is better, and how surely; a comparison that was stopped goes on", Execute);

    private static int Execute(Session session, RunPipeline pipeline)
    {
        using OutputFolder folder = OutputFolder.Take(pipeline);
        HeldOut.Require(pipeline);
        folder.Begin();
        CompareResults compared = new CompareStage(pipeline).Run();
        session.Show(compared, page =>
        {
            Tables.Results(page, compared.Results with { Paired = [] });
            foreach (string sentence in compared.Verdict) page.Line(sentence);
            page.Line($"Report: {pipeline.Context.PathOf("report", "compare.html")}");
        });
        return compared.Failed.Count == 0 ? 0 : Failure.Code;
    }
}
