using Leftover.Batches;
using Leftover.Data;
using Leftover.Runs;
using Leftover.Tokenization;

namespace Leftover.Pipeline;

/// <summary>Examples as token ids: a row each, rows of one prompt sharing its ids.</summary>
public sealed class TokenizedSet
{
    private TokenizedSet(IReadOnlyList<Example> examples, TrainingRow[] rows, int[] promptOf, int[][] prompts, int[] firstOf)
    {
        (Examples, Rows, PromptOf, Prompts, FirstOf) = (examples, rows, promptOf, prompts, firstOf);
    }

    /// <summary>The examples.</summary>
    public IReadOnlyList<Example> Examples { get; }

    /// <summary>Their token ids, in the same order; <see cref="TrainingRow.Example"/> is the number here.</summary>
    public IReadOnlyList<TrainingRow> Rows { get; }

    /// <summary>For each row, the number of its prompt.</summary>
    public IReadOnlyList<int> PromptOf { get; }

    /// <summary>The distinct prompts' token ids, in the order of their first rows.</summary>
    public IReadOnlyList<int[]> Prompts { get; }

    /// <summary>For each prompt, the number of its first row.</summary>
    public IReadOnlyList<int> FirstOf { get; }

    /// <summary>Prompts that were cut to length.</summary>
    public int PromptsCut { get; private init; }

    /// <summary>Completions that were cut to length.</summary>
    public int CompletionsCut { get; private init; }

    /// <summary>Prompt and completion tokens in all rows.</summary>
    public long Tokens => Rows.Sum(row => (long)row.Length);

    /// <summary>Tokenises examples.</summary>
    /// <param name="examples">The examples; their order is kept.</param>
    /// <param name="coding">Tokenizer and template.</param>
    /// <param name="truncation">How much of each is kept.</param>
    /// <param name="context">The model's context, in tokens: prompts give way where both together are longer.</param>
    public static TokenizedSet Of(IReadOnlyList<Example> examples, TextCoding coding, TruncationOptions truncation, int context)
    {
        if (truncation.MaxTokens > context)
            throw new DataException($"truncation.max_tokens (--max_length) is {truncation.MaxTokens}; the model's context is {context} tokens. Set it to at most that, or leave it out to use all of it.");
        int maxTokens = Math.Min(truncation.MaxTokens ?? context, context);
        int maxCompletion = Math.Min(truncation.MaxCompletionTokens, maxTokens - 1);
        int maxPrompt = Math.Min(truncation.MaxPromptTokens, maxTokens - maxCompletion);
        var tokenizer = new ExampleTokenizer(coding.Tokenizer, coding.Template, maxPrompt, maxCompletion, (Tokenization.TruncationSide)truncation.Side);

        var rows = new TrainingRow[examples.Count];
        int[] promptOf = new int[examples.Count];
        List<int[]> prompts = [];
        List<int> firstOf = [];
        var numbers = new Dictionary<PromptKey, int>();
        int promptsCut = 0, completionsCut = 0;
        for (int i = 0; i < rows.Length; i++)
        {
            TokenizedExample ids = Ids(examples[i], tokenizer);
            if (ids.PromptCut) promptsCut++;
            if (ids.CompletionCut) completionsCut++;
            if (!numbers.TryGetValue(new PromptKey(ids.Prompt), out int prompt))
            {
                prompt = prompts.Count;
                numbers[new PromptKey(ids.Prompt)] = prompt;
                prompts.Add(ids.Prompt);
                firstOf.Add(i);
            }
            promptOf[i] = prompt;
            rows[i] = new TrainingRow(i, prompts[prompt], ids.Completion) { Weight = (float)examples[i].Weight };
        }
        return new TokenizedSet(examples, rows, promptOf, [.. prompts], [.. firstOf]) { PromptsCut = promptsCut, CompletionsCut = completionsCut };
    }

    private static TokenizedExample Ids(Example example, ExampleTokenizer tokenizer) =>
        example is { PromptIds: { } prompt, CompletionIds: { } completion }
            ? new TokenizedExample(prompt, completion, false, false)
            : example.Prompt.Count == 0 ? tokenizer.Tokenize(example.PromptText, example.Completion) : tokenizer.Tokenize(example.Prompt, example.Completion);
}
