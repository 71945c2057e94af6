using System.Numerics;

namespace Leftover.Tokenization.Pipeline;

/// <summary>Which neighbours merge, how early, and into what: a hash table from a pair of ids to a rank and an id.</summary>
internal sealed class MergeTable
{
    /// <summary>The rank of a pair that does not merge.</summary>
    public const int Never = int.MaxValue;

    private const ulong Empty = ulong.MaxValue;
    private readonly ulong[] _pairs;
    private readonly (int Rank, int Id)[] _merges;
    private readonly int _shift;

    public MergeTable(int capacity)
    {
        int size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(4, capacity * 2L));
        _pairs = new ulong[size];
        _pairs.AsSpan().Fill(Empty);
        _merges = new (int, int)[size];
        _shift = 64 - BitOperations.Log2((uint)size);
    }

    /// <summary>Adds a merge; a pair that is known keeps its first one.</summary>
    public void Add(int left, int right, int rank, int id)
    {
        int slot = Find(left, right);
        if (_pairs[slot] != Empty) return;
        _pairs[slot] = Pair(left, right);
        _merges[slot] = (rank, id);
    }

    /// <summary>The rank of a pair (<see cref="Never"/> where it does not merge), and the id it becomes.</summary>
    public int Rank(int left, int right, out int id)
    {
        int slot = Find(left, right);
        (int rank, id) = _merges[slot];
        return _pairs[slot] == Empty ? Never : rank;
    }

    private int Find(int left, int right)
    {
        ulong pair = Pair(left, right);
        int slot = (int)(pair * 0x9E3779B97F4A7C15 >> _shift);
        while (_pairs[slot] != pair && _pairs[slot] != Empty) slot = (slot + 1) & (_pairs.Length - 1);
        return slot;
    }

    private static ulong Pair(int left, int right) => (ulong)(uint)left << 32 | (uint)right;
}
