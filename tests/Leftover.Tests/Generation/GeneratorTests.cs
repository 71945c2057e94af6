using Leftover.Data;
using Leftover.Generation;
using Leftover.Models;
using Leftover.Tensors;
using Leftover.Tensors.Memory;
using Leftover.Tests.Models;

namespace Leftover.Tests.Generation;

public sealed class GeneratorTests : IDisposable
{
    private static readonly int[][] s_prompts = [[1, 2, 3], [7], [9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9], [4, 8], [11, 12, 13, 14, 15, 16, 17]];
    private static readonly GenerationOptions s_drawn = new() { MaxNewTokens = 14, DoSample = true, Temperature = 1.3f, TopP = 0.95f, EosTokenId = [5, 6, 7], NumReturnSequences = 3, Seed = 11 };

    private readonly LanguageModel _model = TinyModels.Llama();

    [Fact]
    public void A_completion_does_not_depend_on_what_is_written_beside_it()
    {
        foreach (LanguageModel model in new[] { TinyModels.Llama(), TinyModels.Gpt2() })
        {
            using (model)
            {
                using var generator = new Generator(model);
                IReadOnlyList<Completion> together = generator.Generate(s_prompts, s_drawn);
                Assert.Equal(15, together.Count);
                foreach (int batch in new[] { 1, 2, 7 }) AssertSame(together, generator.Generate(s_prompts, s_drawn with { BatchSize = batch }));
                IReadOnlyList<Completion> part = generator.Generate([s_prompts[4], s_prompts[1]], s_drawn, promptNumbers: [4, 1]);
                AssertSame([.. together.Skip(12), .. together.Skip(3).Take(3)], part);
                AssertSame([.. together.Take(6)], generator.Generate(s_prompts[..2], s_drawn with { BatchSize = 4 }));
            }
        }
    }

    [Fact]
    public void Each_sample_has_its_own_stream_which_follows_from_the_seed()
    {
        using var generator = new Generator(_model);
        IReadOnlyList<Completion> completions = generator.Generate(s_prompts, s_drawn);
        AssertSame(completions, generator.Generate(s_prompts, s_drawn));
        Assert.NotEqual(completions.SelectMany(completion => completion.Tokens), generator.Generate(s_prompts, s_drawn with { Seed = 12 }).SelectMany(completion => completion.Tokens));
        Assert.NotEqual(completions[0].Tokens, completions[1].Tokens);
        for (int i = 0; i < completions.Count; i++) Assert.Equal((i / 3, i % 3), (completions[i].Prompt, completions[i].Sample));
    }

    [Fact]
    public void Tokens_are_drawn_as_often_as_the_model_says()
    {
        const int Draws = 4000;
        using var generator = new Generator(_model);
        GenerationOptions options = new() { MaxNewTokens = 1, DoSample = true, Temperature = 1.7f, TopK = 12, NumReturnSequences = Draws, BatchSize = 64 };
        int[] counts = new int[_model.Config.VocabularySize];
        foreach (Completion completion in generator.Generate([[1, 2, 3]], options)) counts[completion.Tokens[0]]++;

        double[] weights = [.. TinyModels.Logits(_model, 1, 2, 3)[^counts.Length..].Select(logit => Math.Exp(logit / 1.7))];
        double least = weights.Order().ElementAt(counts.Length - 12);
        double total = weights.Where(weight => weight >= least).Sum();
        for (int token = 0; token < counts.Length; token++)
        {
            double expected = weights[token] >= least ? Draws * weights[token] / total : 0;
            Assert.True(Math.Abs(counts[token] - expected) <= 5 * Math.Sqrt(expected) + (expected > 0 ? 1 : 0), $"token {token} came {counts[token]} times instead of {expected:F1}.");
        }
    }

    [Fact]
    public void Log_probabilities_are_those_of_scoring_the_completion()
    {
        using var generator = new Generator(_model);
        using var arena = new Arena();
        foreach (Completion completion in generator.Generate(s_prompts, s_drawn with { RepetitionPenalty = 1.2f }))
        {
            int[] prompt = s_prompts[completion.Prompt], ids = [.. prompt, .. completion.Tokens];
            using Tape tape = arena.Begin(record: false);
            Span<float> scored = _model.TokenLogProbs(ids, PackedLayout.Single(ids.Length), [.. Enumerable.Range(prompt.Length - 1, completion.Tokens.Length)], completion.Tokens).Data;
            Tolerance.Near(scored, completion.LogProbs, 1e-4, "log-probabilities");
        }
    }

    [Fact]
    public void A_stop_token_ends_a_completion_and_is_its_last_token_but_not_in_its_text()
    {
        using var generator = new Generator(_model, new LetterTokenizer());
        int[] free = generator.Generate([[1, 2, 3]], new GenerationOptions { MaxNewTokens = 12 }).Single().Tokens;
        Completion all = generator.Generate([[1, 2, 3]], new GenerationOptions { MaxNewTokens = 12 }).Single();
        Assert.Equal((12, StopReason.MaxNewTokens), (all.Tokens.Length, all.Reason));

        int end = free[4];
        int first = Array.IndexOf(free, end);
        Completion ended = generator.Generate([[1, 2, 3]], new GenerationOptions { MaxNewTokens = 12, EosTokenId = [end] }).Single();
        Assert.Equal(free[..(first + 1)], ended.Tokens);
        Assert.Equal(StopReason.EndToken, ended.Reason);
    }

