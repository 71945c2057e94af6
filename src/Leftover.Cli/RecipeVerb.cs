using System.CommandLine;
using Leftover.Cli.Arguments;
using Leftover.Data;
using Leftover.Pipeline;
using Leftover.Runs;
using Leftover.Tensors.Kernels;

namespace Leftover.Cli;

/// <summary>What all verbs that work on a recipe do before their own work.</summary>
internal static class RecipeVerb
{
    private const int ShownProblems = 5;

    /// <summary>A verb that works on a recipe.</summary>
    /// <param name="host">What surrounds the command line.</param>
    /// <param name="name">The verb.</param>
    /// <param name="help">What it does.</param>
    /// <param name="run">Does it; returns the exit code.</param>
    /// <param name="sets">What the verb sets in every recipe.</param>
    public static Command Create(Host host, string name, string help, Func<Session, RunPipeline, int> run, params RecipeOverride[] sets)
    {
        var verb = new Command(name, help);
        var recipe = new RecipeArguments(verb);
        return host.On(verb, session => run(session, Open(session, recipe.Load(session, sets))));
    }

    /// <summary>Reads the data and tells what is in it, and what was left out.</summary>
    /// <exception cref="DataException">A file or a row cannot be used.</exception>
    public static void ReadData(RunPipeline pipeline)
    {
        IRunObserver observer = pipeline.Context.Observer;
        foreach (string line in DataSummary.Of(pipeline.Data).SelectMany(set => set.Lines())) observer.Say(line);
        foreach (DataProblem problem in pipeline.Data.Problems.Take(ShownProblems)) observer.Warn($"{problem} The row was left out.");
        if (pipeline.Data.Problems.Count > ShownProblems) observer.Warn($"… and {pipeline.Data.Problems.Count - ShownProblems} more such rows.");
    }

    /// <summary>The stages of a recipe; nothing is computed yet.</summary>
    public static RunPipeline Open(Session session, Recipe recipe)
    {
        if (recipe.Threads is { } threads) ThreadTeam.Resize(threads);
        return session.Own(new RunPipeline(new RunContext { Recipe = recipe, Observer = session.Observer, Cancellation = session.Cancellation, Clock = session.Clock, Memory = session.Memory }));
    }
}
