using System.CommandLine;
using System.Text.Json.Nodes;
using Leftover.Data;
using Leftover.Runs;

namespace Leftover.Cli.Arguments;

/// <summary>The recipe of a command line: a file or the folder of an earlier run, under flags, under <c>key=value</c>.</summary>
internal sealed class RecipeArguments
{
    private readonly Argument<string[]> _words = new("RECIPE")
    {
        Arity = ArgumentArity.ZeroOrMore,
        Description = "A recipe (YAML or JSON) or the folder of an earlier run, and what is to be different: training.steps=100",
    };

    private readonly Option<string?> _config = Flag.Text("config", "RECIPE", "The recipe, as a flag");
    private readonly List<(RecipeFlag Flag, Option Option)> _flags = [];
    private readonly List<(string Name, Option<bool> Option)> _alwaysOn = [];

    /// <summary>Adds the recipe and its flags to a verb.</summary>
    /// <param name="verb">The verb.</param>
    /// <param name="taken">Spellings that mean something else for this verb.</param>
    public RecipeArguments(Command verb, params string[] taken)
    {
        verb.Add(_words);
        verb.Add(_config);
        foreach (RecipeFlag flag in RecipeFlags.All)
        {
            if (flag.Name is "seed" or "threads") continue;                    // every verb has these
            string[] aliases = [.. flag.Aliases.Except(taken).Select(alias => "--" + alias)];
            Option option = flag.Implied is null
                ? new Option<string?>("--" + flag.Name, aliases) { HelpName = "VALUE" }
                : new Option<bool>("--" + flag.Name, aliases);
            option.Description = flag.Help;
            _flags.Add((flag, option));
            verb.Add(option);
        }
        foreach (string name in RecipeFlags.AlwaysOn.Keys)
        {
            var option = new Option<bool>("--" + name) { Hidden = true };
            _alwaysOn.Add((name, option));
            verb.Add(option);
        }
    }

    /// <summary>Reads the recipe.</summary>
    /// <param name="session">The verb at work.</param>
    /// <param name="more">What the verb itself sets.</param>
    /// <exception cref="UsageException">The command line names no data, or what it says cannot be.</exception>
    /// <exception cref="RecipeException">The recipe cannot be run as it stands.</exception>
    /// <exception cref="DataException">There is no such recipe, or it names no data.</exception>
    public Recipe Load(Session session, params RecipeOverride[] more)
    {
        (string? path, List<RecipeOverride> overrides) = Read(session);
        overrides.AddRange(more);
        try
        {
            Recipe recipe = Load(path, overrides);
            if (recipe.Data.Train.Count > 0 || recipe.Data.HeldOut.Count > 0) return recipe;
            if (path is null) throw new UsageException("There is no data; name a recipe, or --data FILE.");
            throw new DataException($"{path} names no data; it needs data.train (one file or several), or give --data FILE.");
        }
        catch (RecipeException problems) when (problems.Problems.All(problem => overrides.Any(said => said.Origin == problem.Origin)))
        {
            throw new UsageException(problems.Message);
        }
    }

    /// <summary>True where the command line names a recipe, and not flags alone.</summary>
    public bool NamesRecipe(Session session) => Read(session).Path is not null;

    private static Recipe Load(string? path, List<RecipeOverride> overrides)
    {
        // Without a recipe all paths start at the working folder, and runs of different verbs belong together.
        if (path is null) return RecipeLoader.Parse("", Directory.GetCurrentDirectory(), "The command line", [new RecipeOverride("output", "runs/default", "default"), .. overrides]);
        if (!Directory.Exists(path)) return RecipeLoader.Load(path, overrides);
        JsonObject recipe = RecipeWriter.ToJson(RunFolder.ReadRecipe(path));
        return RecipeLoader.Parse(recipe.ToJsonString(), Path.GetFullPath(path), Path.Combine(path, "run.json"), overrides);
    }

    private (string? Path, List<RecipeOverride> Overrides) Read(Session session)
    {
        ParseResult parse = session.Parse;
        string? path = parse.GetValue(_config);
        List<RecipeOverride> overrides = [], dotted = [];
        foreach (string word in parse.GetValue(_words) ?? [])
        {
            if (word.Contains('=', StringComparison.Ordinal) && !File.Exists(word)) dotted.Add(RecipeOverride.Parse(word));
            else if (path is null) path = word;
            else throw new UsageException($"'{word}' is one recipe too many, beside '{path}'. What is to be different in it reads key=value.");
        }
        foreach ((RecipeFlag flag, Option option) in _flags)
        {
            if (parse.GetResult(option) is not { Implicit: false } said) continue;
            string spelled = said.IdentifierToken!.Value;
            if (flag.Implied is null) overrides.Add(RecipeOverride.OfFlag(spelled, parse.GetValue((Option<string?>)option)));
            else if (parse.GetValue((Option<bool>)option)) overrides.Add(RecipeOverride.OfFlag(spelled, null));
            else if (flag.Implied == "true") overrides.Add(RecipeOverride.OfFlag(spelled, "false"));
        }
        if (overrides.GroupBy(said => said.Key).FirstOrDefault(same => same.DistinctBy(said => said.Value).Count() > 1) is { } several)
            throw new UsageException($"{string.Join(" and ", several.Select(said => $"{said.Origin} ({said.Value})"))} contradict each other: both set {several.Key}. Give one of them.");
        foreach ((string name, Option<bool> option) in _alwaysOn)
        {
            if (parse.GetResult(option) is not { Implicit: false }) continue;
            if (!parse.GetValue(option)) throw new UsageException($"--{name} cannot be switched off: {RecipeFlags.AlwaysOn[name]}.");
            session.Observer.Say($"--{name} is not needed: {RecipeFlags.AlwaysOn[name]}.");
        }
        if (session.Seed is { } seed) overrides.Add(RecipeOverride.OfFlag("--seed", seed.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        if (session.Threads is { } threads) overrides.Add(RecipeOverride.OfFlag("--threads", threads.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        return (path, [.. overrides, .. dotted]);
    }
}
