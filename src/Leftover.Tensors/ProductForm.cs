namespace Leftover.Tensors;

/// <summary>How a weight stands in the products that it is used in.</summary>
public enum ProductForm
{
    /// <summary>In none: an embedding, a norm, a bias.</summary>
    None,

    /// <summary>[outputs, inputs].</summary>
    OutIn,

    /// <summary>[inputs, outputs], as GPT-2's.</summary>
    InOut,
}
