using System.Runtime.CompilerServices;
using Leftover.Tensors.Files;

namespace Leftover.Tensors.Safetensors;

/// <summary>One open safetensors file: its header checked whole, its tensors read when asked for. Any number of threads may read.</summary>
public sealed class SafetensorsFile : IWeightSource, IDisposable
{
    private readonly FileBytes _file;
    private readonly Dictionary<string, TensorInfo> _byName = [];

    private SafetensorsFile(FileBytes file)
    {
        var header = new SafetensorsHeader(file);
        _file = file;
        Metadata = header.Metadata;
        Tensors = header.Tensors;
        foreach (TensorInfo tensor in Tensors) _byName.Add(tensor.Name, tensor);
    }

    /// <summary>Opens a file and checks its header.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The header breaks a rule of the format, or does not fit the file's size.</exception>
    public static SafetensorsFile Open(string path)
    {
        var file = new FileBytes(path);
        try
        {
            return new SafetensorsFile(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The file's path, as it was given.</summary>
    public string Path => _file.Path;

    /// <summary>The header's free texts; empty where it has none.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>The tensors, in the order of their bytes in the file.</summary>
    public IReadOnlyList<TensorInfo> Tensors { get; }

    /// <inheritdoc/>
    public IEnumerable<string> Names => Tensors.Select(tensor => tensor.Name);

    /// <inheritdoc/>
    public bool Contains(string name) => _byName.ContainsKey(name);

    /// <summary>What the header says of one tensor.</summary>
    /// <exception cref="InvalidDataException">There is no such tensor.</exception>
    public TensorInfo this[string name] =>
        _byName.TryGetValue(name, out TensorInfo? tensor) ? tensor : throw MissingTensor.In(Path, name, Names);

    /// <inheritdoc/>
    public long[] ShapeOf(string name) => this[name].Shape;

    /// <summary>Writes a tensor's values, converted to float32.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="destination">Exactly as long as the tensor.</param>
    /// <exception cref="ArgumentException">The destination is shorter or longer than the tensor.</exception>
    /// <exception cref="InvalidDataException">There is no such tensor, its type is not readable as numbers, or the file was cut.</exception>
    public unsafe void Read(string name, Span<float> destination)
    {
        TensorInfo tensor = this[name];
        if (tensor.Count != destination.Length)
            throw new ArgumentException($"{Path}: tensor '{name}' has {tensor.Count} values and the destination {destination.Length}; they must be equal.", nameof(destination));
        fixed (float* start = destination) Read(name, start);
    }

    /// <inheritdoc/>
    public unsafe void Read(string name, float* destination)
    {
        TensorInfo tensor = this[name];
        if (tensor.Type == ElementType.F32)
        {
            _file.Read(tensor.Offset, (byte*)destination, tensor.Bytes);
            return;
        }
        BlockDecoder decode = ElementCoding.DecoderOf(tensor.Type) ??
            throw new InvalidDataException($"{Path}: tensor '{name}' is stored as {ElementCoding.NameOf(tensor.Type)}, which is not supported yet. Convert it to F32, F16 or BF16.");
        BlockReader.Read(_file, tensor.Offset, tensor.Count, ElementCoding.BitsOf(tensor.Type) / 8, 1, decode, destination);
    }

    /// <summary>A tensor's bytes as they are stored.</summary>
    /// <exception cref="InvalidDataException">There is no such tensor, or it has more bytes than an array can hold.</exception>
    public byte[] ReadBytes(string name) => ReadValues<byte>(this[name]);

    /// <summary>A tensor's values in their own type, without rounding: token ids as <c>long</c>, a F64 as <c>double</c>.</summary>
    /// <typeparam name="T">The .NET type of the tensor's element type.</typeparam>
    /// <exception cref="ArgumentException">The tensor is stored in another type.</exception>
    /// <exception cref="InvalidDataException">There is no such tensor, or it has more bytes than an array can hold.</exception>
    public T[] ReadValues<T>(string name) where T : unmanaged
    {
        TensorInfo tensor = this[name];
        Type? stored = tensor.Type switch
        {
            ElementType.F64 => typeof(double),
            ElementType.F32 => typeof(float),
            ElementType.F16 => typeof(Half),
            ElementType.I64 => typeof(long),
            ElementType.I32 => typeof(int),
            ElementType.I16 => typeof(short),
            ElementType.I8 => typeof(sbyte),
            ElementType.U64 => typeof(ulong),
            ElementType.U32 => typeof(uint),
            ElementType.U16 => typeof(ushort),
            ElementType.U8 => typeof(byte),
            _ => null,
        };
        if (stored != typeof(T))
            throw new ArgumentException($"{Path}: tensor '{name}' is stored as {ElementCoding.NameOf(tensor.Type)}, and {typeof(T).Name} was asked for. Use Read, which converts to float32.", nameof(name));
        return ReadValues<T>(tensor);
    }

    private unsafe T[] ReadValues<T>(TensorInfo tensor) where T : unmanaged
    {
        long count = tensor.Bytes / Unsafe.SizeOf<T>();
        if (count > Array.MaxLength)
            throw new InvalidDataException($"{Path}: tensor '{tensor.Name}' has {tensor.Bytes} bytes, more than one array can hold. Read it as float32 into native memory.");
        T[] values = new T[count];
        fixed (T* start = values) _file.Read(tensor.Offset, (byte*)start, tensor.Bytes);
        return values;
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();
}
