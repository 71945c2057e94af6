using Leftover.Tensors.Memory;

namespace Leftover.Tensors;

/// <summary>A part of a model of which the tape has its input and result alone; the walk back runs it again.</summary>
/// <remarks>Chen et al. 2016, arXiv:1604.06174. The part's ops run in the same order over the same numbers, so the gradients are the same bits.</remarks>
internal sealed class CheckpointedPart : Op
{
    private readonly Tape _tape;
    private readonly Tensor _input;
    private readonly Func<Tensor, Tensor> _part;

    public CheckpointedPart(Tape tape, Tensor input, Tensor output, Func<Tensor, Tensor> part) : base(input)
    {
        (_tape, _input, _part) = (tape, input, part);
        Stand(output);
    }

    protected override void Forward(Span<float> y) => throw new InvalidOperationException("A part is run where it stands.");

    protected override void Backward(ReadOnlySpan<float> dy) => _tape.WalkBackThrough(_input, Output, _part);
}

/// <summary>The place on the tape after the last reader of a forgotten tensor: the walk back computes it again here.</summary>
internal sealed class ComputedAgain : Op
{
    private readonly Op _maker;

    public ComputedAgain(Op maker) : base(maker.Output)
    {
        _maker = maker;
        Stand(maker.Output);
    }

    public override void WalkBack(Arena arena)
    {
        Output.TakeMemoryAgain();
        _maker.RunAgain();
    }

    protected override void Forward(Span<float> y) => throw new InvalidOperationException("It has no output of its own.");

    protected override void Backward(ReadOnlySpan<float> dy) => throw new InvalidOperationException("It has no gradient of its own.");
}
