using Leftover.Models.Layers;
using Leftover.Tensors;

namespace Leftover.Models.Classification;

/// <summary>The weights of a classification head: perhaps a dense layer with its activation, then the labels' layer.</summary>
/// <param name="Dense">The dense layer's name in the checkpoint; null for none.</param>
/// <param name="Activation">What follows it, by its name in Transformers; null for none.</param>
/// <param name="Output">The labels' layer's name.</param>
/// <param name="HasBias">Whether the labels' layer adds a bias.</param>
internal sealed record HeadShape(string? Dense, string? Activation, string Output, bool HasBias = true)
{
    /// <summary>The head of causal models: one matrix on the last token.</summary>
    public static readonly HeadShape Causal = new(null, null, "score", HasBias: false);

    /// <summary>The same head without its dense layer, for texts that are pooled by their mean.</summary>
    public HeadShape OnMean() => new(null, null, Output.Split('.')[0]);
}

/// <summary>A classification head: pooled states in, a number for each label out.</summary>
internal sealed class ClassifierHead
{
    private readonly LinearLayer? _dense;
    private readonly Func<Tensor, Tensor>? _activation;
    private readonly LinearLayer _output;

    /// <summary>Declares the head's weights.</summary>
    public ClassifierHead(HeadShape shape, WeightSet weights, int width, int labels)
    {
        (Shape, Labels) = (shape, labels);
        _dense = shape.Dense is null ? null : new LinearLayer(weights.Root[shape.Dense], width, width, bias: true);
        _activation = shape.Activation is null ? null : Activation.Named(shape.Activation);
        _output = new LinearLayer(weights.Root[shape.Output], width, labels, shape.HasBias);
        OutputWeight = weights[shape.Output + ".weight"];
        OutputBias = shape.HasBias ? weights[shape.Output + ".bias"] : null;
    }

    /// <summary>Its weights' names.</summary>
    public HeadShape Shape { get; }

    /// <summary>How many labels it has.</summary>
    public int Labels { get; }

    /// <summary>The labels' matrix, [labels, C].</summary>
    public Weight OutputWeight { get; }

    /// <summary>The labels' bias, [labels], or null.</summary>
    public Weight? OutputBias { get; }

    /// <param name="pooled">[B, C]; the result is [B, labels].</param>
    public Tensor Forward(Tensor pooled)
    {
        if (_dense is not null) pooled = _dense.Forward(pooled);
        return _output.Forward(_activation is null ? pooled : _activation(pooled));
    }
}
