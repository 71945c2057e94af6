using Leftover.Tensors.Kernels;
using Leftover.Tensors.Memory;

namespace Leftover.Tensors;

/// <summary>Copies of a model's matrices laid out for few rows at a time, in a storage that may be narrower: a pass that uses them reads these instead.</summary>
/// <remarks>
/// What is copied are the matrices that tokens are multiplied by (<see cref="Weight.UseInProducts"/>); embeddings, norms and biases are read as they
/// are. The copies are those of the moment: after weights have changed, <see cref="Refresh"/> makes them anew. Use them with <see cref="Tape.Packed"/>.
/// </remarks>
public sealed unsafe class PackedWeights : IDisposable
{
    private readonly Dictionary<Tensor, PackedWeight> _byTensor = new(ReferenceEqualityComparer.Instance);
    private readonly List<(PackedWeight Packed, Weight Weight, int Panel)> _panels = [];
    private readonly NativeBlock _memory;

    /// <summary>Copies all matrices of products, on all cores.</summary>
    /// <param name="weights">A model's weights, with their memory.</param>
    /// <param name="storage">How the copies are held.</param>
    public PackedWeights(WeightSet weights, WeightStorage storage) : this(weights, storage, PackedKernel.For(Instructions.Current))
    {
    }

    internal PackedWeights(WeightSet weights, WeightStorage storage, PackedKernel kernel)
    {
        Storage = storage;
        Weight[] matrices = [.. weights.Weights.Where(weight => weight.Products != ProductForm.None)];
        Bytes = matrices.Sum(weight => PackedWeight.Bytes(kernel, storage, weight.Outputs, weight.Inputs));
        _memory = new NativeBlock(Bytes / sizeof(float));
        byte* memory = (byte*)_memory.Pointer;
        foreach (Weight weight in matrices)
        {
            var packed = new PackedWeight(kernel, storage, weight.Outputs, weight.Inputs, memory);
            memory += PackedWeight.Bytes(kernel, storage, weight.Outputs, weight.Inputs);
            _byTensor.Add(weight.Tensor, packed);
            _panels.AddRange(Enumerable.Range(0, packed.Panels).Select(panel => (packed, weight, panel)));
        }
        Refresh();
    }

    /// <summary>Copies all matrices again, into the same memory: for weights that have changed.</summary>
    public void Refresh() => ThreadTeam.Shared.For(_panels.Count, 16, (_, start, end) =>
    {
        for (int i = (int)start; i < end; i++)
        {
            (PackedWeight packed, Weight weight, int panel) = _panels[i];
            var source = new Operand(weight.Tensor.Pointer, weight.Columns, weight.Outputs, stepsAreRows: weight.Products == ProductForm.InOut);
            packed.Pack(source, panel, Scratch.Current.Blocked((long)weight.Inputs * packed.Kernel.Width));
        }
    });

    /// <summary>How the copies are held.</summary>
    public WeightStorage Storage { get; }

    /// <summary>The memory they take, in bytes.</summary>
    public long Bytes { get; }

    internal PackedWeight? Of(Tensor weight) => _byTensor.GetValueOrDefault(weight);

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();
}
