using Leftover.Advantages;
using Leftover.Algorithms;
using Leftover.Batches;
using Leftover.Data;
using Leftover.Generation;
using Leftover.Models;
using Leftover.Reference;
using Leftover.Rewards;
using Leftover.Runs;
using Leftover.Tensors;
using Leftover.Tensors.Memory;
using Leftover.Tensors.Optimizers;
using Leftover.Tokenization;
using GenerationOptions = Leftover.Generation.GenerationOptions;

namespace Leftover.Tests.Docs;

/// <summary>One row from its file to its gradient and the update. docs/walkthrough.md shows these lines and what they compute.</summary>
internal sealed record Walkthrough
{
    /// <summary>The weight whose way through the update is shown: a number in the head's row of the completion's first token.</summary>
    public const int Channel = 5;

    public required IReadOnlyList<Example> Examples { get; init; }
    public required Tokenizer Tokenizer { get; init; }
    public required string PromptText { get; init; }
    public required TrainingRow[] Rows { get; init; }
    public required RewardSource[] Rewards { get; init; }
    public required RewardWeight[] RewardWeights { get; init; }
    public required IReadOnlyDictionary<string, double[]> RewardColumns { get; init; }
    public required double[] Totals { get; init; }
    public required float[][] Reference { get; init; }
    public required int[] Reply { get; init; }
    public required double ReplyReward { get; init; }
    public required AdvantageTable Table { get; init; }
    public required CompletionBatch Batch { get; init; }
    public required float[] LogProbs { get; init; }
    public required float[] AloneLogProbs { get; init; }
    public required float Loss { get; init; }
    public required float[] LogProbGradients { get; init; }
    public required float[][] Hidden { get; init; }
    public required float[][] Logits { get; init; }
    public required float RawGradient { get; init; }
    public required double GradientNorm { get; init; }
    public required float Before { get; init; }
    public required float Gradient { get; init; }
    public required float FirstMoment { get; init; }
    public required float SecondMoment { get; init; }
    public required float After { get; init; }
    public required float[] NextLogProbs { get; init; }
    public required float NextLoss { get; init; }
    public required float[] NextLogProbGradients { get; init; }

