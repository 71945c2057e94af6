namespace Leftover.Tensors.Safetensors;

/// <summary>A tensor for <see cref="SafetensorsWriter"/>: its name, shape, stored type, and where its values are.</summary>
public sealed unsafe class TensorToWrite
{
    private readonly float* _native;
    private readonly ReadOnlyMemory<float> _floats;
    private readonly ReadOnlyMemory<long> _ids;

    private TensorToWrite(string name, ReadOnlySpan<long> shape, ElementType type)
    {
        if (name == "__metadata__") throw new ArgumentException("A tensor cannot have the name '__metadata__'; the format keeps it for the file's texts.", nameof(name));
        UInt128 count = 1;
        foreach (long size in shape)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(size, nameof(shape));
            count *= (ulong)size;
            if (count > long.MaxValue / 8) throw new ShapeException($"Tensor '{name}': the sizes [{string.Join(", ", shape.ToArray())}] multiply to more than fits a file.");
        }
        (Name, Shape, Type, Count) = (name, shape.ToArray(), type, (long)count);
    }

    private TensorToWrite(string name, ReadOnlySpan<long> shape, ElementType type, float* native) : this(name, shape, CheckFloat(name, type)) => _native = native;

    private TensorToWrite(string name, ReadOnlySpan<long> shape, ElementType type, ReadOnlyMemory<float> floats) : this(name, shape, CheckFloat(name, type))
    {
        CheckLength(floats.Length);
        _floats = floats;
    }

    private TensorToWrite(string name, ReadOnlySpan<long> shape, ReadOnlyMemory<long> ids) : this(name, shape, ElementType.I64)
    {
        CheckLength(ids.Length);
        _ids = ids;
    }

    /// <summary>Its name in the file.</summary>
    public string Name { get; }

    /// <summary>Its sizes, the slowest dimension first; empty for a single number.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>How its numbers will be stored.</summary>
    public ElementType Type { get; }

    /// <summary>How many numbers it holds.</summary>
    public long Count { get; }

    /// <summary>Floats in native memory, which must stay until the file is written.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="shape">Its sizes.</param>
    /// <param name="values">As many values as the sizes multiply to, row-major.</param>
    /// <param name="type">F32, F16 or BF16; the latter two round half to even.</param>
    public static TensorToWrite From(string name, ReadOnlySpan<long> shape, float* values, ElementType type = ElementType.F32) => new(name, shape, type, values);

    /// <inheritdoc cref="From(string, ReadOnlySpan{long}, float*, ElementType)"/>
    /// <exception cref="ShapeException">The number of values is not what the sizes multiply to.</exception>
    public static TensorToWrite From(string name, ReadOnlySpan<long> shape, ReadOnlyMemory<float> values, ElementType type = ElementType.F32) => new(name, shape, type, values);

    /// <summary>Integers, stored as I64: token ids, steps, seeds.</summary>
    /// <exception cref="ShapeException">The number of values is not what the sizes multiply to.</exception>
    public static TensorToWrite FromIntegers(string name, ReadOnlySpan<long> shape, ReadOnlyMemory<long> values) => new(name, shape, values);

    /// <summary>Some of the values of a float tensor.</summary>
    internal ReadOnlySpan<float> Floats(long start, int count) =>
        _native != null ? new ReadOnlySpan<float>(_native + start, count) : _floats.Span.Slice((int)start, count);

    /// <summary>Some of the values of an integer tensor.</summary>
    internal ReadOnlySpan<long> Integers(long start, int count) => _ids.Span.Slice((int)start, count);

    private static ElementType CheckFloat(string name, ElementType type) =>
        type is ElementType.F32 or ElementType.F16 or ElementType.BF16 ? type
            : throw new ArgumentException($"Tensor '{name}': floats are written as F32, F16 or BF16, not as {type}.", nameof(type));

    private void CheckLength(int length)
    {
        if (length != Count)
            throw new ShapeException($"Tensor '{Name}': the sizes [{string.Join(", ", Shape)}] need {Count} values, and {length} were given.");
    }
}
