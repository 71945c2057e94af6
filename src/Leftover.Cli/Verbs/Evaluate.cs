using System.CommandLine;
using Leftover.Cli.Arguments;
using Leftover.Data;
using Leftover.Runs;

namespace Leftover.Cli.Verbs;

/// <summary>Measures policies on held-out prompts: the reference and all methods of a recipe, or a single model.</summary>
internal static class Evaluate
{
    public static Command Create(Host host)
    {
        var verb = new Command("evaluate", "Measure every policy of a recipe on held-out prompts, or without a recipe the model of --model on the rows of --data");
        var arguments = new RecipeArguments(verb);
        return host.On(verb, session =>
        {
            Recipe recipe = arguments.Load(session);
            return Run.Execute(session, RecipeVerb.Open(session, arguments.NamesRecipe(session) ? recipe : OfModelAlone(recipe)));
        });
    }

    // Its rewards are fitted on the rows it is measured on: there are no others.
    private static Recipe OfModelAlone(Recipe recipe)
    {
        IReadOnlyList<DataSource> rows = recipe.Data.HeldOut.Count > 0 ? recipe.Data.HeldOut : recipe.Data.Train;
        return recipe with { Methods = [], Data = recipe.Data with { Train = rows, HeldOut = rows, HoldOut = null, Overlap = OverlapPolicy.Allow } };
    }
}
