using Leftover.Models.Classification;
using Leftover.Runs;
using Leftover.Tensors;

namespace Leftover.RewardModels;

/// <summary>What a reward model learns: the loss of its logits, and what they predict.</summary>
internal abstract record RewardObjective
{
    /// <summary>The labels' names; as many as the model's outputs.</summary>
    public abstract IReadOnlyList<string> Labels { get; }

    /// <summary>Each item's loss, [n].</summary>
    /// <param name="logits">Of all texts of the items, in their order, [texts, labels].</param>
    /// <param name="items">The items, n of them.</param>
    public abstract Tensor Losses(Tensor logits, IReadOnlyList<RewardItem> items);

    /// <summary>What an item's texts predict: the scores of a pair's answers, the classes' probabilities, or the value.</summary>
    /// <param name="logits">[labels] a text.</param>
    public abstract double[] Predict(IReadOnlyList<float[]> logits);

    /// <summary>Prepares a model's head before training.</summary>
    public virtual void Begin(ClassifierHead head) { }

    /// <summary>Makes the head's outputs predictions of their own, after training.</summary>
    public virtual void Finish(ClassifierHead head) { }

    private protected static float[] Of(IReadOnlyList<RewardItem> items, Func<RewardItem, double> value) => [.. items.Select(item => (float)value(item))];
}

/// <summary>The chosen answer of a pair is to score higher than the rejected one.</summary>
/// <param name="UseMargin">Whether it is to score higher by its recorded margin.</param>
/// <param name="Centering">Weight of the squared sum of a pair's scores.</param>
internal sealed record PreferenceObjective(bool UseMargin, double Centering) : RewardObjective
{
    public override IReadOnlyList<string> Labels => ["reward"];

    public override Tensor Losses(Tensor logits, IReadOnlyList<RewardItem> items) => RewardLosses.BradleyTerry(logits, UseMargin ? Of(items, item => item.Margin) : [], (float)Centering);

    public override double[] Predict(IReadOnlyList<float[]> logits) => [logits[0][0], logits[1][0]];
}

/// <summary>A text is to get its class.</summary>
internal sealed record ClassificationObjective(IReadOnlyList<string> Classes) : RewardObjective
{
    public override IReadOnlyList<string> Labels => Classes;

    public override Tensor Losses(Tensor logits, IReadOnlyList<RewardItem> items) => RewardLosses.CrossEntropy(logits, [.. items.Select(item => item.Label)]);

    public override double[] Predict(IReadOnlyList<float[]> logits) => Softmax(logits[0]);

    /// <summary>e^x / Σ e^x.</summary>
    public static double[] Softmax(float[] logits)
    {
        double[] shares = [.. logits.Select(x => Math.Exp((double)x - logits.Max()))];
        double sum = shares.Sum();
        return [.. shares.Select(share => share / sum)];
    }
}

/// <summary>A text is to get its value.</summary>
/// <param name="Loss">What is made small.</param>
/// <param name="Mean">The train set's mean: with the squared error the model learns (value − mean)/scale, and its head is changed back at the end.</param>
/// <param name="Scale">The train set's standard deviation; above 0.</param>
internal sealed record RegressionObjective(RegressionLoss Loss, double Mean, double Scale) : RewardObjective
{
    private bool _isFinished;

    /// <summary>The objective of some values, in units in which one learning rate suits all rewards.</summary>
    /// <param name="loss">What is made small.</param>
    /// <param name="values">The train set's values.</param>
    /// <param name="hasBias">Whether the model's head can move its outputs; else only the scale is taken out.</param>
    public static RegressionObjective Of(RegressionLoss loss, double[] values, bool hasBias)
    {
        if (loss != RegressionLoss.SquaredError) return new RegressionObjective(loss, 0, 1);
        double mean = hasBias ? values.Average() : 0, scale = Math.Sqrt(values.Average(value => (value - mean) * (value - mean)));
        return new RegressionObjective(loss, mean, scale > 0 ? scale : 1);
    }

    public override IReadOnlyList<string> Labels => ["reward"];

    public override Tensor Losses(Tensor logits, IReadOnlyList<RewardItem> items)
    {
        Tensor scores = logits.Column(0);
        float[] targets = Of(items, item => (item.Target - Mean) / Scale);
        return Loss switch
        {
            RegressionLoss.CrossEntropy => RewardLosses.BinaryCrossEntropy(scores, targets),
            RegressionLoss.SigmoidSquaredError => RewardLosses.SquaredError(scores.Sigmoid(), targets),
            _ => RewardLosses.SquaredError(scores, targets),
        };
    }

    public override double[] Predict(IReadOnlyList<float[]> logits) =>
        [Loss != RegressionLoss.SquaredError ? 1 / (1 + Math.Exp(-logits[0][0])) : _isFinished ? logits[0][0] : Mean + Scale * logits[0][0]];

    // mean + scale·(w·x + b) = (scale·w)·x + (scale·b + mean)
    public override void Finish(ClassifierHead head)
    {
        foreach (ref float weight in head.OutputWeight.Tensor.Data) weight = (float)(weight * Scale);
        if (head.OutputBias is { } bias) bias.Tensor.Data[0] = (float)(bias.Tensor.Data[0] * Scale + Mean);
        _isFinished = true;
    }

    // A model that is trained further begins with values, and learns them in units of the scale.
    public override void Begin(ClassifierHead head)
    {
        if (Loss != RegressionLoss.SquaredError || head.OutputBias is not { } bias || !Array.Exists(bias.Tensor.Data.ToArray(), number => number != 0)) return;
        foreach (ref float weight in head.OutputWeight.Tensor.Data) weight = (float)(weight / Scale);
        bias.Tensor.Data[0] = (float)((bias.Tensor.Data[0] - Mean) / Scale);
    }
}
