using Leftover.Tokenization;

namespace Leftover.Data;

/// <summary>Finds prompts that are trained on and held out; such a prompt's evaluation would measure memory.</summary>
internal static class OverlapCheck
{
    private const int Shown = 5;

    /// <summary>The report with the overlap found, and with the train set freed of it where that was asked for.</summary>
    /// <exception cref="DataException">There is an overlap, and it is an error.</exception>
    public static DataReport Apply(DataReport report, OverlapPolicy policy)
    {
        Dictionary<string, Example> heldOut = [];
        foreach ((string key, Example example) in Keys(report.HeldOut.Examples)) heldOut.TryAdd(key, example);

        HashSet<string> shared = [];
        List<SharedPrompt> overlap = [];
        List<Example> rest = [];
        foreach ((string key, Example example) in Keys(report.Train.Examples, isAll: true))
        {
            if (key.Length == 0 || !heldOut.TryGetValue(key, out Example? other)) rest.Add(example);
            else if (shared.Add(key)) overlap.Add(new SharedPrompt(Row.Snippet(example.PromptText), Place(example), Place(other)));
        }

        if (policy == OverlapPolicy.Error && overlap.Count > 0) throw new DataException(Message(overlap));
        bool isDropped = policy == OverlapPolicy.Drop && overlap.Count > 0;
        return report with
        {
            Train = isDropped ? ExampleSets.Of(rest, report.Train.Files) : report.Train,
            Overlap = overlap,
            DroppedForOverlap = isDropped ? report.Train.Examples.Count - rest.Count : 0,
            ValidationPromptsHeldOut = Keys(report.Validation.Examples).Select(k => k.Key).Distinct().Count(heldOut.ContainsKey),
        };
    }

    private static string Message(List<SharedPrompt> overlap)
    {
        IEnumerable<string> lines = overlap.Take(Shown).Select(o => $"  {o.Train} and {o.HeldOut}: \"{o.Prompt}\"");
        string more = overlap.Count > Shown ? $"\n  … and {overlap.Count - Shown} more." : "";
        return $"{overlap.Count} {(overlap.Count == 1 ? "prompt is" : "prompts are")} in the train set and in the held-out set:\n{string.Join('\n', lines)}{more}\n"
            + "  Take such rows out of training with data.overlap=drop, hold out by prompt (hold_out: {by: prompt}), or accept it with data.overlap=allow.";
    }

    private static string Place(Example example) => $"{DisplayPath.Of(example.File)}({example.Line})";

    /// <summary>The key of each prompt; text without a prompt has none and is passed over unless all are asked for.</summary>
    private static IEnumerable<(string Key, Example Example)> Keys(IReadOnlyList<Example> examples, bool isAll = false)
    {
        IReadOnlyList<ChatMessage>? last = null;
        string key = "";
        foreach (Example example in examples)
        {
            if (!ReferenceEquals(example.Prompt, last)) key = example.Prompt.Count == 0 ? "" : PromptIdentity.Leakage(example.Prompt);
            last = example.Prompt;
            if (isAll || key.Length > 0) yield return (key, example);
        }
    }
}
