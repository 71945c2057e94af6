using Leftover.Tensors;

namespace Leftover.Models.Layers;

/// <summary>Root-mean-square norm with the checkpoint's <c>weight</c>.</summary>
internal sealed class RmsNormLayer(WeightScope weights, int width, float epsilon)
{
    private readonly Weight _weight = weights.Vector("weight", width);

    /// <param name="x">[N, width]; so is the result.</param>
    public Tensor Forward(Tensor x) => x.RmsNorm(_weight, epsilon);
}
