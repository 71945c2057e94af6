using System.Diagnostics;
using Leftover.Models;
using Leftover.Tensors;
using Leftover.Tensors.Kernels;
using Leftover.Tensors.Memory;
using Leftover.Tensors.Optimizers;

namespace Leftover.Benchmarks;

/// <summary>Training steps of GPT-2 124M with random weights on random tokens: forward, backward, clipping, AdamW.</summary>
internal sealed class Gpt2Step : IDisposable
{
    private const int Vocabulary = 50257;
    private readonly LanguageModel _model = NewModel();
    private readonly Arena _arena = new();
    private readonly AdamW _optimizer;
    private readonly PackedLayout _layout;
    private readonly int[] _tokens, _targets, _rows;
    private readonly Dictionary<string, double> _parts = [];

    public Gpt2Step(int sequences, int length, ComputeType type)
    {
        _model.ComputeType = type;
        _optimizer = new AdamW(_model.Weights);
        _layout = new PackedLayout([.. Enumerable.Range(0, sequences).Select(i => new Segment(i * length, length))]);
        var random = new RandomStream(1, "tokens");
        _tokens = [.. Enumerable.Range(0, sequences * length).Select(_ => random.Next(Vocabulary))];
        _targets = [.. _tokens.Select(_ => random.Next(Vocabulary))];
        _rows = [.. Enumerable.Range(0, _tokens.Length)];
        Run();                                                             // code, arena, first touch of gradients and moments
        _parts.Clear();
        Steps = 0;
    }

    /// <summary>Operations that a step needs.</summary>
    public double Operations => new ModelWork(_model.Config) { AttentionRows = StepBenchmark.AttentionRows }.Step(_layout.Segments, _rows.Length);

    /// <summary>Steps run since the first.</summary>
    public int Steps { get; private set; }

    /// <summary>The largest arena, in bytes.</summary>
    public long ArenaBytes => _arena.Peak * sizeof(float);

    /// <summary>A mean step's milliseconds by kind of op, the longest first.</summary>
    public IEnumerable<(string Name, double Milliseconds)> Parts => _parts.Select(part => (part.Key, part.Value / Steps)).OrderByDescending(part => part.Item2);

    /// <summary>A new GPT-2 124M with random weights.</summary>
    public static LanguageModel NewModel() =>
        LanguageModel.Create(new Gpt2Config { VocabularySize = Vocabulary, ContextLength = 1024, Width = 768, Layers = 12, Heads = 12, InnerWidth = 4 * 768, TiedHead = true }, seed: 1);

    /// <summary>One step.</summary>
    /// <returns>Its seconds.</returns>
    public double Run()
    {
        long began = Stopwatch.GetTimestamp();
        _model.Weights.ClearGradients();
        using (Tape tape = _arena.Begin(computeType: _model.ComputeType))
        {
            tape.Watch = (op, backward, time) => Add($"{op.GetType().Name.Split('`')[0]}{(op.GetType().IsGenericType ? " " + op.GetType().GenericTypeArguments[0].Name : "")}{(backward ? " back" : "")}", time);
            Tensor loss = -_model.TokenLogProbs(_tokens, _layout, _rows, _targets).Mean();
            tape.Backward(loss);
        }
        Time("clip", () => GradientClipper.Clip(_model.Weights, double.PositiveInfinity));
        Time("adamw", () => _optimizer.Update(1e-4f));
        Steps++;
        return Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private void Time(string name, Action action) => Add(name, TimeSpan.FromSeconds(Measure.Seconds(action)));

    private void Add(string name, TimeSpan time) => _parts[name] = _parts.GetValueOrDefault(name) + time.TotalMilliseconds;

    public void Dispose()
    {
        _optimizer.Dispose();
        _model.Dispose();
        _arena.Dispose();
    }
}
