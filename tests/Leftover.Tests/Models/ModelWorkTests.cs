using Leftover.Models;
using Leftover.Tensors;
using Leftover.Tensors.Kernels;

namespace Leftover.Tests.Models;

public sealed class ModelWorkTests
{
    // A prompt of 3 tokens, and two completions of 2 that see it.
    private static readonly Segment[] s_segments = [new(0, 3), new(3, 2, 0), new(5, 2, 0)];

    public static TheoryData<string> Families => ["gpt2", "llama"];

    [Theory]
    [MemberData(nameof(Families))]
    public void The_weights_counted_are_the_matrices_of_the_blocks(string family)
    {
        using LanguageModel model = family == "gpt2" ? TinyModels.Gpt2() : TinyModels.Llama();
        string[] outside = ["wte", "wpe", "embed_tokens", "lm_head"];
        long matrices = model.Weights.Weights.Where(weight => !weight.IsVector && !outside.Any(weight.Name.Contains)).Sum(weight => (long)weight.Rows * weight.Columns);
        Assert.Equal(matrices, model.Config.Layers * model.Config.BlockWeights);
        Assert.Equal(4.0 * (matrices + 61 * 24), new ModelWork(model.Config).WeightBytes(WeightStorage.Float32));
        Assert.Equal(1.0 * (matrices + 61 * 24), new ModelWork(model.Config).WeightBytes(WeightStorage.Int8));
    }

    [Fact]
    public void A_forward_pass_counts_each_token_once_and_the_pairs_that_causality_leaves()
    {
        // 7 tokens through 2 blocks of 24·(2·4·(6 + 2) + 3·40) = 4416 weights. Pairs: 1 + 2 + 3 of the prompt, 4 + 5 of each completion, together 24;
        // scores and values are two products of 24 channels each. 4 rows go through the head of 61 × 24.
        const double expected = 2.0 * (2 * (7 * 4416 + 2 * 24 * 24) + 4 * 61 * 24);
        var work = new ModelWork(TinyModels.LlamaConfig);
        Assert.Equal(expected, work.Forward(s_segments, 4));
        Assert.Equal(3 * expected, work.Step(s_segments, 4));
    }

    [Fact]
    public void Rows_of_queries_taken_together_see_all_keys_up_to_the_last_of_them()
    {
        // Two at a time: the prompt's rows 0 and 1 see 2 keys each, row 2 sees 3; a completion's two rows see the prompt's 3 and their own 2.
        const double pairs = 2 * 2 + 3 + 2 * (2 * 5), exact = 24;
        ModelWork one = new(TinyModels.LlamaConfig), two = new(TinyModels.LlamaConfig) { AttentionRows = 2 };
        Assert.Equal(2.0 * 2 * (pairs - exact) * 2 * 24, two.Forward(s_segments, 0) - one.Forward(s_segments, 0));
    }
}
