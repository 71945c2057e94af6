using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Leftover.Runs;

/// <summary>Results row by row in one file, each under a hash of all that it depends on: a changed row costs itself alone, an interrupted pass goes on where it stopped.</summary>
/// <remarks>
/// Records are appended: key (32 bytes), length, the floats, a checksum. A torn record at the end, left by a killed process, is
/// cut off on opening. One process at a time writes; others are told which file is in use.
/// </remarks>
public sealed class RowStore : IDisposable
{
    private const int KeyBytes = 32, ChecksumBytes = 8;
    private static readonly byte[] s_magic = "LEFTOVR1"u8.ToArray();

    private readonly FileStream _file;
    private readonly Dictionary<string, float[]> _rows = new(StringComparer.Ordinal);
    private readonly List<string> _added = [];
    private readonly long _opened;

    /// <summary>Opens the store, or creates it.</summary>
    /// <param name="path">The file; its folder is created.</param>
    /// <exception cref="IOException">The file is in use by another run, or is no row store.</exception>
    public RowStore(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        try
        {
            _file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e is not (FileNotFoundException or DirectoryNotFoundException or PathTooLongException))
        {
            throw new IOException($"{path}: the cache file cannot be opened ({e.Message}); another run may be using it. Wait for it to end, or give this run a cache folder of its own.", e);
        }
        ReadAll(path);
        _opened = _file.Position;
    }

    /// <summary>Rows held.</summary>
    public int Count => _rows.Count;

    /// <summary>The key of a row: a hash over what its result depends on.</summary>
    /// <param name="context">What all rows have in common, already hashed: the model, the options.</param>
    /// <param name="ids">The row's own numbers, for example its prompt's and completion's token ids.</param>
    public static string Key(string context, params ReadOnlySpan<int[]> ids)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(context));
        Span<byte> length = stackalloc byte[4];
        foreach (int[] part in ids)
        {
            BinaryPrimitives.WriteInt32LittleEndian(length, part.Length);
            hash.AppendData(length);
            hash.AppendData(MemoryMarshal.AsBytes<int>(part));
        }
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    /// <summary>The key of a row whose result depends on texts.</summary>
    /// <param name="context">What all rows have in common, already hashed.</param>
    /// <param name="texts">The row's own texts.</param>
    public static string TextKey(string context, params ReadOnlySpan<string> texts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(context));
        Span<byte> length = stackalloc byte[4];
        foreach (string text in texts)
        {
            BinaryPrimitives.WriteInt32LittleEndian(length, text.Length);
            hash.AppendData(length);
            hash.AppendData(MemoryMarshal.AsBytes(text.AsSpan()));       // also what is no valid text
        }
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    /// <summary>The result stored under the key, or null.</summary>
    public float[]? Find(string key) => _rows.GetValueOrDefault(key);

    /// <summary>Stores a result; it is on its way to the disk after <see cref="Flush"/>.</summary>
    public void Add(string key, float[] values)
    {
        if (!_rows.TryAdd(key, values)) return;
        byte[] record = new byte[KeyBytes + 4 + values.Length * 4 + ChecksumBytes];
        Convert.FromHexString(key).CopyTo(record, 0);
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(KeyBytes), values.Length);
        MemoryMarshal.AsBytes<float>(values).CopyTo(record.AsSpan(KeyBytes + 4));
        Checksum(record.AsSpan(0, record.Length - ChecksumBytes)).CopyTo(record.AsSpan(record.Length - ChecksumBytes));
        _file.Write(record);
        _added.Add(key);
    }

    /// <summary>Hands what was added to the system, so that it outlives this process.</summary>
    public void Flush() => _file.Flush();

    /// <summary>Takes back what was added since the store was opened.</summary>
    public void Forget()
    {
        foreach (string key in _added) _rows.Remove(key);
        _added.Clear();
        _file.Flush();
        _file.SetLength(_opened);
        _file.Position = _opened;
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void ReadAll(string path)
    {
        if (_file.Length < s_magic.Length)
        {
            _file.SetLength(0);
            _file.Write(s_magic);
            return;
        }
        byte[] magic = new byte[s_magic.Length];
        _file.ReadExactly(magic);
        if (!magic.AsSpan().SequenceEqual(s_magic)) throw new IOException($"{path} is no cache of row results; it was left as it is. Move it away, or name another cache folder.");

        long good = _file.Position;
        byte[] head = new byte[KeyBytes + 4];
        while (_file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length)
        {
            int count = BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(KeyBytes));
            long rest = (long)count * 4 + ChecksumBytes;
            if (count < 0 || _file.Length - _file.Position < rest) break;
            byte[] record = new byte[head.Length + rest];
            head.CopyTo(record, 0);
            _file.ReadExactly(record.AsSpan(head.Length));
            if (!Checksum(record.AsSpan(0, record.Length - ChecksumBytes)).SequenceEqual(record.AsSpan(record.Length - ChecksumBytes))) break;
            float[] values = MemoryMarshal.Cast<byte, float>(record.AsSpan(head.Length, count * 4)).ToArray();
            _rows[Convert.ToHexString(head.AsSpan(0, KeyBytes))] = values;
            good = _file.Position;
        }
        _file.SetLength(good);
        _file.Position = good;
    }

    private static ReadOnlySpan<byte> Checksum(ReadOnlySpan<byte> data) => SHA256.HashData(data).AsSpan(0, ChecksumBytes);
}
