namespace Leftover.Rewards.Text;

/// <summary>VADER's word lists and constants that are not in its lexicon file (Hutto &amp; Gilbert 2014, release 3.3).</summary>
internal static class VaderRules
{
    /// <summary>What a degree adverb right before a word adds to its valence.</summary>
    public const double Boost = 0.293;

    /// <summary>What capitals add where not all words are in capitals.</summary>
    public const double Capitals = 0.733;

    /// <summary>What a negation makes of a valence.</summary>
    public const double Negation = -0.74;

    /// <summary>Words that negate; so does every word with n't in it.</summary>
    public static readonly HashSet<string> Negations = Set(
        """
        aint arent cannot cant couldnt darent didnt doesnt dont hadnt hasnt havent isnt mightnt mustnt neednt oughtnt shant shouldnt wasnt werent
        wont wouldnt neither never none nope nor not nothing nowhere without rarely seldom despite uhuh uh-uh
        """);

    /// <summary>Degree adverbs, one or more words each, and what they add.</summary>
    public static readonly Dictionary<string, double> Boosters = Degrees();

    /// <summary>Phrases whose valence is not that of their words.</summary>
    public static readonly Dictionary<string, double> Idioms = new()
    {
        ["the shit"] = 3,
        ["the bomb"] = 3,
        ["bad ass"] = 1.5,
        ["badass"] = 1.5,
        ["bus stop"] = 0,
        ["yeah right"] = -2,
        ["kiss of death"] = -1.5,
        ["to die for"] = 3,
        ["beating heart"] = 3.1,
        ["broken heart"] = -2.9,
    };

    private static Dictionary<string, double> Degrees()
    {
        Dictionary<string, double> degrees = [];
        foreach (string word in Set(
            """
            absolutely amazingly awfully completely considerable considerably decidedly deeply effing enormous enormously entirely especially
            exceptional exceptionally extreme extremely fabulously flippin flipping frackin fracking frickin fricking friggin frigging fuckin fucking
            fuggin fugging fully greatly hella highly hugely incredible incredibly intensely major majorly more most particularly purely quite really
            remarkably so substantially thoroughly total totally tremendous tremendously uber unbelievably unusually utter utterly very
            """)) degrees[word] = Boost;
        foreach (string word in Set(
            """
            almost barely hardly kinda kindof kind-of less little marginal marginally occasional occasionally partly scarce scarcely slight slightly
            somewhat sorta sortof sort-of
            """)) degrees[word] = -Boost;
        foreach (string phrase in (string[])["just enough", "kind of", "sort of"]) degrees[phrase] = -Boost;
        return degrees;
    }

    private static HashSet<string> Set(string words) => [.. TextUnits.Words(words)];
}
