using System.Text.Json.Nodes;
using Leftover.Batches;
using Leftover.Models;
using Leftover.Tensors;

namespace Leftover.Tests.Training;

/// <summary>A random Llama of a few thousand weights, and random rows for it.</summary>
internal static class TinyPolicy
{
    public const int Vocabulary = 37;

    public static LanguageModel Create(long seed = 7) => LanguageModel.Create(ModelConfig.Parse((JsonObject)JsonNode.Parse("""
        {
          "model_type": "llama", "vocab_size": 37, "hidden_size": 24, "intermediate_size": 40, "num_hidden_layers": 2, "num_attention_heads": 4,
          "num_key_value_heads": 2, "max_position_embeddings": 128, "rms_norm_eps": 1e-5, "rope_theta": 10000, "tie_word_embeddings": true, "initializer_range": 0.2
        }
        """)!, "test"), seed);

    /// <summary>Rows of which every second shares the prompt of the one before.</summary>
    public static TrainingRow[] Rows(int count, long seed = 3)
    {
        var random = new RandomStream(seed, "rows");
        var rows = new TrainingRow[count];
        for (int i = 0; i < count; i++)
        {
            int[] prompt = i % 2 == 1 ? rows[i - 1].Prompt : Ids(2 + random.Next(9), random);
            int[] completion = Ids(1 + random.Next(7), random);
            rows[i] = new TrainingRow(i, prompt, completion)
            {
                Reward = (float)random.NextDouble(),
                Advantage = (float)random.NextDouble(),
                ReferenceTokenLogProbs = [.. completion.Select(_ => -4 * (float)random.NextDouble())],
            };
        }
        return rows;
    }

    public static float[] WeightsOf(LanguageModel model) => [.. model.Weights.Weights.SelectMany(weight => weight.Tensor.Data.ToArray())];

    private static int[] Ids(int length, RandomStream random) => [.. Enumerable.Range(0, length).Select(_ => random.Next(Vocabulary))];
}
