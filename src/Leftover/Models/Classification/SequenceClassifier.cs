using System.Globalization;
using System.Text.Json.Nodes;
using Leftover.Data;
using Leftover.Models.Encoders;
using Leftover.Tensors;

namespace Leftover.Models.Classification;

/// <summary>A model that gives each text a number for each label: an encoder or a causal model under a classification head. Reward models are such with one label.</summary>
public sealed class SequenceClassifier : TransformerModel
{
    private readonly TransformerModel _body;
    private readonly ClassifierHead _head;
    private readonly int? _padding;

    private SequenceClassifier(TransformerModel body, int labels, Pooling pooling, JsonObject configJson) : base(body.Weights, body.BasePrefix, configJson)
    {
        _body = body;
        _padding = configJson["pad_token_id"] is JsonValue value && value.TryGetValue(out int id) ? id : null;
        Pooling = pooling;
        _head = new ClassifierHead(HeadOf(body.Config, pooling), Weights, Config.Width, labels);
    }

    /// <inheritdoc/>
    public override TransformerConfig Config => _body.Config;

    /// <summary>How many numbers a text gets.</summary>
    public int Labels => _head.Labels;

    /// <summary>Which states the head sees.</summary>
    public Pooling Pooling { get; }

    /// <summary>The labels' names, as config.json has them; LABEL_0, LABEL_1, … where it has none.</summary>
    public IReadOnlyList<string> LabelNames => [.. Enumerable.Range(0, Labels).Select(i => (ConfigJson["id2label"] as JsonObject)?[i.ToString(CultureInfo.InvariantCulture)]?.ToString() ?? $"LABEL_{i}")];

    /// <summary>The head, for trainings that start or scale it.</summary>
    internal ClassifierHead Head => _head;

    /// <summary>Loads a sequence classifier out of a folder in Hugging Face layout.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="trainable">Whether gradients get memory, as much as the weights.</param>
    /// <exception cref="DataException">There are no weights or no head; the family or a setting is not supported; tensors are missing, misshapen or cut; all of a kind at once.</exception>
    public static SequenceClassifier Load(string path, bool trainable = false) => Opened(path, checkpoint =>
    {
        Pooling pooling = ClassifierFolder.PoolingOf(checkpoint, Pooling.Auto);
        HeadShape head = HeadOf(ClassifierFolder.ConfigOf(checkpoint, []), pooling);
        int labels = ClassifierFolder.LabelsOf(checkpoint, head) ?? throw new DataException(
            $"{checkpoint.Path} holds no classification head ('{head.Output}.weight'): it is a model without labels. Name a sequence classifier, or train one on it with `leftover reward-model`.");
        return Load(checkpoint, labels, pooling, trainable, seed: null);
    });

    /// <summary>Loads a model to be trained as a classifier: its own head where the folder holds one, else a new one.</summary>
    /// <param name="path">The folder of an encoder, a causal model, or a classifier.</param>
    /// <param name="labels">Numbers a text gets; at least 1.</param>
    /// <param name="pooling">Which states the head sees; auto takes what the folder says.</param>
    /// <param name="seed">A new head's numbers follow from it.</param>
    /// <exception cref="DataException">As for <see cref="Load(string, bool)"/>; or the folder holds a head with another number of labels.</exception>
    public static SequenceClassifier LoadForTraining(string path, int labels, Pooling pooling, long seed) => Opened(path, checkpoint =>
    {
        pooling = ClassifierFolder.PoolingOf(checkpoint, pooling);
        HeadShape head = HeadOf(ClassifierFolder.ConfigOf(checkpoint, []), pooling);
        if (ClassifierFolder.LabelsOf(checkpoint, head) is { } found && found != labels)
            throw new DataException($"{checkpoint.Path} holds a head of {found} label{(found == 1 ? "" : "s")} ('{head.Output}.weight'); this training needs {labels}. Start from the model without a head, or change the task to fit the head.");
        return Load(checkpoint, labels, pooling, trainable: true, seed);
    });

    /// <summary>Each text's logits.</summary>
    /// <param name="texts">The batch; B texts.</param>
    /// <returns>[B, labels].</returns>
    public Tensor Logits(PackedTexts texts)
    {
        Tensor pooled = Pooling == Pooling.Mean ? _body.States(texts, null).MeanBySegment(texts.Offsets()) : _body.States(texts, JudgedRows(texts));
        return _head.Forward(pooled);
    }

    internal override Tensor States(PackedTexts texts, int[]? rows) => _body.States(texts, rows);

    internal override bool IsKnownBuffer(string name) => _body.IsKnownBuffer(name);

    /// <summary>Deviations of the body's own family; a new head's is the config's.</summary>
    internal override double InitialDeviation(Weight weight) => IsOfHead(weight) ? Config.InitializerRange : _body.InitialDeviation(weight);

    /// <summary>True for the weights that a folder without a head does not hold.</summary>
    internal bool IsOfHead(Weight weight) => weight.Name.StartsWith(_head.Shape.Output + ".", StringComparison.Ordinal) || (_head.Shape.Dense is { } dense && weight.Name.StartsWith(dense + ".", StringComparison.Ordinal));

    // The row of each text that the head sees.
    private int[] JudgedRows(PackedTexts texts)
    {
        var rows = new int[texts.Layout.Segments.Length];
        for (int i = 0; i < rows.Length; i++)
        {
            Segment segment = texts.Layout.Segments[i];
            int last = segment.Start + segment.Length - 1;
            rows[i] = Pooling == Pooling.First ? segment.Start : last;
            if (Pooling == Pooling.First) continue;
            while (rows[i] > segment.Start && texts.Tokens[rows[i]] == _padding) rows[i]--;
            if (texts.Tokens[rows[i]] == _padding) rows[i] = last;             // nothing but padding
        }
        return rows;
    }

    private static HeadShape HeadOf(TransformerConfig config, Pooling pooling) =>
        config is not EncoderConfig encoder ? HeadShape.Causal : pooling == Pooling.Mean ? encoder.Names.Head.OnMean() : encoder.Names.Head;

    private static SequenceClassifier Load(Checkpoint checkpoint, int labels, Pooling pooling, bool trainable, long? seed)
    {
        List<string> notes = [];
        TransformerConfig config = ClassifierFolder.ConfigOf(checkpoint, notes);
        TransformerModel body = config is EncoderConfig encoder ? new Encoder(encoder, checkpoint.Config) : ((ModelConfig)config).Build(withHead: false);
        var model = new SequenceClassifier(body, labels, pooling, checkpoint.Config);
        try
        {
            IReadOnlyList<Weight> missing = WeightLoader.Load(model, checkpoint.Weights, checkpoint.Path, trainable, notes, mayBeMissing: seed is null ? null : model.IsOfHead);
            foreach (Weight weight in missing) model.Initialize(weight, seed!.Value);
            model.Notes = notes;
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private static SequenceClassifier Opened(string path, Func<Checkpoint, SequenceClassifier> load)
    {
        try
        {
            using Checkpoint checkpoint = Checkpoint.Open(path);
            return load(checkpoint);
        }
        catch (Exception broken) when (broken is InvalidDataException or FileNotFoundException)
        {
            throw new DataException(broken.Message, broken);
        }
    }
}
