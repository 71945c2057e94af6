using Leftover.Tensors;

namespace Leftover.Models.Layers;

/// <summary>A matrix product with the checkpoint's <c>weight</c> and, where there is one, <c>bias</c>.</summary>
internal sealed class LinearLayer
{
    private readonly Weight _weight;
    private readonly Weight? _bias;
    private readonly bool _weightIsInOut;

    /// <summary>Declares the weights: [outputs, inputs], or [inputs, outputs] where <paramref name="weightIsInOut"/>, as GPT-2's are.</summary>
    public LinearLayer(WeightScope weights, int inputs, int outputs, bool bias, bool weightIsInOut = false)
    {
        _weight = weightIsInOut ? weights.Matrix("weight", inputs, outputs) : weights.Matrix("weight", outputs, inputs);
        _weight.UseInProducts(weightIsInOut ? ProductForm.InOut : ProductForm.OutIn);
        _bias = bias ? weights.Vector("bias", outputs) : null;
        _weightIsInOut = weightIsInOut;
    }

    /// <param name="x">[N, inputs]; the result is [N, outputs].</param>
    public Tensor Forward(Tensor x) => x.Linear(_weight, _bias?.Tensor, _weightIsInOut);
}
