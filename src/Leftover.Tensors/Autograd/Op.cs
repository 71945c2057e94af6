using Leftover.Tensors.Memory;

namespace Leftover.Tensors;

/// <summary>One differentiable operation: its output's shape, its forward pass, its backward pass. What it keeps between them are its fields.</summary>
internal abstract class Op
{
    private readonly Tensor[] _inputs;

    protected Op(params Tensor[] inputs) => _inputs = inputs;

    /// <summary>The output's rows and columns; the first input's, unless an op says otherwise.</summary>
    public virtual (int Rows, int Columns) Shape => (_inputs[0].Rows, _inputs[0].Columns);

    public Tensor Output { get; private set; } = null!;

    public bool AnyInputNeedsGradient
    {
        get
        {
            foreach (Tensor input in _inputs)
                if (input.NeedsGradient) return true;
            return false;
        }
    }

    /// <summary>True where the forward pass does nothing but write its output, so that it can be run again.</summary>
    public virtual bool IsPure => false;

    public void RunForward(Tensor output)
    {
        Output = output;
        Forward(output.Data);
    }

    /// <summary>The forward pass once more, into the output's new memory.</summary>
    public void RunAgain() => Forward(Output.Data);

    public void RunBackward() => Backward(Output.Gradient);

    /// <summary>The op's step of the walk back: its backward pass, where a gradient has come to it, and the end of what it alone needed.</summary>
    public virtual void WalkBack(Arena arena)
    {
        if (Output.HasGradient) RunBackward();
        Output.ReleaseGradient(arena);
        Output.ReleaseComputedAgain(arena);
    }

    /// <summary>Sets the output of an op that has none of its own making.</summary>
    protected void Stand(Tensor output) => Output = output;

    /// <summary>Writes all of <paramref name="y"/>; its memory holds anything before.</summary>
    protected abstract void Forward(Span<float> y);

    /// <summary>Adds to the gradient of each input that needs one.</summary>
    protected abstract void Backward(ReadOnlySpan<float> dy);
}
