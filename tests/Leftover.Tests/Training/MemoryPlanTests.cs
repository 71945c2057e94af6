using Leftover.Algorithms;
using Leftover.Batches;
using Leftover.Models;
using Leftover.Runs;
using Leftover.Tensors;
using Leftover.Tensors.Kernels;
using Leftover.Tensors.Memory;
using Leftover.Tensors.Optimizers;
using Leftover.Tests.Models;
using Leftover.Training;

namespace Leftover.Tests.Training;

/// <summary>Tests that look at all native memory of the process run when no other does.</summary>
[CollectionDefinition("Alone", DisableParallelization = true)]
public sealed class AloneCollection;

[Collection("Alone")]
public sealed class MemoryPlanTests : IDisposable
{
    private readonly int _threads = ThreadTeam.Shared.Size;

    public MemoryPlanTests() => ThreadTeam.Resize(2);

    public void Dispose() => ThreadTeam.Resize(_threads);

    public static TheoryData<string, bool, int> Passes() => new() { { "llama", false, 40 }, { "llama", true, 40 }, { "gpt2", false, 40 }, { "gpt2", true, 40 }, { "llama", false, 1 }, { "gpt2", true, 7 } };

    [Theory]
    [MemberData(nameof(Passes))]
    public void What_is_planned_is_what_the_pass_takes_to_the_float(string family, bool checkpoint, int rows)
    {
        CompletionBatch batch = BatchPacker.Pack(Rows(rows));
        using LanguageModel model = ModelOf(family), planned = ConfigOf(family).Build();
        planned.Weights.AllocateForPlan();

        long plan = Arena.PeakOf(arena => Pass(planned, batch, arena, checkpoint));
        using var real = new Arena(plan);
        long live = NativeBlock.LiveBytes;
        Pass(model, batch, real, checkpoint);

        Assert.Equal(plan, real.Peak);
        Pass(model, batch, real, checkpoint);
        Assert.Equal(plan, real.Peak);
        Assert.True(live > 0);
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("gpt2")]
    public void Blocks_run_again_give_the_same_bits_in_less_memory(string family)
    {
        CompletionBatch batch = BatchPacker.Pack(Rows(40));
        (float[] gradients, float loss, long peak) = Gradients(family, batch, checkpoint: false);
        (float[] again, float lossAgain, long less) = Gradients(family, batch, checkpoint: true);

        Assert.Equal(gradients, again);
        Assert.Equal(loss, lossAgain);
        Assert.Contains(gradients, value => value != 0);
        Assert.True(less < peak, $"{less} floats with blocks run again, {peak} without.");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_training_takes_what_was_planned_and_ends_with_the_same_weights(bool checkpoint)
    {
        float[] Trained(TrainerSettings settings)
        {
            using LanguageModel policy = ModelOf("llama");
            using var trainer = new Trainer(policy, new ALoL(), settings, Step);
            foreach (StepReport _ in trainer.Steps(1, 4)) { }
            return TinyPolicy.WeightsOf(policy);
        }

        TrainerSettings plain = Settings();
        MemoryPlan plan = MemoryPlanner.Plan(ConfigOf("llama"), new ALoL(), plain with { Checkpoint = checkpoint }, Enumerable.Range(1, 4).Select(Step), programBytes: 1000);
        Assert.Equal(Trained(plain), Trained(plain with { Checkpoint = checkpoint, ArenaFloats = plan.ArenaFloats }));
        Assert.Equal(plan.WeightBytes + plan.GradientBytes + plan.MomentBytes + plan.ActivationBytes + plan.HeadBytes + 1000, plan.TotalBytes);
        Assert.Equal((plan.WeightBytes, 2 * plan.WeightBytes), (plan.GradientBytes, plan.MomentBytes));
        Assert.Equal(checkpoint, plan.GradientCheckpointing);
    }

    [Fact]
    public void Memory_stays_as_it_is_over_500_steps()
    {
        MemoryPlan plan = MemoryPlanner.Plan(ConfigOf("llama"), new ALoL(), Settings(), Enumerable.Range(1, 500).Select(Step), programBytes: 0);
        using LanguageModel policy = ModelOf("llama");
        using var trainer = new Trainer(policy, new ALoL(), Settings() with { ArenaFloats = plan.ArenaFloats }, Step);
        long early = 0;
        foreach (StepReport report in trainer.Steps(1, 500))
        {
            if (report.Step != 3) continue;
            GC.Collect();
            GC.WaitForPendingFinalizers();               // buffers of threads that other tests ended
            early = NativeBlock.LiveBytes;
        }
        Assert.Equal(early, NativeBlock.LiveBytes);
    }

    [Fact]
    public void The_line_tells_all_parts_and_they_add_up()
    {
        const long GiB = 1L << 30;
        var plan = new MemoryPlan { WeightBytes = GiB / 2, GradientBytes = GiB / 2, MomentBytes = GiB, ActivationBytes = 3 * GiB / 10, HeadBytes = GiB / 10, ProgramBytes = GiB / 5, LargestBatchTokens = 2048, GradientCheckpointing = false };
        Assert.Equal("Needs 2.6 GiB of 23.5 (17.0 free): weights 0.5, gradients 0.5, moments 1.0, activations 0.3, head 0.1, program 0.2; the largest batch has 2048 tokens.",
            plan.Text(new MachineMemory(47 * GiB / 2, 17 * GiB)));
        // 2.6 GiB, 0.2 of them held: 2.4 must be free beyond the margin.
        var machine = new MachineMemory(2 * GiB, 0);
        Assert.Equal(128L << 20, machine.Margin);
        Assert.False(plan.Fits(machine with { FreeBytes = plan.TotalBytes - plan.ProgramBytes + machine.Margin - 1 }, held: plan.ProgramBytes));
        Assert.True(plan.Fits(machine with { FreeBytes = plan.TotalBytes - plan.ProgramBytes + machine.Margin }, held: plan.ProgramBytes));
    }

    private static (float[] Gradients, float Loss, long Peak) Gradients(string family, CompletionBatch batch, bool checkpoint)
    {
        using LanguageModel model = ModelOf(family);
        using var arena = new Arena();
        model.Weights.ClearGradients();
        float loss = Pass(model, batch, arena, checkpoint);
        return ([.. model.Weights.Weights.SelectMany(weight => weight.Tensor.Gradient.ToArray())], loss, arena.Peak);
    }

    private static float Pass(LanguageModel model, CompletionBatch batch, Arena arena, bool checkpoint)
    {
        using Tape tape = arena.Begin(checkpoint: checkpoint);
        Tensor loss = new ALoL().Loss(model.TokenLogProbs(batch.Tokens, batch.Layout, batch.Rows, batch.Targets), batch) * 0.5f;
        tape.Backward(loss);
        return loss.Item();
    }

    private static LanguageModel ModelOf(string family) => LanguageModel.Create(ConfigOf(family), seed: 1);

    private static ModelConfig ConfigOf(string family) => family == "llama" ? TinyModels.LlamaConfig with { Layers = 4 } : TinyModels.Gpt2Config with { Layers = 4 };

    private static TrainingRow[] Rows(int count) => TinyPolicy.Rows(count);

    // Steps of different sizes: 4 to 19 rows.
    private static IReadOnlyList<TrainingRow> Step(int step) => [.. Rows(40).Skip(step % 17).Take(4 + step % 16)];

    private static TrainerSettings Settings() => new() { Optimizer = new AdamWOptions(), LearningRate = _ => 1e-3f, MaxBatchTokens = 120 };
}
