using Leftover.Data;

namespace Leftover.RewardModels;

/// <summary>What a reward model learns from at once: a text with its label or value, or a pair of answers.</summary>
/// <param name="Example">The row; of a pair the chosen answer's.</param>
/// <param name="Answers">The text, or the chosen and the rejected answer.</param>
/// <param name="Texts">Their token ids.</param>
internal sealed record RewardItem(Example Example, string[] Answers, int[][] Texts)
{
    /// <summary>The class, from 0; classification alone.</summary>
    public int Label { get; init; }

    /// <summary>The value; regression alone.</summary>
    public double Target { get; init; }

    /// <summary>How much higher the chosen answer was rewarded; preferences alone.</summary>
    public double Margin { get; init; }

    /// <summary>How much it counts; above 0.</summary>
    public float Weight => (float)Example.Weight;

    /// <summary>Tokens of its texts.</summary>
    public int Tokens => Texts.Sum(ids => ids.Length);

    /// <summary>Its place in the data, for messages.</summary>
    public string Place => $"{DisplayPath.Of(Example.File)}({Example.Line})";
}
