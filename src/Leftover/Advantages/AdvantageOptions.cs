namespace Leftover.Advantages;

/// <summary>The filter.</summary>
public sealed record AdvantageOptions
{
    /// <summary>A row is kept where its advantage is above this; reward units, any finite number. Default 0.</summary>
    public double Threshold { get; init; }
}
