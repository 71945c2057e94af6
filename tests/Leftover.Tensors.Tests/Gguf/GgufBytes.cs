using System.Text;
using Leftover.Tensors.Gguf;

namespace Leftover.Tensors.Tests.Gguf;

/// <summary>Builds a GGUF file by hand, entry by entry.</summary>
internal sealed class GgufBytes
{
    private readonly MemoryStream _entries = new(), _tensors = new(), _data = new();
    private ulong _entryCount, _tensorCount;

    public int Alignment { get; init; } = 32;

    public GgufBytes Entry(string key, uint type, Action<BinaryWriter> value)
    {
        using var writer = new BinaryWriter(_entries, Encoding.UTF8, leaveOpen: true);
        WriteText(writer, key);
        writer.Write(type);
        value(writer);
        _entryCount++;
        return this;
    }

    public GgufBytes Text(string key, string value) => Entry(key, 8, writer => WriteText(writer, value));

    public GgufBytes Tensor(string name, GgmlType type, ulong[] fastestFirst, byte[] data)
    {
        using var writer = new BinaryWriter(_tensors, Encoding.UTF8, leaveOpen: true);
        WriteText(writer, name);
        writer.Write(fastestFirst.Length);
        foreach (ulong size in fastestFirst) writer.Write(size);
        writer.Write((uint)type);
        _data.SetLength((_data.Length + Alignment - 1) / Alignment * Alignment);
        _data.Position = _data.Length;
        writer.Write((ulong)_data.Position);
        _data.Write(data);
        _tensorCount++;
        return this;
    }

    public byte[] ToArray()
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        writer.Write("GGUF"u8);
        writer.Write(3u);
        writer.Write(_tensorCount);
        writer.Write(_entryCount);
        writer.Write(_entries.ToArray());
        writer.Write(_tensors.ToArray());
        while (bytes.Length % Alignment != 0) writer.Write((byte)0);
        writer.Write(_data.ToArray());
        return bytes.ToArray();
    }

    public static void WriteText(BinaryWriter writer, string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        writer.Write((ulong)utf8.Length);
        writer.Write(utf8);
    }
}
