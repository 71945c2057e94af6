namespace Leftover.Tokenization;

/// <summary>A prompt and a completion as token ids; the model reads one after the other.</summary>
/// <param name="Prompt">The prompt's ids, a begin of sequence included where the tokenizer has one.</param>
/// <param name="Completion">The completion's ids, its end included where it was not cut.</param>
/// <param name="PromptCut">Whether the prompt was too long.</param>
/// <param name="CompletionCut">Whether the completion was too long; then its end is missing.</param>
public sealed record TokenizedExample(int[] Prompt, int[] Completion, bool PromptCut, bool CompletionCut);
