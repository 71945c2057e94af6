namespace Leftover.Generation;

/// <summary>What a model wrote after a prompt.</summary>
/// <param name="Tokens">The new tokens, a stop token included.</param>
/// <param name="Text">Their text without stop token and special tokens, cut before a stop string; empty without a tokenizer.</param>
/// <param name="Reason">Why it ended.</param>
/// <param name="LogProbs">ln π of each new token under the model itself, before penalties, temperature and filters; in nats, one a token.</param>
public sealed record Completion(int[] Tokens, string Text, StopReason Reason, float[] LogProbs)
{
    /// <summary>The number of its prompt in the list that was given.</summary>
    public int Prompt { get; init; }

    /// <summary>Which of the prompt's completions it is, from 0; of beam search, the best first.</summary>
    public int Sample { get; init; }

    /// <summary>Beam search alone: the summed (penalised) ln π over (new tokens)^length_penalty.</summary>
    public double? BeamScore { get; init; }
}
