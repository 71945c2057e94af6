namespace Leftover.Advantages;

/// <summary>What a training row earns its place by: it decides the filter and the sampling priority.</summary>
public enum Credit
{
    /// <summary>Nothing: every row of the data's own better answers is as good as another.</summary>
    None,

    /// <summary>Its reward: rows without a positive one are never drawn by priority.</summary>
    Reward,

    /// <summary>Being compared with other answers: worse ones are needed as much as better ones.</summary>
    Comparison,

    /// <summary>Its advantage: rows without a positive one are left out.</summary>
    Advantage,
}
