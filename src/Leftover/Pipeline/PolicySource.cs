using Leftover.Models;
using Leftover.Tokenization;

namespace Leftover.Pipeline;

/// <summary>A model on disk, and a hash of everything about it that changes its answers.</summary>
/// <param name="Path">Its folder or file.</param>
/// <param name="Hash">Hash of its weights and config.</param>
public sealed record PolicySource(string Path, string Hash)
{
    private static readonly string[] s_parts = ["*.safetensors", "*.safetensors.index.json", "*.gguf", "config.json"];

    /// <summary>The source of a folder or GGUF file.</summary>
    public static PolicySource Of(string path)
    {
        IEnumerable<string> files = Directory.Exists(path)
            ? s_parts.SelectMany(pattern => Directory.EnumerateFiles(path, pattern)).Order(StringComparer.Ordinal)
            : File.Exists(path) ? [path] : [];
        return new PolicySource(path, HashOf(path, files));
    }

    /// <summary>Loads the model.</summary>
    public LanguageModel Load(bool trainable, bool valueHead = false) => LanguageModel.Load(Path, trainable, valueHead);

    /// <summary>The longest sequence it reads, in tokens.</summary>
    public int ContextLength() => Config().ContextLength;

    /// <summary>The model's shape; no weight is read.</summary>
    public ModelConfig Config()
    {
        using Checkpoint checkpoint = Checkpoint.Open(Path);
        return ModelConfig.Parse(checkpoint.Config, checkpoint.ConfigPlace);
    }

    private static string HashOf(string path, IEnumerable<string> files)
    {
        string[] all = [.. files];
        if (all.Length == 0) LanguageModel.Load(path).Dispose();            // says what is wrong
        return Runs.ContentHash.Key(all.Select(file => KeyValuePair.Create(System.IO.Path.GetFileName(file), Runs.ContentHash.OfFile(file))));
    }
}

/// <summary>A tokenizer, its template and a hash of both: how text becomes token ids.</summary>
/// <param name="Tokenizer">The tokenizer.</param>
/// <param name="Template">How a conversation is written out.</param>
/// <param name="Hash">Hash of the tokenizer's files and the template's name.</param>
public sealed record TextCoding(Tokenizer Tokenizer, PromptTemplate Template, string Hash);
