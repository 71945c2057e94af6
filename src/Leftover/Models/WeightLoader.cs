using System.Runtime.ExceptionServices;
using Leftover.Data;
using Leftover.Tensors;

namespace Leftover.Models;

/// <summary>Fills a model's declared weights from a checkpoint's tensors, after all names and shapes were compared.</summary>
internal static class WeightLoader
{
    private const int ShownProblems = 8;

    /// <summary>Allocates the weights and reads each.</summary>
    /// <param name="model">The model; its weights are declared.</param>
    /// <param name="source">The checkpoint's tensors.</param>
    /// <param name="place">Where they are, for messages.</param>
    /// <param name="trainable">Whether gradients get memory.</param>
    /// <param name="notes">Gets what was left aside.</param>
    /// <param name="mayBeMissing">Weights that the checkpoint need not hold; null for none.</param>
    /// <returns>The weights that it does not hold; they have their memory, zeroed.</returns>
    public static unsafe IReadOnlyList<Weight> Load(TransformerModel model, IWeightSource source, string place, bool trainable, List<string> notes, Func<Weight, bool>? mayBeMissing = null)
    {
        Dictionary<Weight, string> names = Match(model, source, place, notes, mayBeMissing);
        model.Weights.Allocate(trainable);
        try
        {
            Parallel.ForEach(names, pair => source.Read(pair.Value, pair.Key.Tensor.Pointer));
        }
        catch (AggregateException failed)
        {
            ExceptionDispatchInfo.Throw(failed.InnerExceptions[0]);
        }
        return [.. model.Weights.Weights.Where(weight => !names.ContainsKey(weight))];
    }

    /// <summary>Compares names and shapes alone.</summary>
    /// <exception cref="DataException">A tensor is missing, misshapen, or has no place in the model.</exception>
    public static void Check(TransformerModel model, IWeightSource source, string place) => Match(model, source, place, []);

    /// <summary>Each weight's name in the checkpoint, which may leave the body's prefix out.</summary>
    private static Dictionary<Weight, string> Match(TransformerModel model, IWeightSource source, string place, List<string> notes, Func<Weight, bool>? mayBeMissing = null)
    {
        var names = new Dictionary<Weight, string>();
        var used = new HashSet<string>(StringComparer.Ordinal);
        List<string> problems = [];
        foreach (Weight weight in model.Weights.Weights)
        {
            if (weight.IsBeside) continue;
            string? name = Find(weight.Name, model.BasePrefix + ".", source);
            if (name is not null) used.Add(name);
            if (name is null && mayBeMissing?.Invoke(weight) == true) continue;
            if (name is null) problems.Add($"'{weight.Name}' is missing; the model needs it with shape {Shape(weight.Shape)}");
            else if (!source.ShapeOf(name).AsSpan().SequenceEqual(weight.Shape)) problems.Add($"'{name}' has shape {Shape(source.ShapeOf(name))}; the config needs {Shape(weight.Shape)}");
            else names.Add(weight, name);
        }
        AddUnused(model, source, used, problems, notes);
        if (problems.Count == 0) return names;
        string more = problems.Count > ShownProblems ? $"\n  … and {problems.Count - ShownProblems} more" : "";
        throw new DataException($"{place}: the weights do not fit {model.Config.Family} as config.json describes it ({problems.Count} problem{(problems.Count == 1 ? "" : "s")}):\n  {string.Join("\n  ", problems.Take(ShownProblems))}{more}\n  Check that config.json and the weights belong together.");
    }

    private static string? Find(string name, string prefix, IWeightSource source)
    {
        if (source.Contains(name)) return name;
        return name.StartsWith(prefix, StringComparison.Ordinal) && source.Contains(name[prefix.Length..]) ? name[prefix.Length..] : null;
    }

    /// <summary>Tensors that nobody asked for: inside a block they mean another architecture; elsewhere (another head) they are left aside.</summary>
    private static void AddUnused(TransformerModel model, IWeightSource source, HashSet<string> used, List<string> problems, List<string> notes)
    {
        foreach (string name in source.Names)
        {
            if (used.Contains(name) || model.IsKnownBuffer(name) || (model is LanguageModel { Config.TiedHead: true } && name == "lm_head.weight")) continue;
            if (name.Split('.').Any(part => int.TryParse(part, out _))) problems.Add($"'{name}' {Shape(source.ShapeOf(name))} has no place in the model");
            else notes.Add($"'{name}' {Shape(source.ShapeOf(name))} has no place in the model and was left aside.");
        }
    }

    private static string Shape(long[] shape) => $"[{string.Join(", ", shape)}]";
}
