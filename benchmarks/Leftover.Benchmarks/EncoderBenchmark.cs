using System.Diagnostics;
using System.IO.Compression;
using System.Text.Json;
using Leftover.Data;
using Leftover.Models;
using Leftover.Models.Classification;
using Leftover.RewardModels;
using Leftover.Tensors;
using Leftover.Tensors.Kernels;
using Leftover.Tensors.Memory;
using Leftover.Tensors.Optimizers;
using Leftover.Tokenization;

namespace Leftover.Benchmarks;

/// <summary>MiniLM as a reward model: a fine-tuning step on HH's pairs, and the scoring of a thousand replies, against the matrix products that they need.</summary>
/// <remarks><c>--pairs</c> and <c>--replies</c> choose how many, <c>--parts</c> tells the time of each kind of op in a step.</remarks>
internal static class EncoderBenchmark
{
    private const int MaxTokens = 160;

    public static int Run(string[] args)
    {
        var options = BenchmarkOptions.Parse(args, rounds: 5, ["--pairs", "--replies"], ["--parts"]);
        int pairs = options.Number("--pairs", 16), replies = options.Number("--replies", 1000);
        string folder = Path.Combine(options.Shared, "models", "all-minilm-l6-v2");
        using SequenceClassifier model = SequenceClassifier.LoadForTraining(folder, labels: 1, Pooling.Mean, seed: 1);
        var encoder = new TextEncoder(Tokenizer.Load(folder), new TextForm { MaxTokens = MaxTokens, Side = TruncationSide.Left }, model.Config.ContextLength);
        string[] texts = Texts(options.Shared, Math.Max(2 * pairs, replies));
        int[][] ofStep = [.. texts.Take(2 * pairs).Select(text => encoder.Encode("", text))], ofScoring = [.. texts.Take(replies).Select(text => encoder.Encode("", text))];
        double step = 3 * Forward(model.Config, ofStep), scoring = Forward(model.Config, ofScoring);

        using var training = new Training(model, ofStep);
        training.Step();
        training.Forget();
        double Score() => Measure.Seconds(() => TextPass.Logits(model, [.. texts.Take(replies).Select(text => encoder.Encode("", text))]));
        Score();
        Sample[][] samples = Rounds.Run(options.Rounds, [() => Measure.SteadyPeak(ComputeType.Float32), training.Step, Score]);
        if (options["--parts"] is not null)
            foreach ((string part, double milliseconds) in training.Parts) Console.WriteLine($"  {part,-36}{milliseconds,9:F1} ms");
        return options.Show(BenchmarkResult.Now("encoder",
        [
            BenchmarkLine.Of($"MiniLM-L6 fine-tuning step, fp32, {pairs} pairs", "s", false, samples[1], Rounds.Select(samples[0], rate => step / rate),
                note: $"{ofStep.Sum(ids => ids.Length)} tokens; {step / 1e9:F0} GFLOP needed"),
            BenchmarkLine.Of($"MiniLM-L6 scores {replies} replies, fp32", "s", false, samples[2], Rounds.Select(samples[0], rate => scoring / rate),
                note: $"{ofScoring.Sum(ids => ids.Length)} tokens, out of text; {scoring / 1e9:F0} GFLOP needed"),
        ]));
    }

    // Every token times the blocks' weights, and each of a text's tokens with each of its others twice: scores and values.
    private static double Forward(TransformerConfig config, int[][] texts) =>
        2.0 * config.Layers * texts.Sum(ids => (double)ids.Length * config.BlockWeights + 2.0 * ids.Length * ids.Length * config.Width);

    private static string[] Texts(string shared, int count)
    {
        string path = Path.Combine(shared, "data", "hh_rlhf", "helpful-base.test.jsonl.gz");
        if (!File.Exists(path)) throw new DataException($"{path} is not there: name the folder that has data/hh_rlhf and models/all-minilm-l6-v2 with --shared or LEFTOVER_SHARED.");
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line))
            .SelectMany(row => new[] { row.GetProperty("chosen").GetString()!, row.GetProperty("rejected").GetString()! }).Take(count)];
    }

    /// <summary>Steps of a pair loss: forward, backward, clipping, AdamW.</summary>
    private sealed class Training(SequenceClassifier model, int[][] texts) : IDisposable
    {
        private readonly AdamW _optimizer = new(model.Weights, new AdamWOptions { WeightDecay = 0.01 });
        private readonly Arena _arena = new();
        private readonly Dictionary<string, double> _parts = [];
        private int _steps;

        public IEnumerable<(string Name, double Milliseconds)> Parts => _parts.Select(part => (part.Key, part.Value / _steps)).OrderByDescending(part => part.Item2);

        public void Forget()
        {
            _parts.Clear();
            _steps = 0;
        }

        public double Step()
        {
            long began = Stopwatch.GetTimestamp();
            model.Weights.ClearGradients();
            using (Tape tape = _arena.Begin())
            {
                tape.Watch = (op, backward, time) => Add($"{op.GetType().Name.Split('`')[0]}{(op.GetType().IsGenericType ? " " + op.GetType().GenericTypeArguments[0].Name : "")}{(backward ? " back" : "")}", time);
                Tensor loss = RewardLosses.BradleyTerry(model.Logits(PackedTexts.Of(texts)), [], 0).Mean();
                tape.Backward(loss);
            }
            long products = Stopwatch.GetTimestamp();
            GradientClipper.Clip(model.Weights, 1);
            _optimizer.Update(1e-6f);
            Add("clipping and AdamW", Stopwatch.GetElapsedTime(products));
            _steps++;
            return Stopwatch.GetElapsedTime(began).TotalSeconds;
        }

        private void Add(string part, TimeSpan time) => _parts[part] = _parts.GetValueOrDefault(part) + time.TotalMilliseconds;

        public void Dispose()
        {
            _optimizer.Dispose();
            _arena.Dispose();
        }
    }
}
