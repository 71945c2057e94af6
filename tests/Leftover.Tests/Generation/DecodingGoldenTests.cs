using System.Text.Json.Nodes;
using Leftover.Generation;
using Leftover.Models;
using Leftover.Tests.Golden;
using Leftover.Tests.Models;

namespace Leftover.Tests.Generation;

[Trait("Category", "Golden")]
public class DecodingGoldenTests
{
    private const float OutInGolden = -1e30f;

    public static TheoryData<string> Cases() => GoldenModels.Built("decoding");

    [GoldenTheory("models/decoding"), MemberData(nameof(Cases))]
    public void Greedy_and_beam_search_write_the_tokens_of_hugging_face(string name)
    {
        using var golden = new GoldenCase(GoldenModels.PathOf(name));
        using LanguageModel model = LanguageModel.Load(GoldenModels.ModelOf(name));
        using var generator = new Generator(model);
        foreach (JsonNode? run in (JsonArray)golden.Json["runs"]!)
        {
            GenerationOptions options = Options(run!) with { MaxNewTokens = golden.Json["max_new_tokens"]!.GetValue<int>() };
            Completion completion = generator.Generate([Ids(run!["prompt"]!)], options).Single();
            Assert.True(Ids(run["new_tokens"]!).AsSpan().SequenceEqual(completion.Tokens),
                $"{name}, {run["name"]}: [{string.Join(", ", completion.Tokens)}] instead of {run["new_tokens"]!.ToJsonString()}.");
            if (run["sequences_score"]?.GetValue<double>() is { } score) Assert.Equal(score, completion.BeamScore!.Value, Tolerance.Values);
        }
    }

    [GoldenTheory("models/decoding"), MemberData(nameof(Cases))]
    public void All_runs_with_the_same_options_written_together_are_those_written_alone(string name)
    {
        using var golden = new GoldenCase(GoldenModels.PathOf(name));
        using LanguageModel model = LanguageModel.Load(GoldenModels.ModelOf(name));
        using var generator = new Generator(model);
        foreach (IGrouping<string, JsonNode?> runs in ((JsonArray)golden.Json["runs"]!).GroupBy(run => run!["options"]!.ToJsonString()))
        {
            GenerationOptions options = Options(runs.First()!) with { MaxNewTokens = golden.Json["max_new_tokens"]!.GetValue<int>() };
            IReadOnlyList<Completion> completions = generator.Generate([.. runs.Select(run => Ids(run!["prompt"]!))], options);
            Assert.Equal(runs.Select(run => run!["new_tokens"]!.ToJsonString()), completions.Select(completion => $"[{string.Join(',', completion.Tokens)}]"));
        }
    }

    [GoldenTheory("models/decoding"), MemberData(nameof(Cases))]
    public void Penalties_and_filters_keep_the_tokens_of_hugging_face_with_its_scores(string name)
    {
        using var golden = new GoldenCase(GoldenModels.PathOf(name));
        foreach ((string step, JsonNode? node) in (JsonObject)golden.Json["one_step"]!)
        {
            GenerationOptions options = Options(node!);
            int[] ids = golden.Ids(golden.Has($"{step}.input_ids") ? $"{step}.input_ids" : "input_ids");
            float[] scores = golden.Floats("logits");
            LogitsProcessor.Penalize(scores, ids, options);
            scores = Filtered.Of(scores, options);
            float[] expected = golden.Floats($"processed.{step}");
            byte[] kept = golden.Has($"kept.{step}") ? golden.Bytes($"kept.{step}") : [.. expected.Select(score => (byte)(score == OutInGolden ? 0 : 1))];
            for (int id = 0; id < scores.Length; id++)
            {
                Assert.True(kept[id] == 1 != float.IsNegativeInfinity(scores[id]), $"{name}, {step}: token {id} is {(kept[id] == 1 ? "out" : "kept")}.");
                if (kept[id] == 1) Assert.Equal(expected[id], scores[id], Tolerance.Values);
            }
        }
    }

    private static GenerationOptions Options(JsonNode of) => GenerationOptions.Parse((JsonObject)of["options"]!, "golden.json");

    private static int[] Ids(JsonNode node) => [.. ((JsonArray)node).Select(id => id!.GetValue<int>())];
}
