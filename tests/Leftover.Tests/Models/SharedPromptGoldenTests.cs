using System.Text.Json.Nodes;
using Leftover.Models;
using Leftover.Tensors;
using Leftover.Tensors.Memory;
using Leftover.Tests.Golden;

namespace Leftover.Tests.Models;

[Trait("Category", "Golden")]
public class SharedPromptGoldenTests
{
    public static TheoryData<string> Cases() => GoldenModels.Built("shared_prompt");

    [GoldenTheory("models/shared_prompt"), MemberData(nameof(Cases))]
    public void A_prompt_computed_once_gives_what_each_completion_gives_alone(string name)
    {
        using var golden = new GoldenCase(GoldenModels.PathOf(name));
        using LanguageModel model = LanguageModel.Load(GoldenModels.ModelOf(name), trainable: true);
        using var arena = new Arena();
        var group = new PromptGroup(golden.Ids("prompt"), golden.Sequences("completion"));
        using (Tape tape = arena.Begin())
        {
            Tensor logProbs = group.TokenLogProbs(model);
            for (int i = 0; i + 1 < group.Offsets.Length; i++)
                Tolerance.Near(golden.Floats($"logprobs.{i}"), logProbs.Data[group.Offsets[i]..group.Offsets[i + 1]], Tolerance.Values, $"logprobs.{i}");
            Tensor loss = -logProbs.Sum();
            Tolerance.NearRelative(golden.Json["loss"]!.GetValue<double>(), loss.Item(), Tolerance.RelativeLoss, "loss");
            tape.Backward(loss);
            Tolerance.Gradients(golden, "grad.", model.Weights);
        }
        if (golden.Json["weights"] is not JsonArray weights) return;

        model.Weights.ClearGradients();
        using Tape weighted = arena.Begin();
        Tensor nll = -group.TokenLogProbs(model).SumBySegment(group.Offsets);
        Tensor factors = Tensor.Vector([.. weights.Select(weight => (float)weight!.GetValue<double>())]);
        weighted.Backward((factors * nll).Sum());
        Tolerance.Gradients(golden, "weighted_grad.", model.Weights);
    }

    /// <summary>One prompt and its completions, packed: each completion's last token is no input.</summary>
    private sealed class PromptGroup
    {
        private readonly int[] _tokens, _rows, _targets;
        private readonly PackedLayout _layout;

        public PromptGroup(int[] prompt, int[][] completions)
        {
            List<int> tokens = [.. prompt], rows = [], offsets = [0];
            List<Segment> segments = [new Segment(0, prompt.Length)];
            foreach (int[] completion in completions)
            {
                segments.Add(new Segment(tokens.Count, completion.Length - 1, Prefix: 0));
                rows.Add(prompt.Length - 1);
                for (int t = 1; t < completion.Length; t++) rows.Add(tokens.Count + t - 1);
                tokens.AddRange(completion[..^1]);
                offsets.Add(rows.Count);
            }
            (_tokens, _rows, _targets) = ([.. tokens], [.. rows], [.. completions.SelectMany(completion => completion)]);
            (_layout, Offsets) = (new PackedLayout([.. segments]), [.. offsets]);
        }

        public int[] Offsets { get; }

        public Tensor TokenLogProbs(LanguageModel model) => model.TokenLogProbs(_tokens, _layout, _rows, _targets);
    }
}
