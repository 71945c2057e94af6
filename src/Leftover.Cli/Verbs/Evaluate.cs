using System.CommandLine;

namespace Leftover.Cli.Verbs;

/// <summary>Measures the reference and every trained policy on held-out prompts.</summary>
internal static class Evaluate
{
    public static Command Create(Host host) =>
        RecipeVerb.Create(host, "evaluate", "Measure every policy of a recipe on held-out prompts: rewards, KL, length, diversity", Run.Execute);
}
