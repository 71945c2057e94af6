using System.Text.Json.Nodes;
using Leftover.Data;
using Leftover.Models;
using Leftover.Models.Classification;
using Leftover.Models.Encoders;
using Leftover.Tensors;
using Leftover.Tensors.Memory;
using Leftover.Tests.Golden;

namespace Leftover.Tests.Models;

/// <summary>Sequence classifiers against those of Hugging Face: encoders and causal models.</summary>
[Trait("Category", "Golden")]
public class ClassifierGoldenTests
{
    /// <summary>Families with golden classifiers that are not built; each must be refused by name. Building one removes it here.</summary>
    private static readonly string[] s_notBuilt = ["deberta-v2", "gpt_neox", "qwen2"];

    private static readonly string[] s_known = [.. EncoderFamily.All.Keys, .. LanguageModel.Families];

    public static TheoryData<string> Cases() => new(GoldenModels.Folders("classifiers").Where(name => !s_notBuilt.Contains(GoldenModels.FamilyOf(name))));

    [GoldenFact("models/classifiers")]
    public void A_family_that_is_not_built_is_refused_by_name_and_all_others_are_built()
    {
        foreach (string name in GoldenModels.Folders("classifiers"))
        {
            string family = GoldenModels.FamilyOf(name);
            Assert.True(s_known.Contains(family) != s_notBuilt.Contains(family), $"{family} is neither built nor listed as not built, or both.");
            if (s_known.Contains(family)) continue;
            DataException refused = Assert.Throws<DataException>(() => SequenceClassifier.Load(GoldenModels.PathOf(name)));
            Assert.Contains($"\"{family}\"", refused.Message, StringComparison.Ordinal);
            Assert.Contains("roberta", refused.Message, StringComparison.Ordinal);
        }
    }

    [GoldenTheory("models/classifiers"), MemberData(nameof(Cases))]
    public void Logits_of_a_packed_batch_are_those_of_hugging_face(string name)
    {
        using var golden = new GoldenCase(GoldenModels.PathOf(name));
        using SequenceClassifier model = SequenceClassifier.Load(GoldenModels.PathOf(name));
        using var arena = new Arena();
        using Tape tape = arena.Begin(record: false);
        Tolerance.Near(golden.Floats("logits"), model.Logits(Texts(golden)).Data, Tolerance.Values, "logits");
        if (!golden.Has("ends_with_pad.input_ids")) return;
        Tolerance.Near(golden.Floats("ends_with_pad.logits"), model.Logits(PackedTexts.Of([golden.Ids("ends_with_pad.input_ids")])).Data, Tolerance.Values, "ends_with_pad.logits");
    }

    [GoldenTheory("models/classifiers"), MemberData(nameof(Cases))]
    public void Loss_and_all_gradients_are_those_of_hugging_face(string name) => CheckGradients(GoldenModels.PathOf(name), GoldenModels.PathOf(name));

    [GoldenTheory("models/classifiers"), MemberData(nameof(Cases))]
    public void A_saved_classifier_has_the_same_tensors_and_gives_the_same_numbers(string name)
    {
        using var folder = new ModelTestFolder();
        string saved = folder.PathOf("saved");
        using (SequenceClassifier model = SequenceClassifier.Load(GoldenModels.PathOf(name)))
        {
            JsonObject before = model.ConfigJson;
            model.ConfigJson = ClassifierFolder.ConfigJson(model, model.LabelNames, isRegression: model.Labels == 1);
            Assert.Equal(before["architectures"]!.ToJsonString(), model.ConfigJson["architectures"]!.ToJsonString());
            ModelFolder.Save(model, saved);
        }
        CheckGradients(saved, GoldenModels.PathOf(name));
        using var original = Leftover.Tensors.Safetensors.SafetensorsFile.Open(Path.Combine(GoldenModels.PathOf(name), "model.safetensors"));
        using var written = Leftover.Tensors.Safetensors.SafetensorsFile.Open(Path.Combine(saved, "model.safetensors"));
        Assert.Equal(original.Names.Order(StringComparer.Ordinal), written.Names.Order(StringComparer.Ordinal));
        foreach (string tensor in original.Names) Assert.Equal(original.ReadValues<float>(tensor), written.ReadValues<float>(tensor));
    }

    [GoldenFact("models/classifiers")]
    public void A_head_with_another_number_of_labels_is_refused_with_both_numbers()
    {
        DataException refused = Assert.Throws<DataException>(() => SequenceClassifier.LoadForTraining(GoldenModels.PathOf("classifiers/bert_2_labels"), labels: 1, Pooling.Auto, seed: 1));
        Assert.Contains("a head of 2 labels", refused.Message, StringComparison.Ordinal);
        Assert.Contains("needs 1", refused.Message, StringComparison.Ordinal);
    }

    [GoldenFact("models/causal")]
    public void A_model_without_a_head_is_no_classifier_and_can_be_trained_as_one()
    {
        string folder = GoldenModels.PathOf("causal/llama");
        Assert.Contains("no classification head", Assert.Throws<DataException>(() => SequenceClassifier.Load(folder)).Message, StringComparison.Ordinal);
        using SequenceClassifier first = SequenceClassifier.LoadForTraining(folder, 3, Pooling.Auto, seed: 5), second = SequenceClassifier.LoadForTraining(folder, 3, Pooling.Auto, seed: 5);
        Assert.Equal((3, Pooling.Last), (first.Labels, first.Pooling));
        Assert.Equal(first.Weights["score.weight"].Tensor.Data.ToArray(), second.Weights["score.weight"].Tensor.Data.ToArray());
        Assert.Contains(first.Weights["score.weight"].Tensor.Data.ToArray(), number => number != 0);
    }

    private static void CheckGradients(string modelFolder, string goldenFolder)
    {
        using var golden = new GoldenCase(goldenFolder);
        using SequenceClassifier model = SequenceClassifier.Load(modelFolder, trainable: true);
        using var arena = new Arena();
        using Tape tape = arena.Begin();
        Tensor logits = model.Logits(Texts(golden));
        double[] labels = [.. ((JsonArray)golden.Json["labels"]!).Select(label => label!.GetValue<double>())];
        Tensor loss = model.Labels == 1
            ? Square(logits.Column(0) - Tensor.Vector([.. labels.Select(label => (float)label)])).Mean()
            : -logits.RowLogProbs([.. labels.Select(label => (int)label)]).Mean();
        Tolerance.NearRelative(golden.Scalar("loss"), loss.Item(), Tolerance.RelativeLoss, "loss");
        tape.Backward(loss);
        Tolerance.Gradients(golden, "grad.", model.Weights);
    }

    private static Tensor Square(Tensor x) => x * x;

    private static PackedTexts Texts(GoldenCase golden) => PackedTexts.Of(golden.Sequences("input_ids"), golden.Has("token_type_ids.0") ? golden.Sequences("token_type_ids") : null);
}
