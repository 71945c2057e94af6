using System.Globalization;
using System.Text.Json.Nodes;
using Leftover.Data;
using Leftover.Models.Encoders;

namespace Leftover.Models.Classification;

/// <summary>What a model's folder says of its classification head, and what a trained classifier's config.json says of its own.</summary>
internal static class ClassifierFolder
{
    private const string PoolingKey = "classifier_pooling", SentencePooling = "1_Pooling/config.json";

    /// <summary>The shape of the body, of an encoder's or a causal family.</summary>
    /// <exception cref="DataException">The family is neither, or a setting is wrong.</exception>
    public static TransformerConfig ConfigOf(Checkpoint checkpoint, List<string> notes)
    {
        string? name = checkpoint.Config["model_type"]?.ToString();
        if (name is not null && EncoderFamily.All.ContainsKey(name)) return EncoderConfig.Parse(checkpoint.Config, checkpoint.ConfigPlace, notes);
        if (name is not null && LanguageModel.Families.Contains(name)) return ModelConfig.Parse(checkpoint.Config, checkpoint.ConfigPlace, notes);
        throw new DataException($"{checkpoint.ConfigPlace} {(name is null ? "has no model_type" : $"has model_type \"{name}\", which is not supported")}. Known: {string.Join(", ", EncoderFamily.All.Keys.Concat(LanguageModel.Families))}.");
    }

    /// <summary>Which states the head sees: as asked for, as config.json says, as a sentence encoder's folder says, or as the family's own classifiers do.</summary>
    /// <exception cref="DataException">It is asked for what this kind of model cannot do.</exception>
    public static Pooling PoolingOf(Checkpoint checkpoint, Pooling asked)
    {
        bool isEncoder = ConfigOf(checkpoint, []) is EncoderConfig;
        if (asked is Pooling.First && !isEncoder) throw new DataException($"{checkpoint.Path} is a causal model, whose first token has seen nothing of the text; pool by 'last' or 'mean'.");
        if (asked is Pooling.Last && isEncoder) throw new DataException($"{checkpoint.Path} is an encoder, whose classifiers read the first token; pool by 'first' or 'mean'.");
        if (asked is not Pooling.Auto) return asked;
        if (checkpoint.Config[PoolingKey]?.ToString() is { } said)
            return said switch { "mean" => Pooling.Mean, "cls" => Pooling.First, _ => throw new DataException($"{checkpoint.ConfigPlace}: {PoolingKey} is \"{said}\"; known are mean and cls.") };
        string sentence = Path.Combine(checkpoint.Path, SentencePooling);
        if (isEncoder && Checkpoint.ReadJson(sentence)?["pooling_mode_mean_tokens"]?.GetValue<bool>() == true) return Pooling.Mean;
        return isEncoder ? Pooling.First : Pooling.Last;
    }

    /// <summary>Labels of the head that lies in the folder, by its weight's shape; null where there is none.</summary>
    public static int? LabelsOf(Checkpoint checkpoint, HeadShape head) =>
        checkpoint.Weights.Contains(head.Output + ".weight") && checkpoint.Weights.ShapeOf(head.Output + ".weight") is [var labels, _] ? (int)labels : null;

    /// <summary>The config.json of a classifier: the body's, with the class, the labels and the task that Transformers looks for.</summary>
    /// <param name="model">The classifier.</param>
    /// <param name="labelNames">Its labels' names.</param>
    /// <param name="isRegression">True where its numbers are values and not scores of classes.</param>
    public static JsonObject ConfigJson(SequenceClassifier model, IReadOnlyList<string> labelNames, bool isRegression)
    {
        var json = (JsonObject)model.ConfigJson.DeepClone();
        string[] numbers = [.. Enumerable.Range(0, labelNames.Count).Select(i => i.ToString(CultureInfo.InvariantCulture))];
        json["architectures"] = new JsonArray(ClassName(model));
        json["id2label"] = new JsonObject(numbers.Zip(labelNames, (number, name) => KeyValuePair.Create(number, (JsonNode?)name)));
        json["label2id"] = new JsonObject(labelNames.Select((name, i) => KeyValuePair.Create(name, (JsonNode?)i)));
        json["problem_type"] = isRegression ? "regression" : "single_label_classification";
        json.Remove(PoolingKey);
        if (model.Pooling == Pooling.Mean) json[PoolingKey] = "mean";
        return json;
    }

    // A mean-pooled head is none of the classes of Transformers: its body is one, and the files of a sentence encoder tell the rest.
    private static string ClassName(SequenceClassifier model)
    {
        string body = model.Config is EncoderConfig encoder ? encoder.Names.ClassName : ((ModelConfig)model.Config).ClassName;
        return body + (model.Pooling == Pooling.Mean ? "Model" : "ForSequenceClassification");
    }
}
