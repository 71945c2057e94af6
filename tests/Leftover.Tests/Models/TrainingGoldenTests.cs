using System.Text.Json.Nodes;
using Leftover.Models;
using Leftover.Tensors;
using Leftover.Tensors.Memory;
using Leftover.Tensors.Optimizers;
using Leftover.Tests.Golden;

namespace Leftover.Tests.Models;

[Trait("Category", "Golden")]
public class TrainingGoldenTests
{
    private const double StepTolerance = 1e-4, ParameterTolerance = 1e-4, EntryTolerance = 1e-3;

    public static TheoryData<string> Cases() => GoldenModels.Built("training");

    [GoldenTheory("models/training"), MemberData(nameof(Cases))]
    public void Steps_of_AdamW_go_where_PyTorch_goes(string name)
    {
        using var golden = new GoldenCase(GoldenModels.PathOf(name));
        using LanguageModel model = LanguageModel.Load(GoldenModels.ModelOf(name), trainable: true);
        using AdamW optimizer = Optimizer(golden, model);
        using var arena = new Arena();
        foreach (JsonNode? wanted in (JsonArray)golden.Json["trajectory"]!)
        {
            int step = wanted!["step"]!.GetValue<int>();
            (double loss, double norm) = Step(golden, model, optimizer, arena, step, parts: 1);
            Tolerance.NearRelative(wanted["loss"]!.GetValue<double>(), loss, StepTolerance, $"loss of step {step}");
            Tolerance.NearRelative(wanted["gradient_norm_before_clip"]!.GetValue<double>(), norm, StepTolerance, $"gradient norm of step {step}");
            CheckSnapshot(golden, model, optimizer, step);
        }
    }

    [GoldenTheory("models/training"), MemberData(nameof(Cases))]
    public void Two_halves_accumulated_are_the_whole_batch(string name)
    {
        using var golden = new GoldenCase(GoldenModels.PathOf(name));
        using LanguageModel model = LanguageModel.Load(GoldenModels.ModelOf(name), trainable: true);
        using AdamW optimizer = Optimizer(golden, model);
        using var arena = new Arena();
        JsonNode wanted = golden.Json["accumulation_2x2"]!;
        for (int step = 1; step <= ((JsonArray)wanted["losses"]!).Count; step++)
        {
            (double loss, double norm) = Step(golden, model, optimizer, arena, step, parts: 2);
            Tolerance.NearRelative(wanted["losses"]![step - 1]!.GetValue<double>(), loss, StepTolerance, $"loss of step {step}");
            Tolerance.NearRelative(wanted["gradient_norms"]![step - 1]!.GetValue<double>(), norm, StepTolerance, $"gradient norm of step {step}");
        }
    }

    private static AdamW Optimizer(GoldenCase golden, LanguageModel model)
    {
        JsonNode settings = golden.Json["optimizer"]!;
        string[] decayed = [.. ((JsonArray)settings["decayed"]!).Select(name => name!.GetValue<string>())];
        Assert.Equal(decayed.Order(StringComparer.Ordinal), model.Weights.Weights.Where(weight => !weight.IsVector).Select(weight => weight.Name).Order(StringComparer.Ordinal));
        return new AdamW(model.Weights, new AdamWOptions
        {
            Beta1 = settings["betas"]![0]!.GetValue<double>(),
            Beta2 = settings["betas"]![1]!.GetValue<double>(),
            Epsilon = settings["eps"]!.GetValue<double>(),
            WeightDecay = settings["weight_decay"]!.GetValue<double>(),
        });
    }

    /// <summary>One step: the mean over its sequences of the summed NLL, in equal parts; the norm is that before clipping to 1.</summary>
    private static (double Loss, double Norm) Step(GoldenCase golden, LanguageModel model, AdamW optimizer, Arena arena, int step, int parts)
    {
        int[] lengths = [.. ((JsonArray)golden.Json["completion_lengths"]!).Select(length => length!.GetValue<int>())];
        int[][] sequences = golden.Sequences($"input_ids.{step}");
        double loss = 0;
        model.Weights.ClearGradients();
        for (int part = 0; part < parts; part++)
        {
            Range range = (part * sequences.Length / parts)..((part + 1) * sequences.Length / parts);
            using Tape tape = arena.Begin();
            Tensor share = -new PackedSequences(sequences[range], lengths[range]).TokenLogProbs(model).Sum() * (1f / sequences.Length);
            tape.Backward(share);
            loss += share.Item();
        }
        double norm = GradientClipper.Norm(model.Weights);
        optimizer.Update((float)golden.Json["trajectory"]![step - 1]!["lr"]!.GetValue<double>(), GradientClipper.Factor(norm, maxNorm: 1));
        return (loss, norm);
    }

    private static void CheckSnapshot(GoldenCase golden, LanguageModel model, AdamW optimizer, int step)
    {
        foreach (Weight weight in model.Weights.Weights)
        {
            if (golden.Has($"param.{step}.{weight.Name}")) CheckNear(golden.Floats($"param.{step}.{weight.Name}"), weight.Tensor.Data, weight, $"{weight.Name} after step {step}");
            if (golden.Has($"exp_avg.{step}.{weight.Name}")) CheckNear(golden.Floats($"exp_avg.{step}.{weight.Name}"), optimizer.FirstMoment(weight), weight, $"exp_avg of {weight.Name}");
            if (golden.Has($"exp_avg_sq.{step}.{weight.Name}")) CheckNear(golden.Floats($"exp_avg_sq.{step}.{weight.Name}"), optimizer.SecondMoment(weight), weight, $"exp_avg_sq of {weight.Name}");
        }
    }

    private static void CheckNear(float[] expected, Span<float> actual, Weight weight, string what)
    {
        float[] found = actual.ToArray();
        if (weight.Name.EndsWith("attn.c_attn.bias", StringComparison.Ordinal))         // a key bias has no gradient but rounding noise, and Adam follows that
        {
            int keys = expected.Length / 3;
            expected = [.. expected[..keys], .. expected[(2 * keys)..]];
            found = [.. found[..keys], .. found[(2 * keys)..]];
        }
        double distance = Tolerance.Distance(expected, found), norm = Tolerance.Norm(expected);
        Assert.True(distance <= ParameterTolerance * norm, $"{what} is {distance} away from the golden values of norm {norm}.");
        Tolerance.Near(expected, found, EntryTolerance, what);
    }
}
