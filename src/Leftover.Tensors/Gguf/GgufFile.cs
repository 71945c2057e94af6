using Leftover.Tensors.Files;

namespace Leftover.Tensors.Gguf;

/// <summary>One open GGUF file: metadata read, tensors listed and dequantised when asked for. Any number of threads may read.</summary>
/// <remarks>
/// Little-endian files of versions 2 and 3. Tensors come out as they are stored: of a Llama-family model the rows of the query and key
/// projections are still in the order for adjacent-pair rotation, and it is the model's loader that puts them back.
/// </remarks>
public sealed class GgufFile : IWeightSource, IDisposable
{
    private readonly FileBytes _file;
    private readonly Dictionary<string, GgufTensorInfo> _byName = [];

    private GgufFile(FileBytes file)
    {
        var head = new GgufHead(file);
        _file = file;
        Version = head.Version;
        Alignment = head.Alignment;
        Metadata = head.Metadata;
        Tensors = head.Tensors;
        foreach (GgufTensorInfo tensor in Tensors) _byName.Add(tensor.Name, tensor);
    }

    /// <summary>Opens a file, reads its metadata and checks that every tensor lies within it.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is no GGUF file, breaks a rule of the format, was cut, or is big-endian.</exception>
    public static GgufFile Open(string path)
    {
        var file = new FileBytes(path);
        try
        {
            return new GgufFile(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The file's path, as it was given.</summary>
    public string Path => _file.Path;

    /// <summary>The version of the format: 2 or 3.</summary>
    public int Version { get; }

    /// <summary>Every tensor starts at a multiple of this many bytes within the data part.</summary>
    public int Alignment { get; }

    /// <summary>Numbers and texts as their .NET types; arrays as typed arrays (<c>string[]</c>, <c>float[]</c>, <c>int[]</c> …); arrays of arrays as <c>object[]</c>.</summary>
    public IReadOnlyDictionary<string, object> Metadata { get; }

    /// <summary>The tensors, in the order of the file's list.</summary>
    public IReadOnlyList<GgufTensorInfo> Tensors { get; }

    /// <inheritdoc/>
    public IEnumerable<string> Names => Tensors.Select(tensor => tensor.Name);

    /// <inheritdoc/>
    public bool Contains(string name) => _byName.ContainsKey(name);

    /// <summary>What the file says of one tensor.</summary>
    /// <exception cref="InvalidDataException">There is no such tensor.</exception>
    public GgufTensorInfo this[string name] =>
        _byName.TryGetValue(name, out GgufTensorInfo? tensor) ? tensor : throw MissingTensor.In(Path, name, Names);

    /// <inheritdoc/>
    public long[] ShapeOf(string name) => this[name].Shape;

    /// <summary>Writes a tensor's values, converted to float32.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="destination">Exactly as long as the tensor.</param>
    /// <exception cref="ArgumentException">The destination is shorter or longer than the tensor.</exception>
    /// <exception cref="InvalidDataException">There is no such tensor, its type is not supported, or the file was cut.</exception>
    public unsafe void Read(string name, Span<float> destination)
    {
        GgufTensorInfo tensor = this[name];
        if (tensor.Count != destination.Length)
            throw new ArgumentException($"{Path}: tensor '{name}' has {tensor.Count} values and the destination {destination.Length}; they must be equal.", nameof(destination));
        fixed (float* start = destination) Read(name, start);
    }

    /// <inheritdoc/>
    public unsafe void Read(string name, float* destination)
    {
        GgufTensorInfo tensor = this[name];
        GgmlCoding coding = GgmlCoding.Of(tensor.Type)!;
        if (tensor.Type == GgmlType.F32)
            _file.Read(tensor.Offset, (byte*)destination, tensor.Bytes);
        else if (coding.Decode is null)
            throw new InvalidDataException($"{Path}: tensor '{name}' is stored as {tensor.Type}, which is not supported yet. Use a file in F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0 or Q5_1.");
        else
            BlockReader.Read(_file, tensor.Offset, tensor.Bytes / coding.BlockBytes, coding.BlockBytes, coding.BlockValues, coding.Decode, destination);
    }

    /// <summary>A tensor's bytes as they are stored.</summary>
    /// <exception cref="InvalidDataException">There is no such tensor, or it has more bytes than an array can hold.</exception>
    public byte[] ReadBytes(string name)
    {
        GgufTensorInfo tensor = this[name];
        if (tensor.Bytes > Array.MaxLength)
            throw new InvalidDataException($"{Path}: tensor '{name}' has {tensor.Bytes} bytes, more than one array can hold. Read it as float32 into native memory.");
        byte[] bytes = new byte[tensor.Bytes];
        _file.Read(tensor.Offset, bytes);
        return bytes;
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();
}
