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

    public void RunForward(Tensor output)
    {
        Output = output;
        Forward(output.Data);
    }

    public void RunBackward() => Backward(Output.Gradient);

    /// <summary>Writes all of <paramref name="y"/>; its memory holds anything before.</summary>
    protected abstract void Forward(Span<float> y);

    /// <summary>Adds to the gradient of each input that needs one.</summary>
    protected abstract void Backward(ReadOnlySpan<float> dy);
}
