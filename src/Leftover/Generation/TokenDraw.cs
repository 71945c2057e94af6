using System.Numerics.Tensors;

namespace Leftover.Generation;

/// <summary>Finds the token that a uniform number falls on.</summary>
internal static class TokenDraw
{
    private const int Chunk = 1024;

    /// <summary>A token of the whole vocabulary, each as often as its share says.</summary>
    /// <param name="shares">Numbers in the ratio of the probabilities, [V]; their sum is above 0.</param>
    /// <param name="point">In [0, 1).</param>
    public static int FromAll(ReadOnlySpan<float> shares, double point)
    {
        // Chunks are summed first, and then only one of them is walked through.
        Span<double> sums = stackalloc double[Math.Min(1024, shares.Length / Chunk + 1)];
        int size = (shares.Length + sums.Length - 1) / sums.Length;
        double total = 0;
        int chunks = 0;
        for (int start = 0; start < shares.Length; start += size) total += sums[chunks++] = TensorPrimitives.Sum(shares.Slice(start, Math.Min(size, shares.Length - start)));

        double left = point * total;
        int chosen = -1;
        for (int chunk = 0; chunk < chunks; chunk++)
        {
            if (sums[chunk] == 0) continue;
            if (chosen >= 0) left -= sums[chosen];
            chosen = chunk;
            if (left < sums[chunk]) break;
        }
        int first = chosen * size, last = first;
        double sum = 0;
        for (int token = first; token < Math.Min(shares.Length, first + size); token++)
        {
            if (shares[token] == 0) continue;
            sum += shares[token];
            last = token;
            if (sum > left) break;
        }
        return last;
    }

    /// <summary>One of some tokens, each as often as its share says.</summary>
    /// <param name="shares">Numbers in the ratio of the probabilities, [V].</param>
    /// <param name="ids">The tokens; the sum of their shares is above 0.</param>
    /// <param name="point">In [0, 1).</param>
    public static int FromSome(ReadOnlySpan<float> shares, ReadOnlySpan<int> ids, double point)
    {
        double total = 0, sum = 0;
        foreach (int id in ids) total += shares[id];
        int last = ids[0];
        foreach (int id in ids)
        {
            if (shares[id] == 0) continue;
            sum += shares[id];
            last = id;
            if (sum > point * total) break;
        }
        return last;
    }
}
