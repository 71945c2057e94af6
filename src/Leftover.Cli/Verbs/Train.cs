using System.CommandLine;
using Leftover.Algorithms;
using Leftover.Pipeline;
using Leftover.Runs;
using Leftover.Training;

namespace Leftover.Cli.Verbs;

/// <summary>Trains the policy of every method of the recipe.</summary>
internal static class Train
{
    public static Command Create(Host host) => RecipeVerb.Create(host, "train", "Train the policy of every method; an interrupted training goes on where it stopped", Execute);

    private static int Execute(Session session, RunPipeline pipeline)
    {
        using OutputFolder folder = OutputFolder.Take(pipeline);
        folder.BeginTraining();
        List<TrainedMethod> trained = [];
        foreach ((Method method, string label, Algorithm algorithm) in pipeline.Methods)
        {
            TrainedPolicy policy = pipeline.TrainMethod(method, label, algorithm);
            int kept = pipeline.Advantages(algorithm, method.Training).Summary.Kept;
            trained.Add(new TrainedMethod(label, kept, policy.Steps, policy.Step, policy.Source.Path, pipeline.Memory.GetValueOrDefault(label)));
        }
        session.Show(new { output = pipeline.Context.Recipe.Output, rows = pipeline.Train.Rows.Count, pipeline.Train.PromptsCut, pipeline.Train.CompletionsCut, methods = trained }, page =>
        {
            var table = Tables.Of("method", "rows kept", "steps", "weights of step");
            foreach (TrainedMethod method in trained) table.Row(method.Name, Tables.Number(method.RowsKept), Tables.Number(method.Steps), Tables.Number(method.ChosenStep));
            page.Table(table);
            foreach (TrainedMethod method in trained) page.Line($"{method.Name}: {method.Model}");
        });
        return 0;
    }

    private sealed record TrainedMethod(string Name, int RowsKept, int Steps, int ChosenStep, string Model, MemoryPlan? Memory);
}
