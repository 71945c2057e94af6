using System.Text.Json;

namespace Leftover.Tensors.Safetensors;

/// <summary>The map of a sharded checkpoint: which file of the folder holds which tensor.</summary>
internal static class ShardIndex
{
    private const long LargestIndex = 100_000_000;

    /// <summary>Reads <c>weight_map</c>: tensor name to file name. <c>total_size</c> and whatever else is there is not relied on.</summary>
    public static Dictionary<string, string> Read(string path)
    {
        if (new FileInfo(path).Length > LargestIndex) throw Bad(path, $"the file is larger than {LargestIndex} bytes");
        try
        {
            return Parse(path, File.ReadAllBytes(path));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw Bad(path, $"it is not the JSON it should be: {e.Message}", e);
        }
    }

    private static Dictionary<string, string> Parse(string path, ReadOnlySpan<byte> json)
    {
        Dictionary<string, string>? map = null;
        var reader = new Utf8JsonReader(json);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) throw Bad(path, "it must be a JSON object");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            bool isMap = reader.ValueTextEquals("weight_map"u8);
            reader.Read();
            if (!isMap) reader.Skip();
            else if (map is not null) throw Bad(path, "'weight_map' occurs twice");
            else map = ParseMap(path, ref reader);
        }
        while (reader.Read()) { }               // whatever follows the object is an error of the JSON reader's
        return map ?? throw Bad(path, "'weight_map' is missing");
    }

    private static Dictionary<string, string> ParseMap(string path, ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject) throw Bad(path, "'weight_map' must be an object");
        Dictionary<string, string> map = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            string name = reader.GetString()!;
            reader.Read();
            if (reader.TokenType != JsonTokenType.String) throw Bad(path, $"the shard of '{name}' must be a file name");
            string shard = reader.GetString()!;
            if (!StaysInside(shard)) throw Bad(path, $"the shard of '{name}' is '{shard}', which leads out of the folder; a shard lies beside its index");
            if (!map.TryAdd(name, shard)) throw Bad(path, $"the tensor '{name}' occurs twice in 'weight_map'");
        }
        return map;
    }

    // Links inside the folder may point anywhere (download caches are made of them); names in the index may not.
    private static bool StaysInside(string shard) =>
        shard.Length > 0 && !Path.IsPathRooted(shard) && shard.IndexOfAny(['\\', ':', '\0']) < 0 && !shard.Split('/').Any(part => part is ".." or "." or "");

    private static InvalidDataException Bad(string path, string problem, Exception? inner = null) =>
        new($"{path}: {problem}. The index is damaged: download or write the model again.", inner);
}
