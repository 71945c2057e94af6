using Leftover.Tensors;
using Leftover.Tensors.Memory;

namespace Leftover.Advantages;

/// <summary>V(x): what the reference policy is expected to earn on a prompt, from its hidden states over the prompt's tokens.</summary>
/// <remarks>
/// <para>
/// One learned query attends to the states with several heads; output projection, one linear unit, and V = low + (high − low)·sigmoid(·).
/// Baheti et al. 2024, arXiv:2305.14718, §2; layout and names of PyTorch's MultiheadAttention with biases.
/// </para>
/// <para>
/// The authors' code attends to left pads and never switches dropout off, so its values depend on the batch and on chance. Here prompts are
/// packed, no pads exist, and a prediction is a function of the prompt alone.
/// </para>
/// </remarks>
public sealed class ValueHead : IDisposable
{
    private const int TokensOfRun = 8192;                 // of one batch of predictions

    private readonly Weight _query, _projection, _projectionBias, _outProjection, _outProjectionBias, _output, _outputBias;

    /// <summary>A head whose weights are all zero.</summary>
    /// <param name="width">The model's hidden size.</param>
    /// <param name="heads">Attention heads; where they do not divide the width, the largest number below that does is taken.</param>
    /// <param name="range">Where its values lie.</param>
    /// <param name="trainable">Whether its weights get gradients.</param>
    public ValueHead(int width, int heads, ValueRange range, bool trainable)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(heads);
        if (!(range.High > range.Low) || !double.IsFinite(range.Width)) throw new ArgumentException($"A value head's range is {range.Low} to {range.High}; its upper bound must be above its lower.", nameof(range));
        heads = Math.Min(heads, width);
        while (width % heads != 0) heads--;
        (Width, Heads, Range) = (width, heads, range);

        WeightScope root = Weights.Root, attention = root["attention"];
        _query = root.Vector("query", width);
        _projection = attention.Matrix("in_proj_weight", 3 * width, width);
        _projectionBias = attention.Vector("in_proj_bias", 3 * width);
        _outProjection = attention["out_proj"].Matrix("weight", width, width);
        _outProjectionBias = attention["out_proj"].Vector("bias", width);
        _output = root["output"].Matrix("weight", 1, width);
        _outputBias = root["output"].Vector("bias", 1);
        Weights.Allocate(trainable);
    }

    /// <summary>The model's hidden size.</summary>
    public int Width { get; }

    /// <summary>Attention heads.</summary>
    public int Heads { get; }

    /// <summary>Where its values lie, bounds excluded.</summary>
    public ValueRange Range { get; }

    /// <summary>Its weights, under the names they have in files.</summary>
    public WeightSet Weights { get; } = new();

    /// <summary>Gives the weights the random numbers that PyTorch's modules begin with, the query N(0, 1).</summary>
    /// <param name="seed">The numbers follow from it …</param>
    /// <param name="ordinal">… and from the head's number among those of one seed.</param>
    public void Initialize(long seed, int ordinal = 0)
    {
        double projection = Math.Sqrt(6.0 / (4 * Width)), linear = 1 / Math.Sqrt(Width);      // Glorot's and He's uniform bounds
        var random = new RandomStream(seed, "value head query", ordinal);
        foreach (ref float number in _query.Tensor.Data) number = (float)random.NextNormal();
        Uniform(_projection, projection);
        Uniform(_outProjection, linear);
        Uniform(_output, linear);
        Uniform(_outputBias, linear);
        _projectionBias.Tensor.Data.Clear();
        _outProjectionBias.Tensor.Data.Clear();

        void Uniform(Weight weight, double bound)
        {
            var random = new RandomStream(seed, "value head " + weight.Name, ordinal);
            foreach (ref float number in weight.Tensor.Data) number = (float)(bound * (2 * random.NextDouble() - 1));
        }
    }

    /// <summary>Makes V one number for every prompt, from which it learns on: the linear unit's weights become 0, its bias what gives that number.</summary>
    /// <param name="value">The number, in the range; reward units.</param>
    public void StartAt(double value)
    {
        _output.Tensor.Data.Clear();
        _outputBias.Tensor.Data[0] = (float)Range.Logit(value);
    }

    /// <summary>V of packed prompts.</summary>
    /// <param name="states">The prompts' hidden states, end to end, [N, width].</param>
    /// <param name="offsets">Prompt i is rows <c>offsets[i] .. offsets[i+1]-1</c>, at least one.</param>
    /// <param name="dropout">Masks for training; none where it predicts.</param>
    /// <returns>[B], in reward units.</returns>
    /// <exception cref="ShapeException">The states have another width, or the offsets do not cut them.</exception>
    public Tensor Forward(Tensor states, ReadOnlySpan<int> offsets, ValueDropout? dropout = null)
    {
        Tensor pooled = Pool(dropout is null ? states : states * dropout.Mask(states.Rows, states.Columns), offsets);
        if (dropout is not null) pooled *= dropout.Mask(pooled.Rows, pooled.Columns);
        Tensor logits = _output.Tensor.Linear(pooled) + _outputBias;                           // [1, B]: w·pooledᵀ + b
        return logits.Sigmoid() * (float)Range.Width + (float)Range.Low;
    }

    /// <summary>The attention's result for packed prompts after its output projection, [B, width].</summary>
    internal Tensor Pool(Tensor states, ReadOnlySpan<int> offsets, Span<float> attention = default) =>
        Tensor.AttentionPool(states, _query, _projection, _projectionBias, offsets, Heads, attention).Linear(_outProjection, _outProjectionBias);

    /// <summary>Where the head looks: how much of each attention head's weight falls on each token of packed prompts.</summary>
    /// <param name="states">The prompts' hidden states, end to end, [N, width].</param>
    /// <param name="offsets">Prompt i is rows <c>offsets[i] .. offsets[i+1]-1</c>, at least one.</param>
    /// <returns>[N, heads]; over a prompt's rows each head's column adds up to 1.</returns>
    public float[] Attention(Tensor states, ReadOnlySpan<int> offsets)
    {
        float[] attention = new float[states.Rows * Heads];
        Pool(states, offsets, attention);
        return attention;
    }

    /// <summary>V of some prompts, each a function of that prompt alone.</summary>
    /// <param name="states">The prompts' hidden states.</param>
    /// <param name="prompts">Which of them.</param>
    /// <returns>One value a prompt; reward units.</returns>
    /// <exception cref="ArgumentException">The states are another model's.</exception>
    public double[] Predict(PromptStates states, IReadOnlyList<int> prompts)
    {
        if (states.Width != Width) throw new ArgumentException($"The value head was made for states of {Width} numbers and these have {states.Width}. Train a head for this model with `leftover value`.", nameof(states));
        double[] values = new double[prompts.Count];
        int done = 0;
        using var arena = new Arena();
        foreach (int[] run in states.Runs(prompts, TokensOfRun))
        {
            using Tape tape = arena.Begin(record: false);
            Tensor packed = states.Pack(run, out int[] offsets);
            foreach (float value in Forward(packed, offsets).Data) values[done++] = value;
        }
        return values;
    }

    /// <inheritdoc/>
    public void Dispose() => Weights.Dispose();
}
