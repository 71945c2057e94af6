namespace Leftover.Data;

/// <summary>Counts what a set holds.</summary>
internal static class ExampleSets
{
    /// <summary>The set of some examples.</summary>
    public static ExampleSet Of(IReadOnlyList<Example> examples, IReadOnlyList<FileReport> files)
    {
        HashSet<(string Group, string Completion)> seen = [];
        HashSet<string> prompts = [];
        int duplicates = 0;
        foreach (Example example in examples)
        {
            prompts.Add(example.Group);
            if (!seen.Add((example.Prompt.Count == 0 ? "" : example.Group, example.Completion))) duplicates++;
        }

        return new ExampleSet { Examples = examples, Files = files, Duplicates = duplicates, Prompts = prompts.Count };
    }
}
