using Leftover.Tensors.Kernels;
using Leftover.Tensors.Memory;
using Leftover.Tensors.Safetensors;

namespace Leftover.Tensors.Optimizers;

/// <summary>AdamW: Adam with weight decay beside the gradient, not in it. Loshchilov &amp; Hutter 2019, arXiv:1711.05101, algorithm 2.</summary>
/// <remarks>
/// With g the gradient and t the number of the update:
/// θ −= η·λ·θ,   m = β₁·m + (1−β₁)·g,   v = β₂·v + (1−β₂)·g²,   θ −= η · m/(1−β₁ᵗ) / (sqrt(v/(1−β₂ᵗ)) + ε).
/// λ counts for matrices alone, unless the options say otherwise. One pass over weights, gradients and moments, on all cores.
/// </remarks>
public sealed unsafe class AdamW : IDisposable
{
    private const string FirstPrefix = "exp_avg.", SecondPrefix = "exp_avg_sq.", StepKey = "step";
    private const int BlockFloats = 65536;

    private readonly WeightSet _weights;
    private readonly AdamWOptions _options;
    private readonly NativeBlock _first, _second;
    private readonly long[] _begins;                    // where each weight begins, and the end of all
    private readonly bool[] _decays;

    /// <summary>An optimizer that has made no update.</summary>
    /// <param name="weights">The weights to train; they have their memory, and gradients.</param>
    /// <param name="options">The constants; the defaults where null.</param>
    /// <exception cref="ArgumentException">The weights are frozen, or a constant is out of its range.</exception>
    public AdamW(WeightSet weights, AdamWOptions? options = null)
    {
        if (!weights.Trainable) throw new ArgumentException("AdamW: the weights have no gradients; allocate them as trainable.", nameof(weights));
        _weights = weights;
        _options = options ?? new AdamWOptions();
        _options.Check();
        _first = new NativeBlock(weights.Length);
        _second = new NativeBlock(weights.Length);
        _begins = [.. weights.Weights.Select(weight => weight.Offset), weights.Length];
        _decays = [.. weights.Weights.Select(weight => _options.DecayVectors || !weight.IsVector)];
    }

    /// <summary>How many updates were made.</summary>
    public long Step { get; private set; }

    /// <summary>m, the running mean of a weight's gradients.</summary>
    public Span<float> FirstMoment(Weight weight) => new(_first.Pointer + weight.Offset, weight.Tensor.Length);

    /// <summary>v, the running mean of a weight's squared gradients.</summary>
    public Span<float> SecondMoment(Weight weight) => new(_second.Pointer + weight.Offset, weight.Tensor.Length);

    /// <summary>Moves all weights by their gradients, which stay as they are.</summary>
    /// <param name="learningRate">η; ≥ 0.</param>
    /// <param name="gradientScale">What each gradient is multiplied by on the way: <see cref="GradientClipper.Factor"/>.</param>
    public void Update(float learningRate, float gradientScale = 1)
    {
        if (!(learningRate >= 0) || !float.IsFinite(learningRate)) throw new ArgumentException($"AdamW: the learning rate is {learningRate}; it must be 0 or more.", nameof(learningRate));
        _weights.CompleteGradients();
        Step++;
        var factors = new AdamWFactors(
            (float)_options.Beta1, (float)(1 - _options.Beta1), (float)_options.Beta2, (float)(1 - _options.Beta2),
            (float)(learningRate / (1 - Math.Pow(_options.Beta1, Step))), (float)(1 / (1 - Math.Pow(_options.Beta2, Step))),
            (float)_options.Epsilon, (float)(1 - learningRate * _options.WeightDecay), gradientScale);
        AdamWFactors withoutDecay = factors with { Keep = 1 };
        float* weights = _weights.Data, gradients = _weights.Gradients, first = _first.Pointer, second = _second.Pointer;
        ThreadTeam.Shared.For(_weights.Length, BlockFloats, (_, start, end) =>
        {
            int at = Array.BinarySearch(_begins, start);
            for (int w = at >= 0 ? at : ~at - 1; start < end; w++)
            {
                long until = Math.Min(end, _begins[w + 1]);
                AdamWKernel.Update(weights + start, gradients + start, first + start, second + start, (int)(until - start), _decays[w] ? factors : withoutDecay);
                start = until;
            }
        });
    }

    /// <summary>Writes moments and step to a safetensors file, as <c>exp_avg.NAME</c>, <c>exp_avg_sq.NAME</c> and the text <c>step</c>.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path)
    {
        List<TensorToWrite> tensors = [];
        foreach (Weight weight in _weights.Weights)
        {
            tensors.Add(TensorToWrite.From(FirstPrefix + weight.Name, weight.Shape, _first.Pointer + weight.Offset));
            tensors.Add(TensorToWrite.From(SecondPrefix + weight.Name, weight.Shape, _second.Pointer + weight.Offset));
        }
        SafetensorsWriter.Write(path, tensors, new Dictionary<string, string> { [StepKey] = Step.ToString(System.Globalization.CultureInfo.InvariantCulture) });
    }

    /// <summary>Reads what <see cref="Save"/> wrote: the next update is the one that would have followed.</summary>
    /// <exception cref="InvalidDataException">The file is damaged, or another model's.</exception>
    public void Load(string path)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        if (!file.Metadata.TryGetValue(StepKey, out string? text) || !long.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out long step) || step < 0)
            throw new InvalidDataException($"{path}: the text '{StepKey}' is '{text}'; it must be the number of updates. The file is no optimizer state.");
        foreach (Weight weight in _weights.Weights)
        {
            CheckShape(file, FirstPrefix + weight.Name, weight);
            CheckShape(file, SecondPrefix + weight.Name, weight);
        }
        foreach (Weight weight in _weights.Weights)
        {
            file.Read(FirstPrefix + weight.Name, _first.Pointer + weight.Offset);
            file.Read(SecondPrefix + weight.Name, _second.Pointer + weight.Offset);
        }
        Step = step;
    }

    private static void CheckShape(SafetensorsFile file, string name, Weight weight)
    {
        if (!file.Contains(name)) throw new InvalidDataException($"{file.Path}: there is no tensor '{name}'. The file is another model's optimizer state.");
        if (!file.ShapeOf(name).AsSpan().SequenceEqual(weight.Shape))
            throw new InvalidDataException($"{file.Path}: '{name}' is [{string.Join(", ", file.ShapeOf(name))}]; the model's is [{string.Join(", ", weight.Shape)}]. The file is another model's optimizer state.");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _first.Dispose();
        _second.Dispose();
    }
}
