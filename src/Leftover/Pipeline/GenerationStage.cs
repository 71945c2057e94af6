using System.Text.Json;
using Leftover.Batches;
using Leftover.Generation;
using Leftover.Models;
using Leftover.Runs;
using Leftover.Tensors.Kernels;

namespace Leftover.Pipeline;

/// <summary>A policy's own replies to prompts, kept row by row: an interrupted pass goes on, and the same question is never answered twice.</summary>
internal static class GenerationStage
{
    private const int PromptsAtOnce = 64;

    /// <summary>Replies to prompts; <paramref name="samples"/> to each, one after another.</summary>
    public static Reply[] Run(
        RunContext context, PolicySource policy, LanguageModel model, TextCoding coding, IReadOnlyList<int[]> prompts,
        Generation.GenerationOptions options, int samples, string title)
    {
        string key = RunContext.Key(("model", policy.Hash), ("coding", coding.Hash), ("options", JsonSerializer.Serialize(options)), ("samples", samples.ToString()));
        using RowStore store = context.OpenRows("replies", key);
        var replies = new Reply[prompts.Count * samples];
        List<int> missing = [];
        for (int p = 0; p < prompts.Count; p++)
        {
            if (store.Find(KeyOf(key, prompts[p], p)) is { } known) Read(known, coding).CopyTo(replies, p * samples);
            else missing.Add(p);
        }
        if (missing.Count == 0) return replies;

        context.Performance.ComputeType = ComputeType.Float32;           // whatever the weights' storage
        using IWorkProgress progress = context.Performance.Begin(title, missing.Count, "prompts");
        using var generator = new Generator(model, coding.Tokenizer);
        foreach (int[] part in missing.Chunk(PromptsAtOnce))
        {
            context.Cancellation.ThrowIfCancellationRequested();
            IReadOnlyList<Completion> made = generator.Generate([.. part.Select(p => prompts[p])], options with { NumReturnSequences = samples }, promptNumbers: part, cancellation: context.Cancellation);
            for (int i = 0; i < part.Length; i++)
            {
                Completion[] own = [.. made.Skip(i * samples).Take(samples)];
                float[] record = Write(own);
                store.Add(KeyOf(key, prompts[part[i]], part[i]), record);
                Read(record, coding).CopyTo(replies, part[i] * samples);
            }
            store.Flush();
            Count(progress, model.Config, prompts, part, made, options);
            progress.Advance(part.Length, made.Sum(completion => completion.Tokens.Length));
        }
        return replies;
    }

    // Each prompt once, each new token once, and the weights read once for every token of the sequences that run together.
    private static void Count(IWorkProgress progress, ModelConfig config, IReadOnlyList<int[]> prompts, int[] part, IReadOnlyList<Completion> made, Generation.GenerationOptions options)
    {
        var work = new ModelWork(config);
        CompletionBatch batch = BatchPacker.Pack([.. made.Select((completion, i) => new TrainingRow(i, prompts[part[i / (made.Count / part.Length)]], completion.Tokens))]);
        int passes = Math.Max(made.Max(completion => completion.Tokens.Length), (batch.Targets.Length + options.BatchSize - 1) / options.BatchSize);
        progress.Count(work.Forward(batch.Layout.Segments, batch.Rows.Length), work.WeightBytes(options.WeightDtype) * passes);
    }

    // The prompt's number belongs to the key, since it seeds the sampling.
    private static string KeyOf(string context, int[] prompt, int number) => RowStore.Key(context, prompt, [number]);

    private static float[] Write(Completion[] completions)
    {
        List<float> record = [];
        foreach (Completion completion in completions)
        {
            record.Add(completion.Tokens.Length);
            record.Add(completion.Reason is StopReason.MaxNewTokens or StopReason.Context ? 1 : 0);
            foreach (int id in completion.Tokens) record.Add(BitConverter.Int32BitsToSingle(id));
        }
        return [.. record];
    }

    private static Reply[] Read(float[] record, TextCoding coding)
    {
        List<Reply> replies = [];
        for (int at = 0; at < record.Length;)
        {
            int length = (int)record[at];
            bool cut = record[at + 1] != 0;
            int[] tokens = [.. record.AsSpan(at + 2, length).ToArray().Select(BitConverter.SingleToInt32Bits)];
            string text = coding.Template.ReadCompletion(coding.Tokenizer.Decode(tokens));
            replies.Add(new Reply(tokens, text, cut));
            at += 2 + length;
        }
        return [.. replies];
    }
}

/// <summary>A reply that a policy wrote.</summary>
/// <param name="Tokens">Its token ids, the end token included where it came.</param>
/// <param name="Text">Its own words.</param>
/// <param name="Cut">True where the length limit ended it.</param>
internal sealed record Reply(int[] Tokens, string Text, bool Cut);
