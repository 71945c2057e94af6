namespace Leftover.Advantages;

/// <summary>Which rows a training step takes.</summary>
public enum SamplingStrategy
{
    /// <summary>Shuffled passes without replacement over the kept rows.</summary>
    Uniform,

    /// <summary>Every kept row with a positive priority is as likely, with replacement.</summary>
    GoodRandom,

    /// <summary>Kept rows in proportion to their advantage (or reward, for algorithms without one), with replacement.</summary>
    GoodPriority,

    /// <summary>The same over rows that their data calls the worse answer too.</summary>
    AllPriority,
}
