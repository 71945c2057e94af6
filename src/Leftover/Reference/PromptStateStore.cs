using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Leftover.Models;
using Leftover.Runs;
using Leftover.Tensors;
using Leftover.Tensors.Memory;

namespace Leftover.Reference;

/// <summary>The reference policy's last hidden states (after its final norm) over each prompt's tokens, in a file: what the value head reads.</summary>
/// <remarks>
/// METHOD: Baheti et al. 2024, arXiv:2305.14718, the value estimate of §2. 4 bytes × width a token, on disk; in memory there is where each prompt's
/// states lie. Records are appended: key (32 bytes), numbers, the numbers, a checksum. What a killed process left at the end is cut off on opening.
/// One process at a time has the file.
/// </remarks>
public sealed class PromptStateStore : IDisposable
{
    private const int KeyBytes = 32, ChecksumBytes = 8, HeadBytes = KeyBytes + sizeof(int);
    private static readonly byte[] s_magic = "LEFTOVS1"u8.ToArray();

    private readonly string _path, _context;
    private readonly FileStream _file;
    private readonly Dictionary<string, Place> _places = new(StringComparer.Ordinal);
    private readonly HashSet<long> _checked = [];
    private long _end;

    // Where a record begins, and how many numbers it holds.
    private readonly record struct Place(long Start, int Count)
    {
        public int Bytes => Count * sizeof(float);

        public long End => Start + HeadBytes + Bytes + ChecksumBytes;
    }

