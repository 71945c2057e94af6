using System.Text.Json.Nodes;
using Leftover.Algorithms;
using Leftover.Data;
using Leftover.Models;
using Leftover.Pipeline;
using Leftover.Runs;

namespace Leftover.Cli;

/// <summary>The run folder while a verb works in it. Nothing in it changes before all that can be checked is checked.</summary>
internal sealed class OutputFolder : IDisposable
{
    private readonly RunPipeline _pipeline;
    private readonly RunFolder _folder;
    private readonly bool _isNew;

    private OutputFolder(RunPipeline pipeline)
    {
        _pipeline = pipeline;
        _isNew = !Directory.Exists(Recipe.Output);
        _folder = RunFolder.Take(Recipe.Output);
    }

    private Recipe Recipe => _pipeline.Context.Recipe;

    /// <summary>Reads the data, then takes the folder of the pipeline's recipe.</summary>
    /// <exception cref="IOException">Another run has it.</exception>
    public static OutputFolder Take(RunPipeline pipeline)
    {
        RecipeVerb.ReadData(pipeline);
        return new OutputFolder(pipeline);
    }

    /// <summary>Checks model, tokenizer and token lengths, then writes <c>run.json</c>: from here on the folder is the run's.</summary>
    /// <exception cref="DataException">Something does not fit.</exception>
    public void Begin()
    {
        CheckModel();
        _pipeline.CheckMemory(withMethods: false);
        Describe(withRewards: false);
    }

    /// <summary>Writes <c>run.json</c> of a run that has checked its model itself: from here on the folder is the run's.</summary>
    /// <param name="inputs">Hashes of what went in, by name.</param>
    public void Begin(IReadOnlyDictionary<string, string> inputs) => _folder.Describe(Recipe, inputs);

    /// <summary>The same with rewards, values and advantages: a training that has nothing to learn from ends here.</summary>
    /// <exception cref="DataException">Something does not fit, or no row can be trained on.</exception>
    public void BeginTraining()
    {
        CheckModel();
        _pipeline.CheckMemory(withMethods: true);
        _ = _pipeline.Rewards;
        foreach ((Method method, _, Algorithm algorithm) in _pipeline.Methods) _pipeline.Advantages(algorithm, method.Training).EnsureTrainable();
        Describe(withRewards: true);
    }

    private void CheckModel()
    {
        LanguageModel.Check(_pipeline.Base.Path, _pipeline.Coding.Tokenizer);
        if (Recipe.Model.Reference is { } reference) LanguageModel.Check(reference, _pipeline.Coding.Tokenizer);
        _ = _pipeline.Train;
    }

    private void Describe(bool withRewards)
    {
        var inputs = new Dictionary<string, string> { ["base_model"] = _pipeline.Base.Hash, ["tokenizer_and_template"] = _pipeline.Coding.Hash };
        if (withRewards) inputs["rewards"] = _pipeline.Rewards.Hash;
        _folder.Describe(Recipe, inputs, JsonNode.Parse(JsonResult.Text(_pipeline.Memory)));
    }

    /// <summary>Gives the folder back; one that was made and stayed empty is taken away.</summary>
    public void Dispose()
    {
        _folder.Dispose();
        if (_isNew && !Directory.EnumerateFileSystemEntries(Recipe.Output).Any()) Directory.Delete(Recipe.Output);
    }
}
