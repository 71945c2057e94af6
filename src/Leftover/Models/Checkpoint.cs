using System.Text.Json;
using System.Text.Json.Nodes;
using Leftover.Data;
using Leftover.Models.Gguf;
using Leftover.Tensors;
using Leftover.Tensors.Gguf;
using Leftover.Tensors.Safetensors;

namespace Leftover.Models;

/// <summary>A model on disk, opened: its config and its tensors under Hugging Face's names, whatever the files are.</summary>
internal sealed class Checkpoint : IDisposable
{
    private readonly IDisposable _file;

    private Checkpoint(string path, JsonObject config, string configPlace, IWeightSource weights, IDisposable file)
    {
        (Path, Config, ConfigPlace, Weights, _file) = (path, config, configPlace, weights, file);
    }

    /// <summary>The folder or file that holds the weights.</summary>
    public string Path { get; }

    /// <summary>The model's config.json, or the same out of a GGUF file's metadata.</summary>
    public JsonObject Config { get; }

    /// <summary>Where <see cref="Config"/> stands.</summary>
    public string ConfigPlace { get; }

    /// <summary>The generation_config.json, or null.</summary>
    public JsonObject? GenerationConfig { get; private init; }

    /// <summary>The tensors.</summary>
    public IWeightSource Weights { get; }

    /// <summary>Opens a folder in Hugging Face layout, a GGUF file, or a folder whose only weights are one GGUF file.</summary>
    /// <exception cref="DataException">There is nothing that can be read.</exception>
    /// <exception cref="InvalidDataException">A weight file is broken.</exception>
    public static Checkpoint Open(string path)
    {
        if (File.Exists(path) && path.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase)) return OpenGguf(path, null);
        if (File.Exists(path)) throw new DataException($"{path} is a file; a model is a folder with config.json and model.safetensors, or a .gguf file.");
        if (!Directory.Exists(path)) throw new DataException($"{path}: there is no such folder or file. A model is a folder with config.json and model.safetensors, or a .gguf file; nothing is downloaded.");
        if (SafetensorsFolder.HasWeights(path)) return OpenFolder(path);

        string[] ggufs = [.. Directory.EnumerateFiles(path, "*.gguf").Order(StringComparer.Ordinal)];
        if (ggufs.Length == 1) return OpenGguf(ggufs[0], path);
        if (ggufs.Length > 1) throw new DataException($"{path} holds {ggufs.Length} GGUF files ({string.Join(", ", ggufs.Select(System.IO.Path.GetFileName))}); name one of them.");
        string pickled = Directory.EnumerateFiles(path, "*.bin").Any() ? " It holds .bin files, which are Python pickles and are not read: convert them to safetensors first." : "";
        throw new DataException($"{path} holds no weights; it must hold model.safetensors (or shards with an index), or one .gguf file.{pickled}");
    }

    private static Checkpoint OpenFolder(string folder)
    {
        string place = System.IO.Path.Combine(folder, "config.json");
        JsonObject config = ReadJson(place) ?? throw new DataException($"{place} is missing; it tells the architecture of the weights beside it.");
        SafetensorsFolder weights = SafetensorsFolder.Open(folder);
        return new Checkpoint(folder, config, place, weights, weights) { GenerationConfig = ReadJson(System.IO.Path.Combine(folder, "generation_config.json")) };
    }

    /// <summary>Opens a GGUF file; the config is the <paramref name="folder"/>'s where there is one, else the file's own metadata.</summary>
    private static Checkpoint OpenGguf(string file, string? folder)
    {
        GgufFile gguf = GgufFile.Open(file);
        try
        {
            string place = folder is null ? file : System.IO.Path.Combine(folder, "config.json");
            JsonObject? config = folder is null ? null : ReadJson(place);
            if (config is null) (config, place) = (GgufConfig.Read(gguf), file);
            JsonObject? generation = folder is null ? null : ReadJson(System.IO.Path.Combine(folder, "generation_config.json"));
            return new Checkpoint(file, config, place, new GgufWeights(gguf, config), gguf) { GenerationConfig = generation };
        }
        catch
        {
            gguf.Dispose();
            throw;
        }
    }

    /// <summary>A JSON file's object; null where there is no such file.</summary>
    public static JsonObject? ReadJson(string path)
    {
        if (!File.Exists(path)) return null;
        try
        {
            var options = new JsonDocumentOptions { AllowDuplicateProperties = false };
            return JsonNode.Parse(File.ReadAllText(path), null, options) as JsonObject ?? throw new DataException($"{path} is no JSON object; it must be one, {{ … }}.");
        }
        catch (JsonException broken)
        {
            throw new DataException($"{path} is no valid JSON: {broken.Message}", broken);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
