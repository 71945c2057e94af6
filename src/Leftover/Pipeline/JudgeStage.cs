using Leftover.Data;
using Leftover.Evaluation;
using Leftover.Rewards.Judging;
using Leftover.Runs;

namespace Leftover.Pipeline;

/// <summary>Lets the recipe's <c>evaluation.judge</c> compare the replies of two policies to the same prompts.</summary>
/// <param name="context">The recipe and where things lie.</param>
/// <param name="judge">The judge.</param>
/// <param name="prompts">Rows whose columns of text the rubric may ask for, found by their prompts.</param>
internal sealed class JudgeStage(RunContext context, JudgeReward judge, IReadOnlyList<Example> prompts) : IDisposable
{
    private readonly PairJudge _judge = new(judge, context.Scoring);
    private readonly Dictionary<string, IReadOnlyDictionary<string, string>> _texts =
        prompts.GroupBy(example => example.PromptText, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.First().Texts, StringComparer.Ordinal);

    /// <summary>The columns of text that the recipe's judge asks for; none where it names no judge.</summary>
    /// <exception cref="DataException">Its rubric is missing, or is none for pairs.</exception>
    public static IReadOnlyList<string> TextsOf(Recipe recipe) => recipe.Evaluation.Judge is { } judge ? PairJudge.ColumnsOf(judge) : [];

    /// <summary>Every policy after the first against the first, which is the reference; null where the recipe names no judge.</summary>
    /// <exception cref="DataException">The judge cannot be asked, or its budget is used; what it answered is kept.</exception>
    public static IReadOnlyList<JudgedResult>? AgainstFirst(RunContext context, IReadOnlyList<Example> prompts, IReadOnlyList<PolicyReplies> policies)
    {
        if (context.Recipe.Evaluation.Judge is not { } judge) return null;
        using var stage = new JudgeStage(context, judge, prompts);
        return [.. policies.Skip(1).Select(policy => stage.Compare(policy, policies[0]))];
    }

    /// <summary>How often a's replies are better than b's.</summary>
    /// <exception cref="ArgumentException">They did not answer the same prompts.</exception>
    /// <exception cref="DataException">The judge cannot be asked, or its budget is used; what it answered is kept.</exception>
    public JudgedResult Compare(PolicyReplies a, PolicyReplies b)
    {
        IReadOnlyList<PairVerdict> verdicts = Verdicts(a, b);
        double[] byPrompt =
        [
            .. verdicts.Zip(a.Replies, (verdict, reply) => (reply.Prompt, verdict.Winner)).Where(row => row.Winner != PairWinner.None)
                .GroupBy(row => row.Prompt).OrderBy(group => group.Key).Select(group => group.Average(row => row.Winner switch { PairWinner.A => 1.0, PairWinner.B => 0, _ => 0.5 })),
        ];
        return new JudgedResult(
            a.Name, b.Name, judge.Name, Count(PairWinner.A), Count(PairWinner.Tie), Count(PairWinner.B),
            verdicts.Count(verdict => verdict is { Winner: PairWinner.Tie, Agreed: false }), Count(PairWinner.None),
            byPrompt.Length < 2 ? null : ResultsBuilder.Mean(byPrompt, context.Recipe.Evaluation.Confidence, context.Recipe.Seed, $"judged {a.Name} {b.Name}"));

        int Count(PairWinner winner) => verdicts.Count(verdict => verdict.Winner == winner);
    }

    /// <summary>A verdict on each reply of a with the reply of b in the same place; A is a's.</summary>
    /// <exception cref="ArgumentException">They did not answer the same prompts.</exception>
    /// <exception cref="DataException">The judge cannot be asked, or its budget is used; what it answered is kept.</exception>
    public IReadOnlyList<PairVerdict> Verdicts(PolicyReplies a, PolicyReplies b)
    {
        if (!a.Replies.Select(reply => reply.PromptText).SequenceEqual(b.Replies.Select(reply => reply.PromptText)))
            throw new ArgumentException($"'{a.Name}' and '{b.Name}' did not answer the same prompts, so their replies make no pairs. Evaluate both on the same held-out rows.");
        return _judge.JudgePairs([.. a.Replies.Zip(b.Replies, (x, y) => new JudgedPair(x.PromptText, x.Text, y.Text) { Texts = _texts.GetValueOrDefault(x.PromptText, Example.NoTexts) })]);
    }

    /// <inheritdoc/>
    public void Dispose() => _judge.Dispose();
}