    /// <summary>Follows the rows of a file.</summary>
    public static Walkthrough Follow(string path)
    {
        // snippet: read
        DataReport report = ExampleReader.Read(new DataOptions { Train = [new DataSource { Path = path }] });
        IReadOnlyList<Example> examples = report.Train.Examples;
        // end

        // snippet: tokenize
        Tokenizer tokenizer = new ByteLevelBpeTrainer
        {
            VocabularySize = 384,
            MinFrequency = 1,
            SpecialTokens = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
            EndOfSequence = "<|im_end|>",
            SplitDigits = true,
        }.Train(examples.SelectMany(example => new[] { example.PromptText, example.Completion }));

        PromptTemplate template = PromptTemplate.For(tokenizer);                       // ChatML: the tokenizer has its tokens
        var coding = new ExampleTokenizer(tokenizer, template, maxPromptTokens: 64, maxCompletionTokens: 32);
        TrainingRow[] rows =
        [
            .. examples.Select((example, i) =>
            {
                TokenizedExample ids = coding.Tokenize(example.Prompt, example.Completion);
                return new TrainingRow(i, ids.Prompt, ids.Completion);
            }),
        ];
        // end

        // snippet: model
        var config = new LlamaConfig
        {
            VocabularySize = tokenizer.VocabularySize,
            ContextLength = 128,
            Width = 24,
            Layers = 2,
            Heads = 4,
            KeyValueHeads = 2,
            InnerWidth = 48,
            InitializerRange = 0.2f,
        };
        using LanguageModel policy = LanguageModel.Create(config, seed: 1);
        // end

        // snippet: rewards
        RewardSource[] rewards =
        [
            new RegexReward { Name = "right_number", PromptPattern = @"order (?<number>\d+)", Patterns = ["{number}"] },
            new LengthReward { Name = "short", Max = 6, Width = 8 },
            new RegexReward { Name = "rude", Patterns = ["stupid"], IgnoreCase = true, Value = -1 },
        ];
        RewardWeight[] weights = [new("right_number"), new("short", 0.5), new("rude", 0.5)];
        RewardInput[] inputs = [.. examples.Select(example => new RewardInput(example.PromptText, example.Completion, example.Rewards))];
        Dictionary<string, double[]> columns = rewards.ToDictionary(reward => reward.Name, reward => reward.Score(inputs));
        RewardCombiner combiner = RewardCombiner.Fit(weights, columns);
        double[] totals = combiner.CombineAll(columns);                                // R of each row
        // end

        // snippet: reference
        float[][] reference = ReferencePass.TokenLogProbs(
            policy, rows, store: null, modelHash: "", states: null, maxTokens: 2048, SilentObserver.Instance, CancellationToken.None);
        // end

        // snippet: value
        using var generator = new Generator(policy, tokenizer);
        Completion reply = generator.Generate([rows[0].Prompt], new GenerationOptions { MaxNewTokens = 12, EosTokenId = [.. tokenizer.EndOfGeneration] })[0];
        RewardInput[] own = [new RewardInput(examples[0].PromptText, reply.Text, new Dictionary<string, double>())];
        double replyReward = combiner.Combine(rewards.ToDictionary(reward => reward.Name, reward => reward.Score(own)[0]));
        double[] values = ValueBaselines.MeanOfDecodes(prompts: [0, 0, 0], decodePrompts: [0], decodeRewards: [replyReward]);
        // end

        // snippet: advantages
        ScoredRow[] scored = [.. examples.Select((example, i) => new ScoredRow(example.Id, example.File, example.Line, Prompt: 0, totals[i]))];
        AdvantageTable table = AdvantageTable.Create(scored, values, Credit.Advantage);
        // end

        // snippet: pack
        TrainingRow[] kept =
        [
            .. rows.Where(row => table.Rows[row.Example].Kept).Select(row => row with
            {
                Reward = (float)totals[row.Example],
                Advantage = (float)table.Rows[row.Example].Advantage,
                ReferenceTokenLogProbs = reference[row.Example],
            }),
        ];
        CompletionBatch batch = BatchPacker.Pack(kept);
        // end

        // snippet: loss
        var algorithm = new ALoL { ClipRange = 0.9f };
        using var arena = new Arena();
        float[] logProbs;
        float loss;
        using (Tape tape = arena.Begin())
        {
            Tensor tokenLogProbs = policy.TokenLogProbs(batch.Tokens, batch.Layout, batch.Rows, batch.Targets);   // [N]
            Tensor mean = algorithm.Loss(tokenLogProbs, batch) * batch.StepShare;
            (logProbs, loss) = (tokenLogProbs.Data.ToArray(), mean.Item());            // before the tape, and their memory, ends
            tape.Backward(mean);
        }
        // end

        float[] logProbGradients = GradientsOf(algorithm, logProbs, batch);
        (float[][] hidden, float[][] logits) = Head(policy, batch);
        float[] alone = [.. kept.SelectMany(row => LogProbsOf(policy, BatchPacker.Pack([row])))];
        int at = batch.Targets[0] * config.Width + Channel;
        float rawGradient = policy.Weights["lm_head.weight"].Tensor.Gradient[at];
        float before = policy.Weights["lm_head.weight"].Tensor.Data[at];

        // snippet: update
        using var optimizer = new AdamW(policy.Weights, new AdamWOptions { Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-8 });
        double norm = GradientClipper.Clip(policy.Weights, maxNorm: 1);
        optimizer.Update(learningRate: 0.00015f);
        // end

        Weight head = policy.Weights["lm_head.weight"];
        float[] nextLogProbs = LogProbsOf(policy, batch);
        using Tape next = arena.Begin(record: false);
        return new Walkthrough
        {
            Examples = examples,
            Tokenizer = tokenizer,
            PromptText = template.RenderPrompt(examples[0].Prompt),
            Rows = rows,
            Rewards = rewards,
            RewardWeights = weights,
            RewardColumns = columns,
            Totals = totals,
            Reference = reference,
            Reply = reply.Tokens,
            ReplyReward = replyReward,
            Table = table,
            Batch = batch,
            LogProbs = logProbs,
            AloneLogProbs = alone,
            Loss = loss,
            LogProbGradients = logProbGradients,
            Hidden = hidden,
            Logits = logits,
            RawGradient = rawGradient,
            GradientNorm = norm,
            Before = before,
            Gradient = head.Tensor.Gradient[at],
            FirstMoment = optimizer.FirstMoment(head)[at],
            SecondMoment = optimizer.SecondMoment(head)[at],
            After = head.Tensor.Data[at],
            NextLogProbs = nextLogProbs,
            NextLoss = algorithm.Loss(Tensor.Vector(nextLogProbs), batch).Item(),
            NextLogProbGradients = GradientsOf(algorithm, nextLogProbs, batch),
        };
    }

    // snippet: log-prob-gradients
    /// <summary>dL/d ln π of each completion token: the loss alone, with the log-probabilities as its weights.</summary>
    private static float[] GradientsOf(Algorithm algorithm, float[] logProbs, CompletionBatch batch)
    {
        using var weights = new WeightSet();
        Weight leaf = weights.Root.Vector("log_probs", logProbs.Length);
        weights.Allocate(trainable: true);
        logProbs.CopyTo(leaf.Tensor.Data);
        using var arena = new Arena();
        using Tape tape = arena.Begin();
        tape.Backward(algorithm.Loss(leaf, batch));
        return leaf.Tensor.Gradient.ToArray();
    }
    // end

    private static float[] LogProbsOf(LanguageModel policy, CompletionBatch batch)
    {
        using var arena = new Arena();
        using Tape tape = arena.Begin(record: false);
        return policy.TokenLogProbs(batch.Tokens, batch.Layout, batch.Rows, batch.Targets).Data.ToArray();
    }

    // The rows that predict, as the head sees them, and all their logits.
    private static (float[][] Hidden, float[][] Logits) Head(LanguageModel policy, CompletionBatch batch)
    {
        using var arena = new Arena();
        using Tape tape = arena.Begin(record: false);
        Tensor hidden = policy.FinalHidden(batch.Tokens, batch.Layout, batch.Rows), logits = policy.Logits(batch.Tokens, batch.Layout, batch.Rows);
        return (RowsOf(hidden), RowsOf(logits));
    }

    private static float[][] RowsOf(Tensor matrix) => [.. matrix.Data.ToArray().Chunk(matrix.Columns)];
}
