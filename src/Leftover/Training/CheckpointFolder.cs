using System.Globalization;
using Leftover.Runs;
using Leftover.Tensors;
using Leftover.Tensors.Optimizers;
using Leftover.Tensors.Safetensors;

namespace Leftover.Training;

/// <summary>A training's checkpoints: <c>checkpoint-&lt;step&gt;/</c> with weights, moments and state, and <c>best-&lt;step&gt;/</c> with weights alone.</summary>
/// <remarks>
/// A folder is written under a temporary name and renamed when whole, so whatever has a checkpoint's name is one. What an older
/// checkpoint needs is deleted only after a newer one stands.
/// </remarks>
public sealed class CheckpointFolder
{
    private const string Prefix = "checkpoint-", BestPrefix = "best-", Temporary = ".tmp";
    private const string WeightsFile = "model.safetensors", OptimizerFile = "optimizer.safetensors", StateFile = "trainer_state.json";

    private readonly string _folder;
    private readonly string _fingerprint;
    private readonly int _keep;

    /// <summary>The checkpoints in a folder, which is created. Leftovers of a killed process are removed.</summary>
    /// <param name="folder">Where they lie.</param>
    /// <param name="fingerprint">What they must belong to; others are not continued.</param>
    /// <param name="keep">How many are kept, the newest; 0 keeps all.</param>
    public CheckpointFolder(string folder, string fingerprint, int keep)
    {
        (_folder, _fingerprint, _keep) = (folder, fingerprint, keep);
        Directory.CreateDirectory(folder);
        foreach (string torn in Directory.EnumerateDirectories(folder, "*" + Temporary)) Directory.Delete(torn, recursive: true);
    }

    /// <summary>The newest checkpoint's state, or null where there is none of this training.</summary>
    public TrainingState? Newest()
    {
        foreach (int step in StepsOf(Prefix).OrderDescending())
        {
            string file = Path.Combine(PathOf(Prefix, step), StateFile);
            if (File.Exists(file) && TrainingState.Parse(File.ReadAllText(file)) is { } state && state.Fingerprint == _fingerprint) return state;
        }
        return null;
    }

    /// <summary>Writes a checkpoint and then deletes those that are no longer needed.</summary>
    public void Save(TrainingState state, WeightSet weights, AdamW optimizer)
    {
        WriteFolder(PathOf(Prefix, state.Step), folder =>
        {
            WriteWeights(weights, Path.Combine(folder, WeightsFile));
            optimizer.Save(Path.Combine(folder, OptimizerFile));
            AtomicFile.WriteAllText(Path.Combine(folder, StateFile), state.ToJson());
        });
        if (_keep > 0)
            foreach (int old in StepsOf(Prefix).OrderDescending().Skip(_keep)) Directory.Delete(PathOf(Prefix, old), recursive: true);
        foreach (int old in StepsOf(BestPrefix).Where(step => step != state.BestStep && !IsNeeded(step))) Directory.Delete(PathOf(BestPrefix, old), recursive: true);
    }

    /// <summary>Puts a checkpoint's weights and moments back.</summary>
    public void Load(TrainingState state, WeightSet weights, AdamW optimizer)
    {
        string folder = PathOf(Prefix, state.Step);
        ReadWeights(weights, Path.Combine(folder, WeightsFile));
        optimizer.Load(Path.Combine(folder, OptimizerFile));
    }

    /// <summary>Writes the weights of a step that scored best.</summary>
    public void SaveBest(int step, WeightSet weights) =>
        WriteFolder(PathOf(BestPrefix, step), folder => WriteWeights(weights, Path.Combine(folder, WeightsFile)));

    /// <summary>Puts the best step's weights back.</summary>
    public void LoadBest(int step, WeightSet weights) =>
        ReadWeights(weights, Path.Combine(PathOf(BestPrefix, step), WeightsFile));

    /// <summary>Deletes all of this training's checkpoints, once its model is saved.</summary>
    public void Clear() => Directory.Delete(_folder, recursive: true);

    // A best step is needed as long as some checkpoint that could be continued names it.
    private bool IsNeeded(int bestStep) =>
        StepsOf(Prefix).Any(step => File.Exists(Path.Combine(PathOf(Prefix, step), StateFile)) && TrainingState.Parse(File.ReadAllText(Path.Combine(PathOf(Prefix, step), StateFile)))?.BestStep == bestStep);

    private IEnumerable<int> StepsOf(string prefix) =>
        [.. Directory.EnumerateDirectories(_folder, prefix + "*")
            .Select(path => int.TryParse(Path.GetFileName(path).AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int step) ? step : -1)
            .Where(step => step >= 0)];

    private string PathOf(string prefix, int step) => Path.Combine(_folder, prefix + step.ToString(CultureInfo.InvariantCulture));

    private static void WriteFolder(string path, Action<string> write)
    {
        string temporary = path + Temporary;
        if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
        Directory.CreateDirectory(temporary);
        try
        {
            write(temporary);
        }
        catch
        {
            Directory.Delete(temporary, recursive: true);
            throw;
        }
        if (Directory.Exists(path)) Directory.Delete(path, recursive: true);      // the same step, written again after a restart
        Directory.Move(temporary, path);
    }

    private static unsafe void WriteWeights(WeightSet weights, string path) =>
        SafetensorsWriter.Write(path, weights.Weights.Select(weight => TensorToWrite.From(weight.Name, weight.Shape, weight.Tensor.Pointer)));

    private static unsafe void ReadWeights(WeightSet weights, string path)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        foreach (Weight weight in weights.Weights) file.Read(weight.Name, weight.Tensor.Pointer);
    }
}