    [Fact]
    public void The_context_ends_a_completion_where_it_is_full()
    {
        using var generator = new Generator(_model);
        Completion completion = generator.Generate([new int[40]], new GenerationOptions { MaxNewTokens = 100 }).Single();
        Assert.Equal((8, StopReason.Context), (completion.Tokens.Length, completion.Reason));
        Assert.Contains("no room", Assert.Throws<ArgumentException>(() => generator.Generate([new int[48]], new GenerationOptions())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stop_string_ends_a_completion_and_the_text_before_it_is_kept()
    {
        using var generator = new Generator(_model, new LetterTokenizer());
        GenerationOptions options = s_drawn with { EosTokenId = [], NumReturnSequences = 1, MaxNewTokens = 20 };
        Completion free = generator.Generate([[1, 2, 3]], options).Single();
        string stop = free.Text.Substring(6, 3);
        int at = free.Text.IndexOf(stop, StringComparison.Ordinal);
        Completion stopped = generator.Generate([[1, 2, 3]], options with { StopStrings = ["never there", stop] }).Single();
        Assert.Equal(StopReason.StopString, stopped.Reason);
        Assert.Equal(free.Text[..at], stopped.Text);
        Assert.Equal(free.Tokens[..(at + 3)], stopped.Tokens);
    }

    [Fact]
    public void A_stream_gives_the_text_of_the_completion_and_no_part_of_a_stop_string()
    {
        using var generator = new Generator(_model, new LetterTokenizer());
        GenerationOptions options = s_drawn with { EosTokenId = [], NumReturnSequences = 1, MaxNewTokens = 20 };
        string free = generator.Generate([[1, 2, 3]], options).Single().Text;
        foreach (string[] stops in new string[][] { [], [free.Substring(6, 3)], [free[5] + "!", free.Substring(9, 2)] })
        {
            Completion? finished = null;
            List<string> pieces = [.. generator.Stream([1, 2, 3], options with { StopStrings = stops }, completion => finished = completion)];
            Completion whole = generator.Generate([[1, 2, 3]], options with { StopStrings = stops }).Single();
            Assert.Equal(whole.Text, string.Concat(pieces));
            Assert.Equal(whole.Tokens, finished!.Tokens);
            Assert.True(pieces.Count > 3);
            Assert.DoesNotContain("", pieces);
        }
    }

    [Fact]
    public void Beam_search_returns_its_best_beams_in_their_order()
    {
        using var generator = new Generator(_model);
        IReadOnlyList<Completion> completions = generator.Generate(s_prompts, new GenerationOptions { NumBeams = 4, NumReturnSequences = 3, MaxNewTokens = 8, EosTokenId = [5] });
        Assert.Equal(15, completions.Count);
        foreach (Completion[] beams in completions.Chunk(3))
        {
            Assert.Equal([0, 1, 2], beams.Select(beam => beam.Sample));
            Assert.Equal(beams.Select(beam => beam.BeamScore).OrderDescending(), beams.Select(beam => beam.BeamScore));
            foreach (Completion beam in beams) Assert.Equal(beam.LogProbs.Sum() / beam.Tokens.Length, beam.BeamScore!.Value, 1e-4);
        }
    }

    [Fact]
    public void Temperature_zero_takes_the_likeliest_token()
    {
        using var generator = new Generator(_model);
        AssertSame(generator.Generate(s_prompts, new GenerationOptions { MaxNewTokens = 9 }), generator.Generate(s_prompts, new GenerationOptions { MaxNewTokens = 9, DoSample = true, Temperature = 0 }));
    }

    [Fact]
    public void Options_and_prompts_that_cannot_be_are_refused()
    {
        using var generator = new Generator(_model);
        Refused("num_return_sequences", new GenerationOptions { NumReturnSequences = 2 });
        Refused("do_sample", new GenerationOptions { NumBeams = 2, DoSample = true });
        Refused("stop_strings need a tokenizer", new GenerationOptions { StopStrings = ["x"] });
        Refused("top_p", new GenerationOptions { TopP = 1.5f });
        Assert.Contains("Prompt 1 is empty", Assert.Throws<ArgumentException>(() => generator.Generate([[1], []], new GenerationOptions())).Message, StringComparison.Ordinal);
        Assert.Contains("the id 61", Assert.Throws<ArgumentException>(() => generator.Generate([[61]], new GenerationOptions())).Message, StringComparison.Ordinal);
        Assert.Contains("62", Assert.Throws<DataException>(() => new Generator(_model, new LetterTokenizer(62))).Message, StringComparison.Ordinal);
        Assert.Empty(generator.Generate([], new GenerationOptions()));
        Assert.Null(_model.CheckVocabulary(new LetterTokenizer(61)));
        Assert.Contains("last 4", _model.CheckVocabulary(new LetterTokenizer(57)), StringComparison.Ordinal);

        void Refused(string part, GenerationOptions options) =>
            Assert.Contains(part, Assert.Throws<ArgumentException>(() => generator.Generate([[1]], options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cancelling_stops_between_tokens()
    {
        using var generator = new Generator(_model);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => generator.Generate([[1]], new GenerationOptions(), cancellation: cancelled.Token));
    }

    private static void AssertSame(IReadOnlyList<Completion> expected, IReadOnlyList<Completion> actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        foreach ((Completion one, Completion other) in expected.Zip(actual))
        {
            Assert.Equal(one.Tokens, other.Tokens);
            Assert.Equal(one.LogProbs, other.LogProbs);
            Assert.Equal(one.Reason, other.Reason);
        }
    }

    public void Dispose() => _model.Dispose();
}
