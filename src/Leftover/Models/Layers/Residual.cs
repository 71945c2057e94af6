using Leftover.Tensors;

namespace Leftover.Models.Layers;

/// <summary>The residual stream's sums.</summary>
internal static class Residual
{
    /// <summary>x + change; the change's numbers are dropped, since nothing reads them again.</summary>
    /// <param name="x">[N, C].</param>
    /// <param name="change">A product's result, [N, C].</param>
    public static Tensor Add(Tensor x, Tensor change)
    {
        Tensor sum = x + change;
        change.Drop();
        return sum;
    }
}
