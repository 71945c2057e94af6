using System.Collections.Concurrent;

namespace Leftover.Tokenization.Pipeline;

/// <summary>Remembers the ids of words; it stops growing at a fixed number of words, and words long enough to be rare are not kept.</summary>
internal sealed class WordCache
{
    private const int MostWords = 1 << 16;
    private const int LongestWord = 48;

    private readonly ConcurrentDictionary<string, int[]> _ids = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int[]>.AlternateLookup<ReadOnlySpan<char>> _bySpan;
    private int _count;

    public WordCache() => _bySpan = _ids.GetAlternateLookup<ReadOnlySpan<char>>();

    public bool TryGet(ReadOnlySpan<char> word, out int[] ids)
    {
        if (word.Length <= LongestWord && _bySpan.TryGetValue(word, out int[]? found))
        {
            ids = found;
            return true;
        }
        ids = [];
        return false;
    }

    public void Add(ReadOnlySpan<char> word, int[] ids)
    {
        if (word.Length > LongestWord || Volatile.Read(ref _count) >= MostWords) return;
        if (_bySpan.TryAdd(word, ids)) Interlocked.Increment(ref _count);
    }
}
