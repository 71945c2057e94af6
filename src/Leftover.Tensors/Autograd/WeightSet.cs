using Leftover.Tensors.Memory;

namespace Leftover.Tensors;

/// <summary>A model's weights, and their gradients where they are trained: one block of memory each, and every weight under its checkpoint's name.</summary>
/// <remarks>
/// Weights are first declared, then <see cref="Allocate"/> gives them memory: a model's constructor declares, its loader fills.
/// Each weight begins on a 64-byte boundary; the gaps are zero in weights and gradients.
/// </remarks>
public sealed unsafe class WeightSet : IDisposable
{
    private readonly List<Weight> _weights = [];
    private readonly Dictionary<string, Weight> _byName = new(StringComparer.Ordinal);
    private NativeBlock? _data, _gradients;
    private PlannedMemory? _planned;
    private long _length;

    /// <summary>The weights in the order they were declared.</summary>
    public IReadOnlyList<Weight> Weights => _weights;

    /// <summary>Numbers in all weights together, gaps left out.</summary>
    public long Count { get; private set; }

    /// <summary>All weights end to end with their gaps, in floats; the length of <see cref="Data"/> and <see cref="Gradients"/>.</summary>
    public long Length => _length;

    /// <summary>All weights, end to end.</summary>
    public float* Data => Allocated(_data).Pointer;

    /// <summary>All gradients, laid out like <see cref="Data"/>; null where the weights are frozen.</summary>
    public float* Gradients => _gradients == null ? null : _gradients.Pointer;

    /// <summary>True where gradients are computed.</summary>
    public bool Trainable => _gradients is not null;

    /// <summary>The weight of that name.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public Weight this[string name] => _byName.TryGetValue(name, out Weight? weight) ? weight : throw new KeyNotFoundException($"The model has no weight '{name}'.");

    /// <summary>True where a weight has that name.</summary>
    public bool Contains(string name) => _byName.ContainsKey(name);

    /// <summary>The root of the checkpoint's names.</summary>
    public WeightScope Root => new(this, "");

    internal Weight Declare(string name, int rows, int columns, bool isVector)
    {
        if (_data is not null) throw new InvalidOperationException($"'{name}' is declared after the weights were allocated.");
        var weight = new Weight(name, rows, columns, isVector, _length);
        if (!_byName.TryAdd(name, weight)) throw new ArgumentException($"Two weights are named '{name}'.");
        _weights.Add(weight);
        Count += (long)rows * columns;
        _length += ((long)rows * columns + 15) / 16 * 16;
        return weight;
    }

    /// <summary>Gives all declared weights their memory, zeroed.</summary>
    /// <param name="trainable">Whether gradients get memory too.</param>
    public void Allocate(bool trainable)
    {
        if (_data is not null) throw new InvalidOperationException("The weights already have their memory.");
        _data = new NativeBlock(_length);
        if (trainable) _gradients = new NativeBlock(_length);
        foreach (Weight weight in _weights)
            weight.Bind(Tensors.Tensor.Weight(weight.Rows, weight.Columns, _data.Pointer + weight.Offset, trainable ? _gradients!.Pointer + weight.Offset : null));
    }

    /// <summary>Gives all declared weights and gradients addresses without memory: for a plan, which reads and writes none of them.</summary>
    public void AllocateForPlan()
    {
        if (_data is not null || _planned is not null) throw new InvalidOperationException("The weights already have their memory.");
        _planned = new PlannedMemory();
        foreach (Weight weight in _weights)
        {
            long floats = (long)weight.Rows * weight.Columns;
            weight.Bind(Tensors.Tensor.Weight(weight.Rows, weight.Columns, _planned.Take(floats), _planned.Take(floats)));
        }
    }

    /// <summary>Forgets all gradients: the next contribution to each stores instead of adding.</summary>
    public void ClearGradients()
    {
        foreach (Weight weight in _weights) weight.Tensor.ClearGradient();
    }

