using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Unicode;
using Leftover.Tensors.Files;

namespace Leftover.Tensors.Safetensors;

/// <summary>The header of a safetensors file: read, and checked against every rule of the format before any data is.</summary>
/// <remarks>
/// Eight bytes of length, little-endian; that many bytes of JSON; then the data, each byte of which belongs to exactly one tensor.
/// A name that occurs twice is an error here, also where the reference reader takes the last.
/// </remarks>
internal sealed class SafetensorsHeader
{
    private const int LengthBytes = 8;
    private const long LargestHeader = 100_000_000;
    private readonly FileBytes _file;
    private readonly long _dataStart;

    public SafetensorsHeader(FileBytes file)
    {
        _file = file;
        byte[] json = ReadJson(out _dataStart);
        if (!Utf8.IsValid(json)) throw Bad("the header is not UTF-8");
        try
        {
            ParseHeader(json);
        }
        catch (JsonException e)
        {
            throw Bad($"the header is not the JSON it should be: {e.Message}", e);
        }
        catch (InvalidOperationException e)     // a string with half a surrogate pair
        {
            throw Bad($"the header has a string that is no text: {e.Message}", e);
        }
        CheckCoverage();
    }

    public Dictionary<string, string> Metadata { get; } = [];

    /// <summary>The tensors, in the order of their bytes.</summary>
    public List<TensorInfo> Tensors { get; } = [];

    private byte[] ReadJson(out long dataStart)
    {
        if (_file.Length < LengthBytes)
            throw Bad($"the file has {_file.Length} bytes; the length of the header alone takes {LengthBytes}");
        Span<byte> lengthField = stackalloc byte[LengthBytes];
        _file.Read(0, lengthField);
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(lengthField);
        if (length > LargestHeader)
            throw Bad($"the header claims {length} bytes; the format allows {LargestHeader}");
        dataStart = LengthBytes + (long)length;
        if (dataStart > _file.Length)
            throw Bad($"the header claims {length} bytes and the file has {_file.Length - LengthBytes} after the length");
        byte[] json = new byte[length];
        _file.Read(LengthBytes, json);
        return json;
    }

    private void ParseHeader(byte[] json)
    {
        HashSet<string> seen = [];
        var reader = new Utf8JsonReader(json);
        Expect(ref reader, JsonTokenType.StartObject, "the header");
        while (NextKey(ref reader) is { } key)
        {
            if (!seen.Add(key)) throw Bad($"the name '{key}' occurs twice in the header");
            reader.Read();
            if (key == "__metadata__") ParseMetadata(ref reader);
            else ParseTensor(ref reader, key);
        }
        while (reader.Read()) { }               // whatever follows the object is an error of the JSON reader's
    }

    private void ParseMetadata(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null) return;
        if (reader.TokenType != JsonTokenType.StartObject) throw Bad("'__metadata__' must be an object of strings");
        while (NextKey(ref reader) is { } key)
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.String) throw Bad($"metadata '{key}' is no string; every value must be one");
            Metadata[key] = reader.GetString()!;
        }
    }

    private void ParseTensor(ref Utf8JsonReader reader, string name)
    {
        if (reader.TokenType != JsonTokenType.StartObject) throw BadTensor(name, "its entry must be an object");
        ElementType? type = null;
        long[]? shape = null, offsets = null;
        while (NextKey(ref reader) is { } field)
        {
            reader.Read();
            bool twice = field switch { "dtype" => type is not null, "shape" => shape is not null, "data_offsets" => offsets is not null, _ => false };
            if (twice) throw BadTensor(name, $"'{field}' occurs twice");
            switch (field)
            {
                case "dtype": type = ParseType(ref reader, name); break;
                case "shape": shape = ParseIntegers(ref reader, name, field); break;
                case "data_offsets": offsets = ParseIntegers(ref reader, name, field); break;
                default: reader.Skip(); break;  // an unknown field is allowed
            }
        }

        string? missing = type is null ? "dtype" : shape is null ? "shape" : offsets is null ? "data_offsets" : null;
        if (missing is not null) throw BadTensor(name, $"'{missing}' is missing");
        if (offsets is not [long begin, long end]) throw BadTensor(name, $"'data_offsets' has {offsets!.Length} numbers; it must have begin and end");
        if (end < begin) throw BadTensor(name, $"its data ends ({end}) before it begins ({begin})");
        if (end > _file.Length - _dataStart)
            throw BadTensor(name, $"its data ends at byte {end} of the data, and the file has {_file.Length - _dataStart}");
        CheckSize(name, type!.Value, shape!, end - begin);
        Tensors.Add(new TensorInfo(name, type.Value, shape!, _dataStart + begin, end - begin));
    }

    private ElementType ParseType(ref Utf8JsonReader reader, string name)
    {
        if (reader.TokenType != JsonTokenType.String) throw BadTensor(name, "'dtype' must be a string");
        string text = reader.GetString()!;
        return ElementCoding.FromName(text) ?? throw BadTensor(name, $"the dtype '{text}' is unknown; known are {ElementCoding.KnownNames}");
    }

    private long[] ParseIntegers(ref Utf8JsonReader reader, string name, string field)
    {
        if (reader.TokenType != JsonTokenType.StartArray) throw BadTensor(name, $"'{field}' must be an array of integers");
        List<long> numbers = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            // Only plain digits: 2.0, 2e0 and "2" are errors in the format.
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long number) || number < 0 || reader.ValueSpan[0] == '-')
                throw BadTensor(name, $"'{field}' holds something other than an integer from 0 to 2^63 - 1");
            numbers.Add(number);
        }
        return [.. numbers];
    }

    private void CheckSize(string name, ElementType type, long[] shape, long bytes)
    {
        UInt128 bits = 1;
        foreach (long size in shape)
        {
            bits *= (ulong)size;
            if (bits > long.MaxValue) throw BadTensor(name, $"the sizes {Show(shape)} multiply to more than 2^63");
        }
        bits *= (uint)ElementCoding.BitsOf(type);
        if (bits != (UInt128)bytes * 8)
            throw BadTensor(name, $"{ElementCoding.NameOf(type)} {Show(shape)} takes {(bits + 7) / 8} bytes, and 'data_offsets' gives it {bytes}");
    }

    private void CheckCoverage()
    {
        Tensors.Sort((a, b) => a.Offset != b.Offset ? a.Offset.CompareTo(b.Offset) : a.Bytes.CompareTo(b.Bytes));
        long next = _dataStart;
        foreach (TensorInfo tensor in Tensors)
        {
            if (tensor.Offset != next)
                throw BadTensor(tensor.Name, $"its data begins at byte {tensor.Offset - _dataStart} of the data and the tensor before it ends at {next - _dataStart}; there must be no hole and no overlap");
            next = tensor.Offset + tensor.Bytes;
        }
        if (next != _file.Length)
            throw Bad($"the tensors take {next - _dataStart} bytes and the file has {_file.Length - _dataStart} after its header");
    }

    private static string? NextKey(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.EndObject ? null : reader.GetString();
    }

    private void Expect(ref Utf8JsonReader reader, JsonTokenType type, string what)
    {
        if (!reader.Read() || reader.TokenType != type) throw Bad($"{what} must be a JSON object");
    }

    private static string Show(long[] shape) => $"[{string.Join(", ", shape)}]";

    private InvalidDataException BadTensor(string name, string problem) => Bad($"tensor '{name}': {problem}");

    private InvalidDataException Bad(string problem, Exception? inner = null) =>
        new($"{_file.Path}: {problem}. The file is damaged or no safetensors file: download or write it again.", inner);
}
