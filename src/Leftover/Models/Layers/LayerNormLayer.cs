using Leftover.Tensors;

namespace Leftover.Models.Layers;

/// <summary>Layer norm with the checkpoint's <c>weight</c> and <c>bias</c>.</summary>
internal sealed class LayerNormLayer(WeightScope weights, int width, float epsilon)
{
    private readonly Weight _weight = weights.Vector("weight", width);
    private readonly Weight _bias = weights.Vector("bias", width);

    /// <param name="x">[N, width]; so is the result.</param>
    public Tensor Forward(Tensor x) => x.LayerNorm(_weight, _bias, epsilon);
}
