using Leftover.Models;
using Leftover.Tensors;
using Leftover.Tensors.Memory;

namespace Leftover.Tests.Models;

public class LanguageModelTests
{
    [Fact]
    public void A_new_models_weights_follow_from_the_seed_and_their_names()
    {
        using LanguageModel model = TinyModels.Gpt2(7), again = TinyModels.Gpt2(7), other = TinyModels.Gpt2(8);
        foreach (Weight weight in model.Weights.Weights)
        {
            Assert.True(weight.Tensor.Data.SequenceEqual(again.Weights[weight.Name].Tensor.Data), weight.Name);
            Assert.Equal(weight.IsVector, weight.Tensor.Data.SequenceEqual(other.Weights[weight.Name].Tensor.Data));
            if (weight.IsVector) Assert.All(weight.Tensor.Data.ToArray(), value => Assert.Equal(weight.Name.EndsWith("weight", StringComparison.Ordinal) ? 1f : 0f, value));
        }
        // 0.4, and for what ends in the residual stream 0.4/√(2·2 layers); five standard errors of a deviation over n numbers are 5/√(2n).
        AssertDeviation(0.4, model.Weights["transformer.h.0.mlp.c_fc.weight"]);
        AssertDeviation(0.2, model.Weights["transformer.h.0.mlp.c_proj.weight"]);
    }

    [Fact]
    public void Inference_and_training_compute_the_same_numbers()
    {
        foreach (LanguageModel model in new[] { TinyModels.Gpt2(), TinyModels.Llama() })
        {
            using (model)
            {
                using var arena = new Arena();
                float[] inference = LogProbs(model, arena, record: false), training = LogProbs(model, arena, record: true);
                Assert.Equal(training, inference);
            }
        }
    }

    [Fact]
    public void A_sequence_beyond_the_context_and_an_id_beyond_the_vocabulary_are_refused()
    {
        foreach (LanguageModel model in new[] { TinyModels.Gpt2(), TinyModels.Llama() })
        {
            using (model)
            {
                Assert.Contains("context is 48", Assert.Throws<ArgumentException>(() => TinyModels.Logits(model, new int[49])).Message, StringComparison.Ordinal);
                Assert.Contains("61", Assert.Throws<ArgumentException>(() => TinyModels.Logits(model, 1, 61)).Message, StringComparison.Ordinal);
                using var arena = new Arena();
                using Tape tape = arena.Begin(record: false);
                Assert.Throws<ShapeException>(() => model.Hidden([1, 2, 3], PackedLayout.Single(2)));
            }
        }
    }

    [Fact]
    public void The_padding_tokens_embedding_gets_no_gradient_where_it_is_read()
    {
        using LanguageModel model = LanguageModel.Create(TinyModels.LlamaConfig with { PaddingToken = 5 }, 1), without = TinyModels.Llama(1);
        float[] row = EmbeddingGradient(model, 5), usual = EmbeddingGradient(without, 5);
        Assert.All(row, value => Assert.Equal(0, value));
        Assert.Contains(usual, value => value != 0);
        Assert.Equal(EmbeddingGradient(without, 4), EmbeddingGradient(model, 4));
    }

    private static float[] EmbeddingGradient(LanguageModel model, int row)
    {
        using var arena = new Arena();
        using Tape tape = arena.Begin();
        model.Weights.ClearGradients();
        tape.Backward(model.TokenLogProbs([3, 5, 4], PackedLayout.Single(3), [0, 1, 2], [5, 4, 1]).Sum());
        model.Weights.CompleteGradients();
        return model.Weights["model.embed_tokens.weight"].Tensor.Gradient.Slice(row * model.Config.Width, model.Config.Width).ToArray();
    }

    private static float[] LogProbs(LanguageModel model, Arena arena, bool record)
    {
        using Tape tape = arena.Begin(record);
        return model.TokenLogProbs([1, 2, 3, 4, 5, 6], new PackedLayout([new Segment(0, 3), new Segment(3, 2, 0), new Segment(5, 1, 0)]), [2, 3, 2, 5], [4, 5, 6, 7]).Data.ToArray();
    }

    private static void AssertDeviation(double expected, Weight weight)
    {
        float[] values = weight.Tensor.Data.ToArray();
        double deviation = Math.Sqrt(values.Average(value => (double)value * value));
        Assert.Equal(expected, deviation, expected * 5 / Math.Sqrt(2.0 * values.Length));
    }
}
