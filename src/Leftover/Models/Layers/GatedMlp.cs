using Leftover.Tensors;

namespace Leftover.Models.Layers;

/// <summary>down(act(gate(x)) ∘ up(x)); with SiLU this is SwiGLU (Shazeer 2020, arXiv:2002.05202).</summary>
internal sealed class GatedMlp(WeightScope weights, int width, int innerWidth, string activation, bool bias)
{
    private readonly LinearLayer _gate = new(weights["gate_proj"], width, innerWidth, bias);
    private readonly LinearLayer _up = new(weights["up_proj"], width, innerWidth, bias);
    private readonly LinearLayer _down = new(weights["down_proj"], innerWidth, width, bias);
    private readonly Func<Tensor, Tensor>? _activation = activation is "silu" or "swish" ? null : Activation.Named(activation);

    /// <param name="x">A norm's result that nothing else reads, [N, width]; so is the result. It is forgotten.</param>
    public Tensor Forward(Tensor x)
    {
        Tensor gate = _gate.Forward(x);
        Tensor up = _up.Forward(x);
        x.Forget();
        Tensor inner = _activation is null ? Tensor.SwiGlu(gate, up) : _activation(gate) * up;
        Tensor result = _down.Forward(inner);
        inner.Forget();
        return result;
    }
}
