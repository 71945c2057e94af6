using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
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

    private readonly List<Op> _ops = [];
    private readonly Tape? _outer;

    internal Tape(Arena arena, bool record)
    {
        Arena = arena;
        Records = record;
        _outer = t_current;
        t_current = this;
    }

    /// <summary>The memory that this tape's tensors live in.</summary>
    public Arena Arena { get; }

    /// <summary>False in inference: nothing is kept for a backward pass.</summary>
    public bool Records { get; private set; }

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

    /// <summary>Runs a part of a model; in inference, keeps its result alone and takes the memory of all else back at once.</summary>
    /// <param name="input">The part's input; its memory is the caller's.</param>
    /// <param name="part">What to run, for example a decoder block. The result has the input's shape.</param>
    public Tensor Keep(Tensor input, Func<Tensor, Tensor> part)
    {
        if (Records) return part(input);
        Tensor kept = Tensor.InArena(Arena, input.Rows, input.Columns, needsGradient: false);
        var mark = Arena.Mark();
        Tensor result = part(input);
        result.Data.CopyTo(kept.Data);
        Arena.Rewind(mark);
        return kept;
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
        for (int i = _ops.Count - 1; i >= 0; i--)
        {
            Op op = _ops[i];
            long began = Stopwatch.GetTimestamp();
            if (op.Output.HasGradient) op.RunBackward();
            Watch?.Invoke(op, true, Stopwatch.GetElapsedTime(began));
            op.Output.ReleaseGradient(Arena);
        }
        _ops.Clear();
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
