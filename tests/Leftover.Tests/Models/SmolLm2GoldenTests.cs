using System.Text.Json.Nodes;
using Leftover.Generation;
using Leftover.Models;
using Leftover.Tensors;
using Leftover.Tensors.Kernels;
using Leftover.Tensors.Memory;
using Leftover.Tests.Golden;
using Leftover.Tokenization;

namespace Leftover.Tests.Models;

/// <summary>SmolLM2-135M-Instruct out of its GGUF file, loaded once for all tests here.</summary>
public sealed class SmolLm2 : IDisposable
{
    private readonly Lazy<LanguageModel> _model = new(() => LanguageModel.Load(Folder, trainable: true));

    public static string Folder => SharedData.PathOf("models", "smollm2-135m-instruct");

    public LanguageModel Model => _model.Value;

    public void Dispose()
    {
        if (_model.IsValueCreated) _model.Value.Dispose();
    }
}

[Trait("Category", "Golden"), Trait("Category", "Slow")]
public class SmolLm2GoldenTests(SmolLm2 loaded) : IClassFixture<SmolLm2>
{
    private const string Case = "models/smollm2_135m_instruct";
    private const double LogProbTolerance = 1e-3, LogitTolerance = 2e-3, GradientTolerance = 1e-3;

    [GoldenFact(Case)]
    public void Answers_have_the_log_probabilities_and_prompts_the_logits_of_hugging_face()
    {
        using var golden = new GoldenCase(GoldenModels.PathOf("smollm2_135m_instruct"));
        using var arena = new Arena();
        LanguageModel model = loaded.Model;
        int number = 0;
        foreach (JsonNode? conversation in (JsonArray)golden.Json["conversations"]!)
        {
            int[] ids = golden.Ids($"input_ids.{number}");
            int prompt = conversation!["prompt_tokens"]!.GetValue<int>(), answer = conversation["answer_tokens"]!.GetValue<int>();
            using Tape tape = arena.Begin(record: false);
            int[] rows = [.. Enumerable.Range(prompt - 1, answer)];
            Span<float> logProbs = model.TokenLogProbs(ids, PackedLayout.Single(ids.Length), rows, ids.AsSpan(prompt, answer)).Data;
            Tolerance.Near(golden.Floats($"logprobs.{number}"), logProbs, LogProbTolerance, $"logprobs.{number}");

            Tensor logits = model.Logits(ids, PackedLayout.Single(ids.Length), [prompt - 1]);
            Tolerance.Near(golden.Floats($"prompt_end_logits_first_64.{number}"), logits.Data[..64], LogitTolerance, $"prompt_end_logits.{number}");
            JsonNode top = conversation["top5_at_prompt_end"]!;
            int[] likeliest = [.. logits.Data.ToArray().Select((logit, id) => (logit, id)).OrderByDescending(pair => pair.logit).Take(5).Select(pair => pair.id)];
            Assert.Equal(Ints(top["ids"]!), likeliest);
            for (int i = 0; i < 5; i++) Assert.Equal(top["logits"]![i]!.GetValue<double>(), logits.Data[likeliest[i]], LogitTolerance);
            number++;
        }
        Assert.True(number > 0);
    }

