using Leftover.Tensors;

namespace Leftover.Models.Layers;

/// <summary>Causal self-attention over rotated queries and keys; several query heads may share one key/value head (Ainslie et al. 2023, arXiv:2305.13245).</summary>
internal sealed class CausalSelfAttention(WeightScope weights, int width, int layer, AttentionShape shape, RopeTable rope, bool bias)
{
    private readonly LinearLayer _query = new(weights["q_proj"], width, shape.Heads * shape.HeadDimension, bias);
    private readonly LinearLayer _key = new(weights["k_proj"], width, shape.KeyValueHeads * shape.HeadDimension, bias);
    private readonly LinearLayer _value = new(weights["v_proj"], width, shape.KeyValueHeads * shape.HeadDimension, bias);
    private readonly LinearLayer _output = new(weights["o_proj"], shape.Heads * shape.HeadDimension, width, bias);

    /// <param name="x">A norm's result that nothing else reads, [N, width]; so is the result. It is forgotten.</param>
    /// <param name="layout">Where each sequence lies, and its positions.</param>
    public Tensor Forward(Tensor x, PackedLayout layout)
    {
        Tensor query = Turn(_query.Forward(x), layout, shape.Heads);
        Tensor key = Turn(_key.Forward(x), layout, shape.KeyValueHeads);
        Tensor value = _value.Forward(x);
        x.Forget();
        return _output.Forward(Tensor.CausalAttention(query, 0, key, 0, value, 0, shape, layout, layer));
    }

    private Tensor Turn(Tensor straight, PackedLayout layout, int heads)
    {
        Tensor turned = straight.Rope(rope, layout, heads);
        straight.Drop();
        return turned;
    }
}
