using Leftover.Models;
using Leftover.Models.Encoders;
using Leftover.Tensors;
using Leftover.Tensors.Memory;
using Leftover.Tests.Golden;
using Leftover.Tokenization;

namespace Leftover.Tests.Models;

/// <summary>The real encoder all-MiniLM-L6-v2 against Hugging Face's numbers, packed and out of its own tokenizer.</summary>
[Trait("Category", "Golden")]
public class MiniLmGoldenTests
{
    private const double HiddenTolerance = 1e-4, EmbeddingTolerance = 1e-5;

    private static string Model => SharedData.PathOf("models", "all-minilm-l6-v2");

    [GoldenFact("models/minilm_l6_fp16")]
    public void Hidden_states_embeddings_and_cosines_are_those_of_hugging_face()
    {
        using var golden = new GoldenCase(GoldenModels.PathOf("minilm_l6_fp16"));
        using Encoder model = Encoder.Load(Model);
        using var arena = new Arena();
        using Tape tape = arena.Begin(record: false);
        PackedTexts texts = PackedTexts.Of(golden.Sequences("input_ids"));
        Tensor hidden = model.Hidden(texts);
        foreach ((Segment segment, int i) in texts.Layout.Segments.ToArray().Select((segment, i) => (segment, i)))
        {
            float[] first = [.. Enumerable.Range(segment.Start, segment.Length).SelectMany(row => hidden.Data.Slice(row * 384, 8).ToArray())];
            Tolerance.Near(golden.Floats($"hidden_first_8.{i}"), first, HiddenTolerance, $"hidden_first_8.{i}");
        }

        float[][] embeddings = [.. Rows(model.MeanHidden(texts)).Select(Normalized)];
        Tolerance.Near(golden.Floats("embeddings"), embeddings.SelectMany(row => row).ToArray(), EmbeddingTolerance, "embeddings");
        float[] cosines = [.. embeddings.SelectMany(a => embeddings.Select(b => (float)a.Zip(b, (x, y) => (double)x * y).Sum()))];
        Tolerance.Near(golden.Floats("cosine"), cosines, EmbeddingTolerance, "cosine");
    }

    [GoldenFact("models/minilm_l6_fp16")]
    public void The_tokenizer_gives_the_ids_that_the_encoder_was_given()
    {
        using var golden = new GoldenCase(GoldenModels.PathOf("minilm_l6_fp16"));
        Tokenizer tokenizer = Tokenizer.Load(Model);
        string[] sentences = [.. golden.Json["sentences"]!.AsArray().Select(row => row!["sentence"]!.GetValue<string>())];
        Assert.NotEmpty(sentences);
        for (int i = 0; i < sentences.Length; i++) Assert.Equal(golden.Ids($"input_ids.{i}"), tokenizer.Encode(sentences[i], addSpecialTokens: true));
    }

    private static IEnumerable<float[]> Rows(Tensor x) => Enumerable.Range(0, x.Rows).Select(row => x.Data.Slice(row * x.Columns, x.Columns).ToArray());

    private static float[] Normalized(float[] row)
    {
        double norm = Tolerance.Norm(row);
        return [.. row.Select(value => (float)(value / norm))];
    }
}
