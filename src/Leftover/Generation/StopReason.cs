namespace Leftover.Generation;

/// <summary>Why a completion ended.</summary>
public enum StopReason
{
    /// <summary>The model gave a stop token.</summary>
    EndToken,

    /// <summary>A stop string appeared in the text.</summary>
    StopString,

    /// <summary>It reached the most new tokens allowed.</summary>
    MaxNewTokens,

    /// <summary>Prompt and completion filled the model's context.</summary>
    Context,
}