    /// <summary>Opens the file, or creates it.</summary>
    /// <param name="path">The file; its folder is created.</param>
    /// <param name="context">What the states depend on besides the prompt: a hash of the model's weights and config.</param>
    /// <param name="width">C, the model's width.</param>
    /// <exception cref="IOException">The file is in use by another run, or holds something else.</exception>
    public PromptStateStore(string path, string context, int width)
    {
        (_path, _context, Width) = (path, context, width);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        try
        {
            _file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
        }
        catch (IOException e) when (e is not (FileNotFoundException or DirectoryNotFoundException or PathTooLongException))
        {
            throw new IOException($"{path}: the cache file cannot be opened ({e.Message}); another run may be using it. Wait for it to end, or give this run a cache folder of its own.", e);
        }
        try
        {
            FindAll();
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    /// <summary>C, the model's width.</summary>
    public int Width { get; }

    /// <summary>True where the prompt's states are here.</summary>
    public bool Contains(int[] prompt) => _places.ContainsKey(KeyOf(prompt));

    /// <summary>Reads a prompt's states, [P, C], row by row.</summary>
    /// <param name="prompt">Its token ids.</param>
    /// <param name="destination">Room for P × C numbers.</param>
    /// <exception cref="KeyNotFoundException">They were not computed.</exception>
    /// <exception cref="IOException">The file was damaged.</exception>
    public void Read(int[] prompt, Span<float> destination)
    {
        Place place = _places[KeyOf(prompt)];
        if (destination.Length != place.Count) throw new ShapeException($"Prompt states: room for {destination.Length} numbers and {place.Count} of a prompt of {prompt.Length} tokens; they must be equal.");
        ReadAt(place.Start + HeadBytes, MemoryMarshal.AsBytes(destination));
        if (_checked.Contains(place.Start)) return;
        if (!IsWhole(place, MemoryMarshal.AsBytes(destination))) throw new IOException($"{_path}: the states of a prompt at byte {place.Start} were damaged. Delete the file, then run again.");
        _checked.Add(place.Start);
    }

    /// <summary>Stores a prompt's states; those of a prompt that is here already stay.</summary>
    public void Add(int[] prompt, ReadOnlySpan<float> states)
    {
        if (states.Length != prompt.Length * Width) throw new ShapeException($"Prompt states: {states.Length} numbers for a prompt of {prompt.Length} tokens; there must be {Width} a token.");
        string key = KeyOf(prompt);
        var place = new Place(_end, states.Length);
        if (!_places.TryAdd(key, place)) return;
        byte[] head = new byte[HeadBytes];
        Convert.FromHexString(key).CopyTo(head, 0);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(KeyBytes), states.Length);
        ReadOnlySpan<byte> numbers = MemoryMarshal.AsBytes(states);
        _file.Position = place.Start;
        _file.Write(head);
        _file.Write(numbers);
        _file.Write(Checksum(head, numbers));
        _end = place.End;
    }

    /// <summary>True where some of these prompts' states are not here.</summary>
    public bool Misses(IEnumerable<int[]> prompts) => prompts.Any(prompt => !Contains(prompt));

    /// <summary>Computes what is missing of these prompts.</summary>
    /// <param name="model">The reference policy.</param>
    /// <param name="prompts">The prompts' token ids.</param>
    /// <param name="maxTokens">Tokens of one packed batch, at most; a longer prompt stands alone.</param>
    /// <param name="observer">Who is told how far it is.</param>
    /// <param name="cancellation">Stops between batches; what was computed stays.</param>
    public void Compute(LanguageModel model, IEnumerable<int[]> prompts, int maxTokens, IRunObserver observer, CancellationToken cancellation)
    {
        int[][] missing = [.. prompts.DistinctBy(prompt => new Batches.PromptKey(prompt)).Where(prompt => !Contains(prompt))];
        if (missing.Length == 0) return;

        using IWorkProgress progress = observer.Begin("Prompt states", missing.Length, "prompts");
        using var arena = new Arena();
        for (int begin = 0, end; begin < missing.Length; begin = end)
        {
            cancellation.ThrowIfCancellationRequested();
            int tokens = missing[begin].Length;
            for (end = begin + 1; end < missing.Length && tokens + missing[end].Length <= maxTokens; end++) tokens += missing[end].Length;

            var segments = new Segment[end - begin];
            int[] ids = new int[tokens];
            int at = 0;
            for (int i = begin; i < end; i++)
            {
                segments[i - begin] = new Segment(at, missing[i].Length);
                missing[i].CopyTo(ids, at);
                at += missing[i].Length;
            }
            using Tape tape = arena.Begin(record: false, model.ComputeType);
            Tensor states = model.FinalHidden(ids, new PackedLayout(segments), [.. Enumerable.Range(0, tokens)]);
            for (int i = begin; i < end; i++)
                Add(missing[i], states.Data.Slice(segments[i - begin].Start * Width, missing[i].Length * Width));
            progress.Count(new ModelWork(model.Config).Forward(segments, 0));
            progress.Advance(end - begin, tokens);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private string KeyOf(int[] prompt) => RowStore.Key(_context, prompt);

    // Finds the records by their heads. Only the last can be torn: its checksum is looked at.
    private void FindAll()
    {
        if (_file.Length < s_magic.Length)
        {
            _file.SetLength(0);
            _file.Write(s_magic);
            _end = s_magic.Length;
            return;
        }
        byte[] magic = new byte[s_magic.Length];
        ReadAt(0, magic);
        if (!magic.AsSpan().SequenceEqual(s_magic)) throw new IOException($"{_path} is no cache of prompt states; it was left as it is. Move it away, or name another cache folder.");

        _end = s_magic.Length;
        byte[] head = new byte[HeadBytes];
        (string Key, Place Place)? last = null;
        while (_end + HeadBytes <= _file.Length)
        {
            ReadAt(_end, head);
            int count = BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(KeyBytes));
            if (count < 0 || count > Array.MaxLength / sizeof(float)) break;
            var place = new Place(_end, count);
            if (place.End > _file.Length) break;
            last = (Convert.ToHexString(head.AsSpan(0, KeyBytes)), place);
            _places[last.Value.Key] = place;
            _end = place.End;
        }
        if (last is { } record)
        {
            byte[] numbers = new byte[record.Place.Bytes];
            ReadAt(record.Place.Start + HeadBytes, numbers);
            if (!IsWhole(record.Place, numbers))
            {
                _places.Remove(record.Key);
                _end = record.Place.Start;
            }
        }
        _file.SetLength(_end);
    }

    private bool IsWhole(Place place, ReadOnlySpan<byte> numbers)
    {
        Span<byte> head = stackalloc byte[HeadBytes], sum = stackalloc byte[ChecksumBytes];
        ReadAt(place.Start, head);
        ReadAt(place.End - ChecksumBytes, sum);
        return Checksum(head, numbers).AsSpan().SequenceEqual(sum);
    }

    private void ReadAt(long position, Span<byte> destination)
    {
        _file.Position = position;
        _file.ReadExactly(destination);
    }

    private static byte[] Checksum(ReadOnlySpan<byte> head, ReadOnlySpan<byte> numbers)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(head);
        hash.AppendData(numbers);
        return hash.GetHashAndReset()[..ChecksumBytes];
    }
}
