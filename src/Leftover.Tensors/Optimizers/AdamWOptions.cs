namespace Leftover.Tensors.Optimizers;

/// <summary>AdamW's constants.</summary>
public sealed record AdamWOptions
{
    /// <summary>β₁, what the mean of gradients keeps each update; in [0, 1). Default 0.9.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>β₂, what the mean of squared gradients keeps each update; in [0, 1). Default 0.999.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>ε, added to the root of the mean square; above 0. Default 1e-8.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>λ: each update first takes the rate times λ off a weight; ≥ 0. Default 0.</summary>
    public double WeightDecay { get; init; }

    /// <summary>True lets biases and norms decay too. Default false.</summary>
    public bool DecayVectors { get; init; }

    internal void Check()
    {
        if (!(Beta1 is >= 0 and < 1)) throw new ArgumentException($"AdamW: Beta1 is {Beta1}; it must be in [0, 1).");
        if (!(Beta2 is >= 0 and < 1)) throw new ArgumentException($"AdamW: Beta2 is {Beta2}; it must be in [0, 1).");
        if (!(Epsilon > 0) || !double.IsFinite(Epsilon)) throw new ArgumentException($"AdamW: Epsilon is {Epsilon}; it must be above 0.");
        if (!(WeightDecay >= 0) || !double.IsFinite(WeightDecay)) throw new ArgumentException($"AdamW: WeightDecay is {WeightDecay}; it must be 0 or more.");
    }
}