    /// <summary>Zeroes the gradients that nothing was added to since <see cref="ClearGradients"/>, so that all can be read as they stand.</summary>
    public void CompleteGradients()
    {
        foreach (Weight weight in _weights) _ = weight.Tensor.GradientPointer;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _data?.Dispose();
        _gradients?.Dispose();
        _planned?.Dispose();
    }

    private static NativeBlock Allocated(NativeBlock? block) => block ?? throw new InvalidOperationException("The weights have no memory yet; call Allocate first.");
}

/// <summary>One weight: its checkpoint's name, its shape and, once allocated, its tensor.</summary>
public sealed class Weight
{
    private Tensor? _tensor;

    internal Weight(string name, int rows, int columns, bool isVector, long offset)
    {
        Name = name;
        Rows = rows;
        Columns = columns;
        IsVector = isVector;
        Offset = offset;
    }

    /// <summary>The name in the checkpoint, for example <c>model.layers.0.mlp.up_proj.weight</c>.</summary>
    public string Name { get; }

    /// <summary>Rows; 1 for a vector.</summary>
    public int Rows { get; }

    /// <summary>Columns; a vector's length.</summary>
    public int Columns { get; }

    /// <summary>True for biases and norms: one dimension in the checkpoint, and no weight decay.</summary>
    public bool IsVector { get; }

    /// <summary>Where it begins in <see cref="WeightSet.Data"/>, in floats.</summary>
    public long Offset { get; }

    /// <summary>How it stands in products, where tokens are multiplied by it.</summary>
    public ProductForm Products { get; private set; }

    /// <summary>Outputs of such a product.</summary>
    public int Outputs => Products == ProductForm.InOut ? Columns : Rows;

    /// <summary>Inputs of such a product.</summary>
    public int Inputs => Products == ProductForm.InOut ? Rows : Columns;

    /// <summary>The shape in the checkpoint.</summary>
    public long[] Shape => IsVector ? [Columns] : [Rows, Columns];

    /// <summary>Its numbers and gradient.</summary>
    /// <exception cref="InvalidOperationException">The set has no memory yet.</exception>
    public Tensor Tensor => _tensor ?? throw new InvalidOperationException($"'{Name}' has no memory yet; the model's weights must be allocated first.");

    /// <summary>Says that tokens are multiplied by it, so that <see cref="PackedWeights"/> holds a copy.</summary>
    public Weight UseInProducts(ProductForm form)
    {
        Products = form;
        return this;
    }

    /// <summary>True for a weight that a training keeps beside the model's own: no model's files hold it.</summary>
    public bool IsBeside { get; private set; }

    /// <summary>Says that it is no part of the model's files.</summary>
    public Weight KeepBeside()
    {
        IsBeside = true;
        return this;
    }

    internal void Bind(Tensor tensor) => _tensor = tensor;

    /// <summary>The weight as an operand.</summary>
    public static implicit operator Tensor(Weight weight) => weight.Tensor;
}

/// <summary>A place in the checkpoint's tree of names: <c>weights["mlp"]["up_proj"].Matrix("weight", rows, columns)</c>.</summary>
public readonly struct WeightScope
{
    private readonly WeightSet _set;

    internal WeightScope(WeightSet set, string path) => (_set, Path) = (set, path);

    /// <summary>The path down to here, without a dot at its end.</summary>
    public string Path { get; }

    /// <summary>The scope below by that name.</summary>
    public WeightScope this[string name] => new(_set, Join(name));

    /// <summary>The scope of the list item of that number.</summary>
    public WeightScope this[int index] => this[index.ToString(System.Globalization.CultureInfo.InvariantCulture)];

    /// <summary>Declares a matrix [rows, columns].</summary>
    public Weight Matrix(string name, int rows, int columns) => _set.Declare(Join(name), rows, columns, isVector: false);

    /// <summary>Declares a vector [length].</summary>
    public Weight Vector(string name, int length) => _set.Declare(Join(name), 1, length, isVector: true);

    private string Join(string name) => Path.Length == 0 ? name : $"{Path}.{name}";
}
