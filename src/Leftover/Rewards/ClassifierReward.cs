using System.Text.Json.Serialization;
using Leftover.Data;
using Leftover.Models.Classification;
using Leftover.Runs;

namespace Leftover.Rewards;

/// <summary>Which of a classifier's numbers is the reward.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ClassifierOutput>))]
public enum ClassifierOutput
{
    /// <summary>The class's probability where there are classes, the logit where there is one label.</summary>
    [JsonStringEnumMemberName("auto")] Auto,

    /// <summary>The label's logit as it is.</summary>
    [JsonStringEnumMemberName("logit")] Logit,

    /// <summary>The class's probability, or σ(logit) of a model with one label; in [0, 1].</summary>
    [JsonStringEnumMemberName("probability")] Probability,
}

/// <summary>A sequence classifier or reward model: an encoder or a causal model under a classification head.</summary>
public sealed record ClassifierReward() : RewardSource("classifier")
{
    /// <summary>The model's folder in Hugging Face layout, with its head and tokenizer.</summary>
    [RecipePath]
    public required string Model { get; init; }

    /// <summary>Which label: its name or its number from 0. Default: the only one, and of two classes the second.</summary>
    public string? Label { get; init; }

    /// <summary>Which of its numbers. Default auto.</summary>
    public ClassifierOutput Output { get; init; } = ClassifierOutput.Auto;

    /// <summary>How prompt and answer are written for it: <c>answer</c> (alone), <c>transcript</c>, <c>chatml</c> or <c>plain</c>. Default: as it was trained where its folder tells that, else the answer alone.</summary>
    public string? Input { get; init; }

    /// <summary>Tokens of a text, special ones included, at most; ≥ 3. Default: as it was trained, else the model's limit.</summary>
    [System.ComponentModel.DataAnnotations.Range(3, int.MaxValue)]
    public int? MaxTokens { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override IReadOnlyList<string> Files => ModelFiles.Of(Model);

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool IsCostly => true;

    /// <inheritdoc/>
    protected internal override RewardSource Identity => this with { Name = "", Model = "" };      // its files say which it is

    /// <inheritdoc/>
    [JsonIgnore]
    public override RewardRange Range => Output == ClassifierOutput.Probability ? RewardRange.Unit : RewardRange.Unbounded;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Problems()
    {
        List<string> problems = [];
        if (string.IsNullOrWhiteSpace(Model)) problems.Add("model is empty; it must name the folder of a sequence classifier.");
        if (Input is not (null or TextForm.AnswerAlone or "transcript" or "chatml" or "plain")) problems.Add($"input is '{Input}'; it must be answer, transcript, chatml or plain.");
        return problems;
    }

    /// <inheritdoc/>
    protected internal override RewardScorer Open(RewardContext context)
    {
        TextForm saved = TextForm.Of(Model) ?? new TextForm();
        TextClassifier classifier = TextClassifier.Load(Model, saved with { Template = Input ?? saved.Template, MaxTokens = MaxTokens ?? saved.MaxTokens });
        try
        {
            int label = LabelOf(classifier.Labels);
            return new ModelScorer(this, classifier, rows => Array.ConvertAll(classifier.Logits([.. rows.Select(row => (row.Prompt, row.Completion))]), logits => Pick(logits, label)), context.Cancellation);
        }
        catch
        {
            classifier.Dispose();
            throw;
        }
    }

    private double Pick(float[] logits, int label)
    {
        ClassifierOutput output = Output != ClassifierOutput.Auto ? Output : logits.Length == 1 ? ClassifierOutput.Logit : ClassifierOutput.Probability;
        if (output == ClassifierOutput.Logit) return logits[label];
        if (logits.Length == 1) return 1 / (1 + Math.Exp(-logits[0]));
        double most = logits.Max(), sum = logits.Sum(x => Math.Exp(x - most));
        return Math.Exp(logits[label] - most) / sum;
    }

    private int LabelOf(IReadOnlyList<string> labels)
    {
        if (Label is null) return labels.Count <= 2 ? labels.Count - 1 : throw Unknown("is not named, and the model has several labels");
        int named = labels.ToList().IndexOf(Label);
        if (named >= 0) return named;
        return int.TryParse(Label, System.Globalization.CultureInfo.InvariantCulture, out int number) && number >= 0 && number < labels.Count ? number : throw Unknown($"'{Label}' is none of the model's");

        DataException Unknown(string what) => new($"The reward '{Name}': label {what}. {Model} has {labels.Count}: {string.Join(", ", labels)}.");
    }
}
