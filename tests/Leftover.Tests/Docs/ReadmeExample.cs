// snippet: library
using Leftover.Algorithms;
using Leftover.Batches;
using Leftover.Models;
using Leftover.Reference;
using Leftover.Runs;
using Leftover.Tensors.Optimizers;
using Leftover.Tokenization;
using Leftover.Training;
// end

namespace Leftover.Tests.Docs;

/// <summary>The README's example of the library.</summary>
internal static class ReadmeExample
{
    // snippet: library
    public static void Train(string modelFolder, IReadOnlyList<(string Prompt, string Answer, float Advantage)> log, string outputFolder)
    {
        using LanguageModel policy = LanguageModel.Load(modelFolder, trainable: true);
        Tokenizer tokenizer = Tokenizer.Load(modelFolder);
        var coding = new ExampleTokenizer(tokenizer, PromptTemplate.For(tokenizer), maxPromptTokens: 256, maxCompletionTokens: 64);
        TrainingRow[] rows = [.. log.Select((row, i) =>
        {
            TokenizedExample ids = coding.Tokenize([new ChatMessage("user", row.Prompt)], row.Answer);
            return new TrainingRow(i, ids.Prompt, ids.Completion) { Advantage = row.Advantage };
        })];

        float[][] reference = ReferencePass.TokenLogProbs(            // ln π_ref of each completion token, before any training
            policy, rows, store: null, modelHash: "", states: null, maxTokens: 2048, SilentObserver.Instance, CancellationToken.None);
        rows = [.. rows.Select((row, i) => row with { ReferenceTokenLogProbs = reference[i] })];

        var settings = new TrainerSettings { Optimizer = new AdamWOptions(), LearningRate = _ => 1e-4f };
        using var trainer = new Trainer(policy, new ALoL { ClipRange = 0.9f }, settings, rowsOfStep: _ => rows);
        foreach (StepReport step in trainer.Steps(first: 1, last: 3)) Console.WriteLine($"{step.Step}: loss {step.Loss:F4}, ln π {step.LogProb:F3}");
        ModelFolder.Save(policy, outputFolder, tokenizer);
    }
    // end
}
