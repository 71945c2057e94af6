using System.Diagnostics;
using Leftover.Tensors.Memory;

namespace Leftover.Tensors;

/// <summary>A matrix [rows, columns] of floats, row by row; a vector is one row, a number is [1, 1].</summary>
/// <remarks>
/// It owns no memory: a weight's belongs to its <see cref="WeightSet"/>, all else to the open tape's arena and dies with the tape.
/// The gradient's memory is taken when the first contribution comes.
/// </remarks>
public sealed unsafe partial class Tensor
{
    private float* _data;                               // null once it is dropped
    private bool _computedAgain;
    private readonly Tape? _tape;                       // null for weights
    private float* _gradient;                           // a weight's is always there
    private bool _hasGradient;

    private Tensor(int rows, int columns, float* data, float* gradient, bool needsGradient, Tape? tape)
    {
        Rows = rows;
        Columns = columns;
        _data = data;
        _gradient = gradient;
        NeedsGradient = needsGradient;
        _tape = tape;
    }

    /// <summary>How many rows; 1 for a vector.</summary>
    public int Rows { get; }

    /// <summary>How many columns; a vector's length.</summary>
    public int Columns { get; }

    /// <summary>Rows times columns.</summary>
    public int Length => Rows * Columns;

    /// <summary>True where a backward pass computes the gradient of this tensor.</summary>
    public bool NeedsGradient { get; }

    /// <summary>The numbers, row by row.</summary>
    /// <exception cref="ObjectDisposedException">The tape that it lived on is disposed.</exception>
    public Span<float> Data => new(Pointer, Length);

    /// <summary>The first number; 64-byte aligned.</summary>
    /// <exception cref="ObjectDisposedException">The tape that it lived on is disposed.</exception>
    /// <exception cref="InvalidOperationException">Its numbers were dropped.</exception>
    public float* Pointer
    {
        get
        {
            if (_tape is { IsClosed: true }) throw Outlived();
            if (_data == null) throw Dropped();
            return _data;
        }
    }

    /// <summary>True once something was added to the gradient.</summary>
    public bool HasGradient => _hasGradient;

    /// <summary>dloss/dthis, the same layout as <see cref="Data"/>; zeros before the first contribution. Add to it, never assign.</summary>
    public Span<float> Gradient => new(GradientPointer, Length);

    /// <summary>The first number of <see cref="Gradient"/>.</summary>
    public float* GradientPointer
    {
        get
        {
            float* gradient = GradientForStore(out bool accumulate);
            if (!accumulate) new Span<float>(gradient, Length).Clear();
            return gradient;
        }
    }

    /// <summary>The one number of a [1, 1] tensor.</summary>
    /// <exception cref="ShapeException">There are more.</exception>
    public float Item() => Length == 1 ? *Pointer : throw new ShapeException($"Item: the tensor is {ShapeText}; it must be one number.");

    /// <summary>The shape as text: [rows, columns], or [columns] for a vector.</summary>
    public string ShapeText => Rows == 1 ? $"[{Columns}]" : $"[{Rows}, {Columns}]";

    /// <summary>The gradient's memory for a kernel that can store as well as add: add where <paramref name="accumulate"/>, else write every number.</summary>
    internal float* GradientForStore(out bool accumulate)
    {
        if (_tape is { IsClosed: true }) throw Outlived();
        Debug.Assert(NeedsGradient);
        if (_gradient == null) _gradient = _tape!.Arena.Rent(Length);
        accumulate = _hasGradient;
        _hasGradient = true;
        return _gradient;
    }

    /// <summary>Adds <paramref name="output"/>'s gradient to this one; takes its memory over where there is none yet. The output's is gone afterwards.</summary>
    /// <returns>False where nothing was done because both must keep theirs: then add by hand.</returns>
    internal bool TryAdoptGradient(Tensor output)
    {
        if (_hasGradient || _tape is null || output._tape is null || output.Length != Length || _gradient != null) return false;
        _gradient = output._gradient;
        _hasGradient = true;
        output._gradient = null;
        output._hasGradient = false;
        return true;
    }

    /// <summary>Where the gradient through an elementwise op goes: in place of the output's own, where that can be taken over.</summary>
    internal float* GradientInPlaceOf(Tensor output, out bool accumulate)
    {
        accumulate = false;
        return TryAdoptGradient(output) ? _gradient : GradientForStore(out accumulate);
    }

