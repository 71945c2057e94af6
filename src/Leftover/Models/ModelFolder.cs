using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Leftover.Data;
using Leftover.Tensors;
using Leftover.Tensors.Safetensors;
using Leftover.Tokenization;

namespace Leftover.Models;

/// <summary>Writes a model's folder as Hugging Face lays it out: config.json, generation_config.json, model.safetensors, the tokenizer's files.</summary>
public static class ModelFolder
{
    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the folder whole, or leaves what was there: under a temporary name first, then renamed.</summary>
    /// <param name="model">The model. Keys of the config.json it came with are kept, known or not.</param>
    /// <param name="folder">The folder; a model's folder of that name is replaced.</param>
    /// <param name="tokenizer">The model's tokenizer, or null to write none.</param>
    /// <param name="type">How weights are stored: F32, BF16 or F16.</param>
    /// <param name="more">Writes further files into the folder it is given (a model card), before the rename.</param>
    /// <exception cref="DataException">The name is taken by something that is no model's folder.</exception>
    /// <exception cref="IOException">The disk is full, or the folder cannot be written.</exception>
    public static void Save(TransformerModel model, string folder, Tokenizer? tokenizer = null, ElementType type = ElementType.F32, Action<string>? more = null)
    {
        if (tokenizer is not null) model.CheckVocabulary(tokenizer);
        string target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)), temporary = target + ".tmp", old = target + ".old";
        if (File.Exists(target) || (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any() && !File.Exists(Path.Combine(target, "config.json"))))
            throw new DataException($"{folder} exists and is no model's folder (it has no config.json); it is not replaced. Choose another name.");
        Remove(temporary);
        Directory.CreateDirectory(temporary);
        try
        {
            tokenizer?.Save(temporary);
            WriteJson(Path.Combine(temporary, "config.json"), ConfigOf(model, type));
            if (model is LanguageModel && GenerationConfigOf(model) is { Count: > 0 } generation) WriteJson(Path.Combine(temporary, "generation_config.json"), generation);
            WriteWeights(model.Weights, Path.Combine(temporary, "model.safetensors"), type);
            more?.Invoke(temporary);
        }
        catch
        {
            Remove(temporary);
            throw;
        }
        Remove(old);
        if (Directory.Exists(target)) Directory.Move(target, old);
        Directory.Move(temporary, target);
        Remove(old);
    }

    /// <summary>The config.json of a model that is stored in this type.</summary>
    internal static JsonObject ConfigOf(TransformerModel model, ElementType type)
    {
        var config = (JsonObject)model.ConfigJson.DeepClone();
        string name = type switch { ElementType.BF16 => "bfloat16", ElementType.F16 => "float16", _ => "float32" };
        config.Remove("_name_or_path");                                 // where it once came from, which this no longer is
        config[config.ContainsKey("torch_dtype") ? "torch_dtype" : "dtype"] = name;
        return config;
    }

    /// <summary>The generation_config.json that came with a model, or the special tokens of its config.</summary>
    private static JsonObject GenerationConfigOf(TransformerModel model)
    {
        if (model.GenerationConfigJson is { } own) return own;
        string[] names = ["bos_token_id", "eos_token_id", "pad_token_id"];
        return new JsonObject(names.Where(name => model.ConfigJson[name] is not null).Select(name => KeyValuePair.Create(name, (JsonNode?)model.ConfigJson[name]!.DeepClone())));
    }

    private static unsafe void WriteWeights(WeightSet weights, string path, ElementType type) =>
        SafetensorsWriter.Write(path, weights.Weights.Where(weight => !weight.IsBeside).Select(weight => TensorToWrite.From(weight.Name, weight.Shape, weight.Tensor.Pointer, type)));

    private static void WriteJson(string path, JsonObject json) => File.WriteAllText(path, json.ToJsonString(s_json) + "\n");

    private static void Remove(string folder)
    {
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }
}
