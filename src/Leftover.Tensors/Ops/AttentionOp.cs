using Leftover.Tensors.Kernels;
using Leftover.Tensors.Memory;

namespace Leftover.Tensors;

/// <summary>y = softmax(scale · q·kᵀ)·v in chunks of queries, each a unit of work; no matrix of scores is held.</summary>
internal abstract unsafe class AttentionOp(AttentionOperands x) : Op(x.Q, x.K, x.V)
{
    public override (int Rows, int Columns) Shape => (x.Q.Rows, x.Shape.QueryColumns);

    /// <summary>What a segment sees of one head of keys, and how many of those tokens come before its first.</summary>
    protected abstract VisibleKeys KeysOf(int segment, int head, out int before);

    /// <summary>The rows of the segments that <paramref name="chosen"/> picks, in chunks, those with the most keys first within each segment.</summary>
    /// <param name="chosen">Which segments.</param>
    /// <param name="logSumExp">Where ln Σ e^score of each row and head goes, [N, Heads]; or null.</param>
    protected void ForwardChunks(Func<Segment, bool> chosen, float* logSumExp)
    {
        int queries = AttentionKernel.ChunkQueries(x.Group), chunks = 0;
        foreach (Segment segment in x.Layout.Segments)
            if (chosen(segment)) chunks += (segment.Length + queries - 1) / queries;
        Block table = Block.Rent(2 * chunks);
        int* entries = (int*)table.Pointer, entry = entries;
        for (int s = 0; s < x.Layout.Segments.Length; s++)
        {
            int length = chosen(x.Layout.Segments[s]) ? x.Layout.Segments[s].Length : 0;
            for (int first = (length + queries - 1) / queries * queries - queries; first >= 0; first -= queries)
            {
                *entry++ = s;
                *entry++ = first;
            }
        }

        MicroKernel kernel = MicroKernel.For(Instructions.Current);
        ThreadTeam team = ThreadTeam.Shared;
        int d = x.Shape.HeadDimension, scratchFloats = AttentionKernel.ScratchFloats(kernel, x.Group, d);
        Block scratch = Block.Rent(team.Size * scratchFloats);
        float* q = x.Q.Pointer + x.QColumn, output = Output.Pointer, scratches = scratch.Pointer;
        team.For((long)chunks * x.Shape.KeyValueHeads, 1, (worker, unit, _) =>
        {
            (long number, long head) = Math.DivRem(unit, x.Shape.KeyValueHeads);
            int s = entries[2 * number], first = entries[2 * number + 1];
            Segment segment = x.Layout.Segments[s];
            VisibleKeys keys = KeysOf(s, (int)head, out int before);
            var chunk = new QueryTile(x.Group, Math.Min(queries, segment.Length - first), before + first, d, x.Shape.Window, x.AllKeysOf(segment));
            long row = segment.Start + first, queryHead = head * x.Group;
            AttentionKernel.Forward(kernel, chunk, keys, x.Shape.Scale, q + row * x.Q.Columns + queryHead * d, x.Q.Columns, output + row * Output.Columns + queryHead * d, Output.Columns,
                logSumExp == null ? null : logSumExp + row * x.Shape.Heads + queryHead, x.Shape.Heads, scratches + worker * (long)scratchFloats);
        });
        scratch.Return();
        table.Return();
    }
}
