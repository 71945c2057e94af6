using System.Runtime.InteropServices;

namespace Leftover.Tensors.Memory;

/// <summary>Which runs of an address space are free. The lowest that is long enough is taken; neighbours join when they are given back.</summary>
/// <remarks>What is taken follows from the requests alone, so the same requests need the same room, whether memory stands behind it or not.</remarks>
internal sealed class FreeRuns
{
    private readonly List<Run> _runs = [];                  // by their starts; no two touch

    internal readonly record struct Run(long Start, long Length)
    {
        public long End => Start + Length;
    }

    /// <summary>Forgets all runs.</summary>
    public void Clear() => _runs.Clear();

    /// <summary>Takes <paramref name="length"/> from the lowest run that is long enough; false where there is none.</summary>
    public bool TryTake(long length, out long start)
    {
        Span<Run> runs = CollectionsMarshal.AsSpan(_runs);
        for (int i = 0; i < runs.Length; i++)
        {
            if (runs[i].Length < length) continue;
            start = runs[i].Start;
            if (runs[i].Length == length) _runs.RemoveAt(i);
            else runs[i] = new Run(start + length, runs[i].Length - length);
            return true;
        }
        start = 0;
        return false;
    }

    /// <summary>Gives a run back, or adds a new one.</summary>
    public void Give(long start, long length)
    {
        int at = 0;
        for (int end = _runs.Count; at < end;)              // the first run above it
        {
            int middle = (at + end) / 2;
            if (_runs[middle].Start < start) at = middle + 1;
            else end = middle;
        }
        if (at > 0 && _runs[at - 1].End == start)
        {
            (start, length) = (_runs[at - 1].Start, _runs[at - 1].Length + length);
            _runs.RemoveAt(--at);
        }
        if (at < _runs.Count && start + length == _runs[at].Start)
        {
            length += _runs[at].Length;
            _runs.RemoveAt(at);
        }
        _runs.Insert(at, new Run(start, length));
    }

    /// <summary>All runs as they are.</summary>
    public Run[] Snapshot() => [.. _runs];

    /// <summary>Makes the runs those of a snapshot.</summary>
    public void Restore(Run[] snapshot)
    {
        _runs.Clear();
        _runs.AddRange(snapshot);
    }
}
