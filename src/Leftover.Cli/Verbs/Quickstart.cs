using System.CommandLine;
using Leftover.Cli.Arguments;
using Leftover.Data;
using Leftover.Pipeline;
using Leftover.Runs;

namespace Leftover.Cli.Verbs;

/// <summary>The whole way on a log that it invents, with no file needed: the messages of a small help desk and replies of mixed quality.</summary>
internal static class Quickstart
{
    private const string Recipe = "quickstart.yaml", Lexicon = "politeness.tsv";
    private const long DefaultSeed = 1;

    public static Command Create(Host host)
    {
        var verb = new Command("quickstart", "Invent a help desk's log of rated replies, train on it, compare A-LoL with plain fine-tuning; about two minutes");
        Option<string?> output = Flag.Text("output", "FOLDER", "Where log, recipe, models and report go. Default runs/quickstart", "output_dir");
        verb.Add(output);
        return host.On(verb, session => Execute(session, session.Parse.GetValue(output) ?? Path.Combine("runs", "quickstart")));
    }

    private static int Execute(Session session, string output)
    {
        long seed = session.Seed ?? DefaultSeed;
        string root = Path.GetFullPath(output);
        string recipe = Path.Combine(root, Recipe);
        using (RunFolder.Take(root))                                    // the log changes under nobody's run
        {
            new HelpDeskLog().Write(Path.Combine(root, "data"), seed);
            Copy(Lexicon, Path.Combine(root, "data", Lexicon));
            Copy(Recipe, recipe);
        }
        session.Observer.Say($"The log, its lexicon and the recipe are in {output}; change {Recipe} and run it again with `leftover run {Path.Combine(output, Recipe)}`.");

        List<RecipeOverride> overrides = [new("output", root, "quickstart"), new("cache", Path.Combine(root, "cache"), "quickstart"), new("seed", $"{seed}", "--seed")];
        if (session.Threads is { } threads) overrides.Add(new RecipeOverride("threads", $"{threads}", "--threads"));
        return Run.Execute(session, RecipeVerb.Open(session, RecipeLoader.Load(recipe, overrides)));
    }

    private static void Copy(string resource, string path)
    {
        using Stream stream = typeof(Quickstart).Assembly.GetManifestResourceStream(resource) ?? throw new InvalidOperationException($"The program was built without {resource}.");
        AtomicFile.Write(path, stream.CopyTo);
    }
}
