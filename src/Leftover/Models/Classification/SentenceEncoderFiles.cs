using System.Text.Json.Nodes;
using Leftover.Tensors.Safetensors;

namespace Leftover.Models.Classification;

/// <summary>The files by which sentence-transformers reads a mean-pooled encoder and its head: the encoder, the pooling, a dense layer.</summary>
internal static class SentenceEncoderFiles
{
    /// <summary>Writes them beside a model whose head sees the mean of the states; other models need none.</summary>
    public static unsafe void Write(SequenceClassifier model, string folder)
    {
        if (model is not { Pooling: Pooling.Mean, Config: Encoders.EncoderConfig config }) return;
        string pooling = Directory.CreateDirectory(Path.Combine(folder, "1_Pooling")).FullName, dense = Directory.CreateDirectory(Path.Combine(folder, "2_Dense")).FullName;
        Json(folder, "modules.json", new JsonArray(Module(0, "", "Transformer"), Module(1, "1_Pooling", "Pooling"), Module(2, "2_Dense", "Dense")));
        Json(pooling, "config.json", new JsonObject { ["word_embedding_dimension"] = config.Width, ["pooling_mode_cls_token"] = false, ["pooling_mode_mean_tokens"] = true, ["pooling_mode_max_tokens"] = false, ["pooling_mode_mean_sqrt_len_tokens"] = false });
        Json(dense, "config.json", new JsonObject { ["in_features"] = config.Width, ["out_features"] = model.Labels, ["bias"] = true, ["activation_function"] = "torch.nn.modules.linear.Identity" });
        Tensors.Weight weight = model.Head.OutputWeight, bias = model.Head.OutputBias!;
        SafetensorsWriter.Write(Path.Combine(dense, "model.safetensors"),
            [TensorToWrite.From("linear.bias", bias.Shape, bias.Tensor.Pointer), TensorToWrite.From("linear.weight", weight.Shape, weight.Tensor.Pointer)]);
    }

    private static JsonObject Module(int number, string path, string kind) =>
        new() { ["idx"] = number, ["name"] = $"{number}", ["path"] = path, ["type"] = $"sentence_transformers.models.{kind}" };

    private static void Json(string folder, string name, JsonNode json) => File.WriteAllText(Path.Combine(folder, name), json.ToJsonString(new System.Text.Json.JsonSerializerOptions { WriteIndented = true }) + "\n");
}
