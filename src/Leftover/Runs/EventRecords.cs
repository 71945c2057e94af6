using System.Buffers.Binary;
using System.Numerics;

namespace Leftover.Runs;

/// <summary>The frame of TensorBoard's event files: length, its checksum, the bytes, their checksum; numbers are little-endian.</summary>
internal static class EventRecords
{
    private const int HeaderBytes = sizeof(ulong) + sizeof(uint);

    /// <summary>CRC-32C (Castagnoli) of some bytes.</summary>
    public static uint Crc32C(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in bytes) crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }

    /// <summary>The checksum as it is stored: turned by 15 bits, plus a constant, so that a checksum of checksums is not trivial.</summary>
    public static uint MaskedCrc(ReadOnlySpan<byte> bytes) => BitOperations.RotateRight(Crc32C(bytes), 15) + 0xA282EAD8;

    /// <summary>A record of some bytes.</summary>
    public static byte[] Frame(ReadOnlySpan<byte> content)
    {
        byte[] record = new byte[HeaderBytes + content.Length + sizeof(uint)];
        BinaryPrimitives.WriteUInt64LittleEndian(record, (ulong)content.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(sizeof(ulong)), MaskedCrc(record.AsSpan(0, sizeof(ulong))));
        content.CopyTo(record.AsSpan(HeaderBytes));
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(HeaderBytes + content.Length), MaskedCrc(content));
        return record;
    }

    /// <summary>The whole records at the start of some bytes, each with the place where it ends; a torn or damaged one ends the list.</summary>
    public static IEnumerable<(ReadOnlyMemory<byte> Content, int End)> Read(ReadOnlyMemory<byte> bytes)
    {
        int position = 0;
        while (bytes.Length - position >= HeaderBytes + sizeof(uint))
        {
            ReadOnlyMemory<byte> rest = bytes[position..];
            ulong length = BinaryPrimitives.ReadUInt64LittleEndian(rest.Span);
            if (BinaryPrimitives.ReadUInt32LittleEndian(rest.Span[sizeof(ulong)..]) != MaskedCrc(rest.Span[..sizeof(ulong)])) yield break;
            if (length > (ulong)(rest.Length - HeaderBytes - sizeof(uint))) yield break;

            ReadOnlyMemory<byte> content = rest.Slice(HeaderBytes, (int)length);
            if (BinaryPrimitives.ReadUInt32LittleEndian(rest.Span[(HeaderBytes + (int)length)..]) != MaskedCrc(content.Span)) yield break;
            position += HeaderBytes + (int)length + sizeof(uint);
            yield return (content, position);
        }
    }
}
