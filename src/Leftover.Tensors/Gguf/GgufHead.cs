using System.Buffers.Binary;
using System.Numerics;
using Leftover.Tensors.Files;

namespace Leftover.Tensors.Gguf;

/// <summary>A GGUF file's head: magic, version, counts, metadata and the list of tensors, each checked before it is believed.</summary>
internal sealed class GgufHead
{
    private const uint Magic = 0x46554747;      // "GGUF"
    private const int DefaultAlignment = 32;
    private const int MostDimensions = 4;
    private const int SmallestEntry = 8 + 4 + 1;             // key length, value type, one byte of value
    private const int SmallestTensor = 8 + 4 + 4 + 8;        // name length, dimension count, type, offset
    private readonly GgufCursor _cursor;
    private readonly FileBytes _file;

    public GgufHead(FileBytes file)
    {
        _file = file;
        _cursor = new GgufCursor(file);
        Version = ReadVersion();
        int tensorCount = _cursor.Count("the number of tensors", SmallestTensor);
        int entryCount = _cursor.Count("the number of metadata entries", SmallestEntry);
        for (int i = 0; i < entryCount; i++) ReadEntry(i);
        Alignment = FindAlignment();
        for (int i = 0; i < tensorCount; i++) Tensors.Add(ReadTensor(i));
        PlaceTensors();
    }

    public int Version { get; }
    public int Alignment { get; }
    public Dictionary<string, object> Metadata { get; } = [];
    public List<GgufTensorInfo> Tensors { get; } = [];

    private int ReadVersion()
    {
        uint magic = _cursor.U32("the magic number");
        if (magic != Magic) throw _cursor.Bad(0, "the file does not start with \"GGUF\"");
        uint version = _cursor.U32("the version");
        if (version is 2 or 3) return (int)version;
        if (BinaryPrimitives.ReverseEndianness(version) is 2 or 3)
            throw _cursor.Bad(4, "the file is big-endian, and little-endian is needed");
        throw _cursor.Bad(4, $"the version is {version}; 2 and 3 are read");
    }

    private void ReadEntry(int index)
    {
        long start = _cursor.Position;
        string key = _cursor.Name($"the key of metadata entry {index}");
        uint type = _cursor.U32($"the type of '{key}'");
        if (!Metadata.TryAdd(key, GgufMetadata.ReadValue(_cursor, type, key)))
            throw _cursor.Bad(start, $"the metadata key '{key}' occurs twice");
    }

    private int FindAlignment()
    {
        if (!Metadata.TryGetValue("general.alignment", out object? value)) return DefaultAlignment;
        if (value is not uint alignment || !BitOperations.IsPow2(alignment) || alignment > int.MaxValue)
            throw _cursor.Bad(_cursor.Position, $"'general.alignment' is {value}; it must be a UINT32 and a power of two");
        return (int)alignment;
    }

    /// <summary>One entry of the list; its offset still counts from the start of the data part.</summary>
    private GgufTensorInfo ReadTensor(int index)
    {
        long start = _cursor.Position;
        string name = _cursor.Name($"the name of tensor {index}");
        uint dimensions = _cursor.U32($"the dimension count of '{name}'");
        if (dimensions > MostDimensions) throw BadTensor(start, name, $"it has {dimensions} dimensions; the format allows {MostDimensions}");
        long[] shape = new long[dimensions];
        UInt128 count = 1;
        for (int d = shape.Length - 1; d >= 0; d--)          // the file lists the fastest dimension first
        {
            ulong size = _cursor.U64($"the sizes of '{name}'");
            count *= size;
            if (size > long.MaxValue || count > long.MaxValue) throw BadTensor(start, name, "its sizes multiply to more than 2^63");
            shape[d] = (long)size;
        }
        var type = (GgmlType)_cursor.U32($"the type of '{name}'");
        GgmlCoding coding = GgmlCoding.Of(type) ?? throw BadTensor(start, name, $"its type {(uint)type} is unknown or no longer exists");
        long row = shape.Length == 0 ? 1 : shape[^1];
        if (row % coding.BlockValues != 0)
            throw BadTensor(start, name, $"its rows have {row} values, and {type} stores blocks of {coding.BlockValues}");

        ulong offset = _cursor.U64($"the offset of '{name}'");
        UInt128 bytes = count / (uint)coding.BlockValues * (uint)coding.BlockBytes;
        if (offset % (uint)Alignment != 0) throw BadTensor(start, name, $"its offset {offset} is no multiple of the alignment {Alignment}");
        if (bytes > (ulong)_file.Length || offset > (ulong)_file.Length)
            throw BadTensor(start, name, $"it takes {bytes} bytes from offset {offset}, and the whole file has {_file.Length}");
        return new GgufTensorInfo(name, type, shape, (long)offset, (long)bytes);
    }

    /// <summary>Turns offsets into places in the file; no tensor may run past the end, into another, or share its name.</summary>
    private void PlaceTensors()
    {
        long dataStart = (_cursor.Position + Alignment - 1) / Alignment * Alignment;
        HashSet<string> seen = [];
        for (int i = 0; i < Tensors.Count; i++)
        {
            GgufTensorInfo tensor = Tensors[i];
            if (!seen.Add(tensor.Name)) throw BadTensor(_cursor.Position, tensor.Name, "the name occurs twice");
            long place = dataStart + tensor.Offset;
            if (place + tensor.Bytes > _file.Length)
                throw BadTensor(place, tensor.Name, $"its {tensor.Bytes} bytes end at {place + tensor.Bytes}, and the file at {_file.Length}");
            Tensors[i] = tensor with { Offset = place };
        }

        GgufTensorInfo? before = null;
        foreach (GgufTensorInfo tensor in Tensors.OrderBy(tensor => tensor.Offset).ThenBy(tensor => tensor.Bytes))
        {
            if (before is not null && before.Offset + before.Bytes > tensor.Offset)
                throw BadTensor(tensor.Offset, tensor.Name, $"its bytes overlap those of '{before.Name}'");
            before = tensor;
        }
    }

    private InvalidDataException BadTensor(long place, string name, string problem) => _cursor.Bad(place, $"tensor '{name}': {problem}");
}
