using System.Buffers;
using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Leftover.Tensors.Files;

namespace Leftover.Tensors.Safetensors;

/// <summary>Writes safetensors files: the same tensors and metadata give the same bytes, and those are the reference writer's.</summary>
/// <remarks>Wide types come first and within a type the names in the order of their UTF-8 bytes, so all data is aligned; the header is filled with blanks to a multiple of 8.</remarks>
public static class SafetensorsWriter
{
    private const int HeaderAlignment = 8;
    private const int LargestHeader = 100_000_000;
    private const int PieceValues = 64 * 1024;
    private const float FirstInfiniteF16 = 65520;
    private static readonly Dictionary<string, string> s_defaultMetadata = new() { ["format"] = "pt" };
    private static readonly Comparer<byte[]> s_byBytes = Comparer<byte[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b));

    /// <summary>Writes the file whole, or leaves what was there: under a temporary name first, to the disk, then renamed.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="tensors">The tensors, in any order.</param>
    /// <param name="metadata">The file's texts; <c>format: pt</c>, which loaders elsewhere ask for, where it is null.</param>
    /// <exception cref="ArgumentException">Two tensors have one name, or a finite value has no place in F16.</exception>
    /// <exception cref="IOException">The disk is full (the message says how much is needed), or the file cannot be written.</exception>
    public static void Write(string path, IEnumerable<TensorToWrite> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        TensorToWrite[] inOrder = [.. tensors.OrderByDescending(tensor => tensor.Type).ThenBy(tensor => Encoding.UTF8.GetBytes(tensor.Name), s_byBytes)];
        HashSet<string> seen = [];
        foreach (TensorToWrite tensor in inOrder)
            if (!seen.Add(tensor.Name)) throw new ArgumentException($"{path}: two tensors have the name '{tensor.Name}'.", nameof(tensors));

        byte[] header = Header(inOrder, metadata ?? s_defaultMetadata);
        long bytes = header.Length + inOrder.Sum(BytesOf);
        FileReplacement.Write(path, stream =>
        {
            stream.Write(header);
            foreach (TensorToWrite tensor in inOrder) WriteValues(stream, tensor);
        }, bytes);
    }

    private static long BytesOf(TensorToWrite tensor) => tensor.Count * (ElementCoding.BitsOf(tensor.Type) / 8);

    /// <summary>The length field and the JSON after it.</summary>
    private static byte[] Header(TensorToWrite[] tensors, IReadOnlyDictionary<string, string> metadata)
    {
        var bytes = new ArrayBufferWriter<byte>();
        bytes.Advance(WriteLength(bytes.GetSpan(HeaderAlignment), 0));
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            if (metadata.Count > 0)
            {
                json.WriteStartObject("__metadata__");
                foreach ((string key, string value) in metadata.OrderBy(entry => entry.Key, StringComparer.Ordinal)) json.WriteString(key, value);
                json.WriteEndObject();
            }
            long offset = 0;
            foreach (TensorToWrite tensor in tensors)
            {
                json.WriteStartObject(tensor.Name);
                json.WriteString("dtype", ElementCoding.NameOf(tensor.Type));
                json.WriteStartArray("shape");
                foreach (long size in tensor.Shape) json.WriteNumberValue(size);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset += BytesOf(tensor));
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        while (bytes.WrittenCount % HeaderAlignment != 0) bytes.Write(" "u8);
        if (bytes.WrittenCount - HeaderAlignment > LargestHeader)
            throw new ArgumentException($"{tensors.Length} tensors need a header of {bytes.WrittenCount} bytes; the format allows {LargestHeader}. Write fewer tensors to a file.", nameof(tensors));
        byte[] header = bytes.WrittenSpan.ToArray();
        WriteLength(header, header.Length - HeaderAlignment);
        return header;
    }

    private static int WriteLength(Span<byte> destination, long length)
    {
        BinaryPrimitives.WriteInt64LittleEndian(destination, length);
        return sizeof(long);
    }

    private static void WriteValues(Stream stream, TensorToWrite tensor)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(PieceValues * sizeof(float));
        try
        {
            for (long start = 0; start < tensor.Count; start += PieceValues)
            {
                int count = (int)Math.Min(PieceValues, tensor.Count - start);
                if (tensor.Type == ElementType.I64)
                {
                    stream.Write(MemoryMarshal.AsBytes(tensor.Integers(start, count)));
                    continue;
                }
                ReadOnlySpan<float> values = tensor.Floats(start, count);
                Span<byte> stored = buffer.AsSpan(0, count * ElementCoding.BitsOf(tensor.Type) / 8);
                if (tensor.Type == ElementType.F16) CheckFitsF16(tensor, values, start);
                Encode(tensor.Type, values, stored);
                stream.Write(stored);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static void Encode(ElementType type, ReadOnlySpan<float> values, Span<byte> stored)
    {
        switch (type)
        {
            case ElementType.F16: Narrowing.F16(values, stored); break;
            case ElementType.BF16: Narrowing.BF16(values, stored); break;
            default: Narrowing.F32(values, stored); break;
        }
    }

    private static void CheckFitsF16(TensorToWrite tensor, ReadOnlySpan<float> values, long start)
    {
        if (MathF.Abs(TensorPrimitives.MaxMagnitude(values)) < FirstInfiniteF16) return;     // not so for NaN
        for (int i = 0; i < values.Length; i++)
            if (float.IsFinite(values[i]) && MathF.Abs(values[i]) >= FirstInfiniteF16)
                throw new ArgumentException($"Tensor '{tensor.Name}': value {start + i} is {values[i]}, which F16 cannot hold (its largest is 65504). Write BF16 or F32.", nameof(tensor));
    }
}