    [GoldenFact(Case)]
    public void Every_weights_gradient_has_the_norm_that_hugging_face_gives()
    {
        using var golden = new GoldenCase(GoldenModels.PathOf("smollm2_135m_instruct"));
        using var arena = new Arena();
        LanguageModel model = loaded.Model;
        JsonNode gradient = golden.Json["gradient"]!;
        int number = gradient["conversation"]!.GetValue<int>();
        int[] ids = golden.Ids($"input_ids.{number}");
        JsonNode conversation = golden.Json["conversations"]![number]!;
        int prompt = conversation["prompt_tokens"]!.GetValue<int>(), answer = conversation["answer_tokens"]!.GetValue<int>();

        model.Weights.ClearGradients();
        using Tape tape = arena.Begin();
        Tensor loss = -model.TokenLogProbs(ids, PackedLayout.Single(ids.Length), [.. Enumerable.Range(prompt - 1, answer)], ids.AsSpan(prompt, answer)).Mean();
        tape.Backward(loss);
        model.Weights.CompleteGradients();
        Tolerance.NearRelative(gradient["float64"]!["loss"]!.GetValue<double>(), loss.Item(), LogProbTolerance, "loss");

        var norms = (JsonObject)gradient["gradient_norms_float64"]!;
        Assert.Equal(norms.Select(entry => entry.Key).Order(StringComparer.Ordinal), model.Weights.Weights.Select(weight => weight.Name).Order(StringComparer.Ordinal));
        double all = 0;
        foreach (Weight weight in model.Weights.Weights)
        {
            double norm = Tolerance.Norm(weight.Tensor.Gradient);
            all += norm * norm;
            Tolerance.NearRelative(norms[weight.Name]!.GetValue<double>(), norm, GradientTolerance, $"gradient norm of {weight.Name}");
        }
        Tolerance.NearRelative(gradient["float64"]!["gradient_norm"]!.GetValue<double>(), Math.Sqrt(all), GradientTolerance, "global gradient norm");

        foreach (string name in golden.Names.Where(name => name.StartsWith("grad", StringComparison.Ordinal)))
        {
            float[] expected = golden.Floats(name);
            string[] parts = name.Split('.', 2);
            Span<float> found = model.Weights[parts[1]].Tensor.Gradient;
            if (parts[0].StartsWith("grad_row", StringComparison.Ordinal)) found = found.Slice(int.Parse(parts[0]["grad_row".Length..]) * expected.Length, expected.Length);
            Assert.True(Tolerance.Distance(expected, found) <= GradientTolerance * Tolerance.Norm(expected), $"{name} is {Tolerance.Distance(expected, found)} away from the golden gradient of norm {Tolerance.Norm(expected)}.");
        }
    }

    [GoldenFact(Case)]
    public void Greedy_answers_are_those_of_hugging_face_one_by_one_and_together()
    {
        using var golden = new GoldenCase(GoldenModels.PathOf("smollm2_135m_instruct"));
        using var generator = new Generator(loaded.Model, Tokenizer.Load(SmolLm2.Folder));
        JsonNode[] conversations = [.. ((JsonArray)golden.Json["conversations"]!).Where(conversation => conversation!["greedy"] is not null)!];
        int[][] prompts = [.. conversations.Select(conversation => Ints(conversation["input_ids"]!)[..conversation["prompt_tokens"]!.GetValue<int>()])];
        GenerationOptions options = GenerationOptions.DefaultsOf(loaded.Model) with { MaxNewTokens = 40 };
        IReadOnlyList<Completion> together = generator.Generate(prompts, options);
        for (int i = 0; i < conversations.Length; i++)
        {
            Assert.Equal(Ints(conversations[i]["greedy"]!["new_tokens"]!), together[i].Tokens);
            Assert.Equal(conversations[i]["greedy"]!["text"]!.GetValue<string>(), together[i].Text);
            Completion alone = generator.Generate([prompts[i]], options).Single();
            Assert.Equal(together[i].Tokens, alone.Tokens);
            Assert.Equal(together[i].LogProbs, alone.LogProbs);
        }
    }

    [SharedTheory("models/smollm2-135m-instruct")]
    [InlineData(WeightStorage.Float32), InlineData(WeightStorage.BFloat16), InlineData(WeightStorage.Int8)]
    public void It_knows_the_capital_of_France_and_stops(WeightStorage storage)
    {
        Tokenizer tokenizer = Tokenizer.Load(SmolLm2.Folder);
        using var generator = new Generator(loaded.Model, tokenizer);
        string prompt = PromptTemplate.For(tokenizer).RenderPrompt([new ChatMessage("user", "What is the capital of France?")]);
        Completion? whole = null;
        string text = string.Concat(generator.Stream(tokenizer.Encode(prompt), GenerationOptions.DefaultsOf(loaded.Model) with { MaxNewTokens = 40, WeightDtype = storage }, completion => whole = completion));
        Assert.Equal("The capital of France is Paris.", text);
        Assert.Equal(text, whole!.Text);
        Assert.Equal(StopReason.EndToken, whole.Reason);
    }

    private static int[] Ints(JsonNode node) => [.. ((JsonArray)node).Select(id => id!.GetValue<int>())];
}
