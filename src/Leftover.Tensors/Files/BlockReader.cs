using System.Buffers;

namespace Leftover.Tensors.Files;

/// <summary>Turns whole units of stored bytes into float32 values.</summary>
internal delegate void BlockDecoder(ReadOnlySpan<byte> source, Span<float> destination);

/// <summary>Turns float32 values into whole units of stored bytes.</summary>
internal delegate void BlockEncoder(ReadOnlySpan<float> source, Span<byte> destination);

/// <summary>Reads stored values in pieces that fit a processor's cache and decodes them, on all cores where there are many.</summary>
internal static class BlockReader
{
    private const int PieceBytes = 128 * 1024;
    private const int PiecesWorthThreads = 8;

    /// <summary>Decodes <paramref name="units"/> units of <paramref name="unitBytes"/> bytes, each of which gives <paramref name="unitValues"/> values.</summary>
    public static unsafe void Read(FileBytes file, long offset, long units, int unitBytes, int unitValues, BlockDecoder decode, float* destination)
    {
        int unitsAPiece = PieceBytes / unitBytes;
        long pieces = (units + unitsAPiece - 1) / unitsAPiece;
        if (pieces < PiecesWorthThreads)
            for (long piece = 0; piece < pieces; piece++) ReadPiece(piece);
        else
            Parallel.For(0, pieces, ReadPiece);

        void ReadPiece(long piece)
        {
            long first = piece * unitsAPiece;
            int count = (int)Math.Min(unitsAPiece, units - first);
            byte[] buffer = ArrayPool<byte>.Shared.Rent(count * unitBytes);
            try
            {
                Span<byte> stored = buffer.AsSpan(0, count * unitBytes);
                file.Read(offset + first * unitBytes, stored);
                decode(stored, new Span<float>(destination + first * unitValues, count * unitValues));
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }
}