    /// <summary>True where <see cref="TryAdoptGradient"/> can take another tensor's memory: not for weights, whose gradients stay where they are.</summary>
    internal bool CanAdoptGradients => _tape is not null;

    private ObjectDisposedException Outlived() =>
        new(nameof(Tensor), $"A tensor {ShapeText} is used after its tape was disposed; its memory is the next batch's. Read or copy results before.");

    private InvalidOperationException Dropped() =>
        new($"A tensor {ShapeText} is used after its numbers were dropped to save memory. Read it before, or do not call Drop or Forget on it.");

    /// <summary>Gives the numbers' memory back: no op reads them any more, forward or backward. The gradient still flows through.</summary>
    /// <remarks>Which ops read their inputs and outputs in the backward pass their files say: a product reads its inputs, a sum and a turn nothing.</remarks>
    public void Drop()
    {
        if (_tape is null || _data == null) throw new InvalidOperationException($"Drop: the tensor {ShapeText} is a weight or was dropped before; only what an op made on the open tape can be dropped, once.");
        _tape.Arena.Return(_data, Length);
        _data = null;
    }

    /// <summary>Gives the numbers' memory back until the backward pass, where they are computed again from the inputs of the op that made them.</summary>
    /// <remarks>For cheap ops whose result only a product needs. No forward op may read it any more; what made it must still have its inputs.</remarks>
    public void Forget()
    {
        if (_tape is null) throw new InvalidOperationException($"Forget: the tensor {ShapeText} is a weight; only what an op made on the open tape can be forgotten.");
        if (_tape.Records && !NeedsGradient) return;         // made by an op that is not on the tape: nobody could compute it again
        if (_tape.Records) _tape.ComputeAgain(this);
        Drop();
    }

    /// <summary>Memory for numbers that are computed again; it goes when the op that made them has walked back.</summary>
    internal void TakeMemoryAgain()
    {
        _data = _tape!.Arena.Rent(Length);
        _computedAgain = true;
    }

    internal void ReleaseComputedAgain(Arena arena)
    {
        if (!_computedAgain) return;
        arena.Return(_data, Length);
        _data = null;
        _computedAgain = false;
    }

    /// <summary>Memory for the gradient now, before anything is added to it.</summary>
    internal void PrepareGradient()
    {
        if (NeedsGradient && _gradient == null) _gradient = _tape!.Arena.Rent(Length);
    }

    /// <summary>Reads another tensor's gradient as its own; the memory stays the other's.</summary>
    internal void BorrowGradient(Tensor other)
    {
        _gradient = other._gradient;
        _hasGradient = true;
    }

    internal void ReleaseGradient(Arena arena)
    {
        if (_tape is null || _gradient == null) return;
        arena.Return(_gradient, Length);
        _gradient = null;
        _hasGradient = false;
    }

    /// <summary>Forgets a weight's gradient: the next contribution stores.</summary>
    internal void ClearGradient() => _hasGradient = false;

    internal static Tensor InArena(Arena arena, int rows, int columns, bool needsGradient) =>
        new(rows, columns, arena.Rent((long)rows * columns), null, needsGradient, Tape.Current);

    internal static Tensor Weight(int rows, int columns, float* data, float* gradient) =>
        new(rows, columns, data, gradient, gradient != null, tape: null);

    /// <summary>A constant vector [n] in the open tape's arena.</summary>
    public static Tensor Vector(ReadOnlySpan<float> values)
    {
        Tensor tensor = InArena(Tape.Current.Arena, 1, values.Length, needsGradient: false);
        values.CopyTo(tensor.Data);
        return tensor;
    }

    /// <summary>A constant matrix [rows, columns] in the open tape's arena.</summary>
    /// <exception cref="ShapeException">The values do not fill it.</exception>
    public static Tensor Matrix(int rows, int columns, ReadOnlySpan<float> values)
    {
        if (values.Length != (long)rows * columns) throw new ShapeException($"Matrix: {values.Length} values do not fill [{rows}, {columns}].");
        Tensor tensor = InArena(Tape.Current.Arena, rows, columns, needsGradient: false);
        values.CopyTo(tensor.Data);
        return tensor;
    }
}
