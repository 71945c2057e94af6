using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Leftover.Tensors.Kernels;
using Leftover.Tensors.Memory;

namespace Leftover.Tensors;

/// <summary>The ops of one batch in the order they ran, and the walk back over them.</summary>
/// <remarks>
/// A tape is open from <see cref="Arena.Begin"/> to its disposal, on one thread; every tensor an op makes meanwhile lives in
/// the arena and dies with the tape. Read results before.
/// </remarks>
public sealed unsafe class Tape : IDisposable
{
    [ThreadStatic] private static Tape? t_current;

    private readonly Tape? _outer;
    private List<Op> _ops = [];
    private bool _checkpoints;

    internal Tape(Arena arena, bool record, bool checkpoint, ComputeType computeType)
    {
        Arena = arena;
        Records = record;
        ComputeType = computeType;
        _checkpoints = checkpoint;
        _outer = t_current;
        t_current = this;
    }

    /// <summary>The memory that this tape's tensors live in.</summary>
    public Arena Arena { get; }

    /// <summary>False in inference: nothing is kept for a backward pass.</summary>
    public bool Records { get; private set; }

    /// <summary>In what numbers linear layers and the LM head multiply, forward and backward; all other ops compute in float32.</summary>
    public ComputeType ComputeType { get; }

    /// <summary>Told of each pass through an op, forward or (true) backward, and its time; for benchmarks.</summary>
    internal Action<Op, bool, TimeSpan>? Watch { get; set; }

    /// <summary>True once it is disposed: its tensors' memory belongs to the next batch.</summary>
    internal bool IsClosed { get; private set; }

    /// <summary>Where it does not record: copies that linear layers read instead of the weights; null for none.</summary>
    public PackedWeights? Packed { get; set; }

    /// <summary>The tape that is open on this thread.</summary>
    /// <exception cref="InvalidOperationException">None is open.</exception>
    public static Tape Current => t_current ?? throw new InvalidOperationException("No tape is open on this thread; ops run between Arena.Begin() and the tape's disposal.");

    /// <summary>Runs an op: its output's memory, its forward pass, its place on the tape.</summary>
    internal Tensor Run(Op op)
    {
        (int rows, int columns) = op.Shape;
        bool needsGradient = Records && op.AnyInputNeedsGradient;
        Tensor output = Tensor.InArena(Arena, rows, columns, needsGradient);
        long began = Stopwatch.GetTimestamp();
        op.RunForward(output);
        Watch?.Invoke(op, false, Stopwatch.GetElapsedTime(began));
        if (needsGradient) _ops.Add(op);
        return output;
    }

    /// <summary>
    /// Runs a part of a model. In inference, and where the tape checkpoints, it keeps the part's result alone and takes the memory of all else back at
    /// once; the backward pass then runs the part again.
    /// </summary>
    /// <param name="input">The part's input; its memory is the caller's.</param>
    /// <param name="part">What to run, for example a decoder block; run twice, it does the same. The result has the input's shape.</param>
    public Tensor Keep(Tensor input, Func<Tensor, Tensor> part)
    {
        bool records = Records;
        if (records && !_checkpoints) return part(input);
        Tensor kept = Tensor.InArena(Arena, input.Rows, input.Columns, needsGradient: records);
        Arena.Point mark = Arena.Mark();
        Records = false;
        Tensor result = part(input);
        RowKernel.Accumulate(result.Pointer, kept.Pointer, kept.Length, accumulate: false);
        Records = records;
        Arena.Rewind(mark);
        if (records) _ops.Add(new CheckpointedPart(this, input, kept, part));
        return kept;
    }

    /// <summary>Runs a part again and walks back over it, down to its input.</summary>
    internal void WalkBackThrough(Tensor input, Tensor output, Func<Tensor, Tensor> part)
    {
        input.PrepareGradient();                        // before the mark: it outlives the part
        Arena.Point mark = Arena.Mark();
        (List<Op> outer, bool checkpoints) = (_ops, _checkpoints);
        (_ops, _checkpoints) = ([], false);
        part(input).BorrowGradient(output);
        Backward();
        (_ops, _checkpoints) = (outer, checkpoints);
        Arena.Rewind(mark);
    }

    /// <summary>Puts on the tape that a tensor is computed again when the walk back comes here.</summary>
    internal void ComputeAgain(Tensor tensor)
    {
        Op maker = _ops.FindLast(op => ReferenceEquals(op.Output, tensor)) ?? throw new InvalidOperationException($"Forget: the tensor {tensor.ShapeText} was not made on this tape.");
        if (!maker.IsPure) throw new InvalidOperationException($"Forget: {maker.GetType().Name} keeps more than its output and cannot be run again.");
        _ops.Add(new ComputedAgain(maker));
    }

    /// <summary>Adds dloss/dx to the gradient of every tensor that the loss depends on.</summary>
    /// <param name="loss">One number, made on this tape.</param>
    /// <exception cref="ShapeException">The loss is not one number.</exception>
    [SuppressMessage("Performance", "CA1822", Justification = "The walk belongs to the open tape.")]
    public void Backward(Tensor loss)
    {
        if (loss.Length != 1) throw new ShapeException($"Backward: the loss is {loss.ShapeText}; it must be one number. Sum it or take its mean first.");
        if (!loss.NeedsGradient) return;                 // nothing trainable took part
        loss.Gradient[0] = 1;
        Backward();
    }

    /// <summary>The walk back from gradients that are already set on some outputs.</summary>
    internal void Backward()
    {
        List<Op> ops = _ops;
        for (int i = ops.Count - 1; i >= 0; i--)
        {
            long began = Stopwatch.GetTimestamp();
            ops[i].WalkBack(Arena);
            Watch?.Invoke(ops[i], true, Stopwatch.GetElapsedTime(began));
        }
        ops.Clear();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (ReferenceEquals(t_current, this)) t_current = _outer;
        Records = false;
        IsClosed = true;
        _ops.Clear();
        Arena.End(this);
    }
}
