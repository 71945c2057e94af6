using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Leftover.Pipeline;

/// <summary>Gathers a hash over arrays of numbers, the length of each included.</summary>
internal sealed class RowHash
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public RowHash Add<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        int length = values.Length;
        _hash.AppendData(MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in length)));
        _hash.AppendData(MemoryMarshal.AsBytes(values));
        return this;
    }

    /// <summary>The hash of all that was added, 64 hexadecimal characters.</summary>
    public string End() => Convert.ToHexStringLower(_hash.GetHashAndReset());
}
