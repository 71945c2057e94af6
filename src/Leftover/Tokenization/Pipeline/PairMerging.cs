namespace Leftover.Tokenization.Pipeline;

/// <summary>Byte-pair encoding proper: merges neighbours, the lowest rank first and the leftmost among equals, until none merge.</summary>
/// <remarks>Sennrich, Haddow &amp; Birch 2016, arXiv:1508.07909, §3.2.</remarks>
internal static class PairMerging
{
    private const int Short = 48;

    /// <summary>Merges in place; returns how many ids are left, at the front of <paramref name="ids"/>.</summary>
    public static int Merge(MergeTable merges, Span<int> ids) => ids.Length <= Short ? MergeShort(merges, ids) : MergeLong(merges, ids);

    // For a word: look for the best pair again and again.
    private static int MergeShort(MergeTable merges, Span<int> ids)
    {
        int count = ids.Length;
        Span<int> ranks = stackalloc int[Short];          // ranks[i]: of ids[i], ids[i + 1]
        Span<int> merged = stackalloc int[Short];
        for (int i = 0; i + 1 < count; i++) ranks[i] = merges.Rank(ids[i], ids[i + 1], out merged[i]);

        while (count > 1)
        {
            int best = 0;
            for (int i = 1; i < count - 1; i++)
                if (ranks[i] < ranks[best]) best = i;
            if (ranks[best] == MergeTable.Never) break;

            ids[best] = merged[best];
            count--;
            ids[(best + 2)..(count + 1)].CopyTo(ids[(best + 1)..]);
            if (best + 1 < count)
            {
                ranks[(best + 2)..count].CopyTo(ranks[(best + 1)..]);
                merged[(best + 2)..count].CopyTo(merged[(best + 1)..]);
                ranks[best] = merges.Rank(ids[best], ids[best + 1], out merged[best]);
            }
            if (best > 0) ranks[best - 1] = merges.Rank(ids[best - 1], ids[best], out merged[best - 1]);
        }
        return count;
    }

    // For text without blanks, which may be very long: a linked list and a heap of (rank, place), so n log n.
    private static int MergeLong(MergeTable merges, Span<int> ids)
    {
        var next = new int[ids.Length];
        var previous = new int[ids.Length];
        var heap = new PriorityQueue<int, long>(ids.Length);
        for (int i = 0; i < ids.Length; i++)
        {
            (previous[i], next[i]) = (i - 1, i + 1);
            if (i + 1 < ids.Length) Offer(i, ids[i], ids[i + 1]);
        }

        while (heap.TryDequeue(out int place, out long key))
        {
            // A pair that has changed since it was offered has been offered again under its new rank.
            int right = next[place];
            if (right < 0 || right >= ids.Length || merges.Rank(ids[place], ids[right], out int id) != (int)(key >> 32)) continue;

            ids[place] = id;
            next[place] = next[right];
            next[right] = -1;
            if (next[place] < ids.Length)
            {
                previous[next[place]] = place;
                Offer(place, id, ids[next[place]]);
            }
            if (previous[place] >= 0) Offer(previous[place], ids[previous[place]], id);
        }

        int count = 0;
        for (int i = 0; i < ids.Length; i = next[i]) ids[count++] = ids[i];
        return count;

        void Offer(int place, int left, int right)
        {
            int rank = merges.Rank(left, right, out _);
            if (rank != MergeTable.Never) heap.Enqueue(place, (long)rank << 32 | (uint)place);
        }
    }
}
