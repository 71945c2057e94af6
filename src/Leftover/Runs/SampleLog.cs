using System.Text.Json.Nodes;

namespace Leftover.Runs;

/// <summary>A reply written while training, with what it earned.</summary>
/// <param name="Step">After which step; 0 before the first.</param>
/// <param name="Method">The method's label.</param>
/// <param name="Prompt">The prompt's text.</param>
/// <param name="Completion">The reply.</param>
/// <param name="Tokens">The reply's length in tokens.</param>
/// <param name="Rewards">Each reward by name.</param>
public sealed record Sample(int Step, string Method, string Prompt, string Completion, int Tokens, IReadOnlyDictionary<string, double> Rewards);

/// <summary>The replies of a run to the same few prompts, evaluation after evaluation: <c>samples.jsonl</c>.</summary>
/// <param name="path">The file; its folder is created.</param>
public sealed class SampleLog(string path) : IDisposable
{
    private readonly JsonLinesLog _lines = new(path);

    /// <summary>Writes a reply.</summary>
    public void Write(Sample sample)
    {
        JsonObject rewards = [];
        foreach ((string name, double value) in sample.Rewards) rewards[name] = double.IsFinite(value) ? value : null;
        _lines.Append(new JsonObject
        {
            ["step"] = sample.Step,
            ["method"] = sample.Method,
            ["prompt"] = sample.Prompt,
            ["completion"] = sample.Completion,
            ["tokens"] = sample.Tokens,
            ["rewards"] = rewards,
        });
    }

    /// <summary>Forgets the replies of later steps; −1 forgets all.</summary>
    public void RewindTo(int step) => _lines.RewindTo(step);

    /// <inheritdoc/>
    public void Dispose() => _lines.Dispose();
}
