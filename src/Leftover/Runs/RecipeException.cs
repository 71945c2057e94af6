namespace Leftover.Runs;

/// <summary>One thing that is wrong in a recipe.</summary>
/// <param name="Key">The dotted key, for example <c>training.steps</c>.</param>
/// <param name="Origin">Where it was said: <c>line 12</c>, <c>--max_steps</c>, <c>preset paper</c>.</param>
/// <param name="Message">What was found and what is needed, to be read after the key.</param>
public sealed record RecipeProblem(string Key, string Origin, string Message);

/// <summary>Thrown where a recipe cannot be run as it stands; the message lists all its problems.</summary>
public sealed class RecipeException : Exception
{
    /// <summary>All problems of one recipe.</summary>
    /// <param name="name">The recipe as the user knows it, for example <c>recipe.yaml</c>.</param>
    /// <param name="problems">At least one.</param>
    public RecipeException(string name, IReadOnlyList<RecipeProblem> problems) : base(Describe(name, problems)) => Problems = problems;

    /// <summary>All problems, in the order of their discovery.</summary>
    public IReadOnlyList<RecipeProblem> Problems { get; }

    private static string Describe(string name, IReadOnlyList<RecipeProblem> problems)
    {
        int width = problems.Max(p => p.Key.Length);
        IEnumerable<string> lines = problems.Select(p => $"  {p.Key.PadRight(width)}  ({p.Origin}) {p.Message}");
        return $"{name} has {problems.Count} {(problems.Count == 1 ? "problem" : "problems")}:\n{string.Join('\n', lines)}";
    }
}
