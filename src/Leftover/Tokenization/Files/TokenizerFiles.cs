using System.IO.Compression;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Leftover.Data;

namespace Leftover.Tokenization.Files;

/// <summary>The files of a tokenizer's folder.</summary>
internal static class TokenizerFiles
{
    private const int MostBytes = 1 << 30;

    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The path of the first of these files that is there, plain or with ".gz" behind its name; or null.</summary>
    public static string? Find(string folder, params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            string path = Path.Combine(folder, name);
            if (File.Exists(path)) return path;
            if (File.Exists(path + ".gz")) return path + ".gz";
        }
        return null;
    }

    /// <summary>A file's bytes, unpacked where its name ends in ".gz".</summary>
    public static byte[] ReadBytes(string path)
    {
        try
        {
            using Stream file = File.OpenRead(path);
            using Stream stream = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionMode.Decompress) : file;
            using var bytes = new MemoryStream();
            var buffer = new byte[1 << 16];
            for (int read; (read = stream.Read(buffer)) > 0;)
            {
                if (bytes.Length + read > MostBytes) throw new DataException($"{path}: holds more than {MostBytes >> 20} MB; no tokenizer file is that large.");
                bytes.Write(buffer, 0, read);
            }
            return bytes.ToArray();
        }
        catch (InvalidDataException error)
        {
            throw new DataException($"{path}: not a whole gzip file: {error.Message} Copy or download it again.", error);
        }
    }

    /// <summary>A file's text, which must be UTF-8.</summary>
    public static string ReadText(string path)
    {
        byte[] bytes = ReadBytes(path);
        ReadOnlySpan<byte> content = bytes.AsSpan().StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]) ? bytes.AsSpan(3) : bytes;
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(content);
        }
        catch (DecoderFallbackException error)
        {
            throw new DataException($"{path}: byte {error.Index} is not UTF-8. The file may be damaged; copy or download it again.", error);
        }
    }

    /// <summary>Writes tokenizer.json and the files beside it.</summary>
    public static void Write(string folder, string tokenizerJson, TokenizerSettings settings)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), tokenizerJson);
        File.WriteAllText(Path.Combine(folder, "tokenizer_config.json"), ConfigOf(settings).ToJsonString(s_indented));
        File.WriteAllText(Path.Combine(folder, "special_tokens_map.json"), SpecialTokensOf(settings).ToJsonString(s_indented));

        string template = Path.Combine(folder, "chat_template.jinja");
        if (settings.ChatTemplate is { } source) File.WriteAllText(template, source);
        else File.Delete(template);
    }

    private static JsonObject ConfigOf(TokenizerSettings settings)
    {
        var config = (JsonObject?)settings.Config?.DeepClone() ?? new JsonObject { ["tokenizer_class"] = "PreTrainedTokenizerFast", ["clean_up_tokenization_spaces"] = false };
        config.Remove("chat_template");          // it is written to its own file, which wins anyway
        foreach ((string name, string? token) in Named(settings))
            if (token is not null && !config.ContainsKey(name)) config[name] = token;
        return config;
    }

    private static JsonObject SpecialTokensOf(TokenizerSettings settings)
    {
        if (settings.SpecialTokensMap is { } map) return (JsonObject)map.DeepClone();
        var tokens = new JsonObject();
        foreach ((string name, string? token) in Named(settings))
            if (token is not null) tokens[name] = token;
        return tokens;
    }

    private static (string Name, string? Token)[] Named(TokenizerSettings settings) =>
        [("bos_token", settings.BeginOfSequence), ("eos_token", settings.EndOfSequence), ("unk_token", settings.Unknown), ("pad_token", settings.Pad)];
}
