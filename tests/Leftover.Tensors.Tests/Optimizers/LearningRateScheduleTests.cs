using System.Text.Json;
using Leftover.Tensors.Optimizers;

namespace Leftover.Tensors.Tests.Optimizers;

public class LearningRateScheduleTests
{
    [Fact]
    public void Warm_up_starts_at_zero_and_meets_the_peak_after_its_last_update()
    {
        LearningRateSchedule schedule = new() { Kind = ScheduleKind.Linear, PeakRate = 4e-4, WarmupSteps = 4, TotalSteps = 8 };
        Assert.Equal(0f, schedule.At(0));
        Assert.Equal(1e-4f, schedule.At(1), 1e-10f);
        Assert.Equal(4e-4f, schedule.At(4), 1e-10f);
        Assert.Equal(2e-4f, schedule.At(6), 1e-10f);
        Assert.Equal(0f, schedule.At(8));
    }

    [Fact]
    public void A_constant_rate_ignores_warm_up() =>
        Assert.Equal(3e-5f, new LearningRateSchedule { Kind = ScheduleKind.Constant, PeakRate = 3e-5, WarmupSteps = 10, TotalSteps = 20 }.At(0));

    [Fact]
    public void The_methods_small_task_schedule_falls_by_half_in_half_its_horizon()
    {
        // METHOD §8.5: 2e-5·(1 − k/1000): 2e-5 at 0, 1.5e-5 at 250, 1e-5 at 500.
        LearningRateSchedule schedule = new() { PeakRate = 2e-5, TotalSteps = 1000 };
        Assert.Equal(2e-5, schedule.RateAt(0), 1e-18);
        Assert.Equal(1.5e-5, schedule.RateAt(250), 1e-18);
        Assert.Equal(1e-5, schedule.RateAt(500), 1e-18);
    }

    [Theory]
    [InlineData(ScheduleKind.Linear), InlineData(ScheduleKind.Cosine), InlineData(ScheduleKind.CosineWithRestarts), InlineData(ScheduleKind.CosineWithMinLr)]
    [InlineData(ScheduleKind.Polynomial), InlineData(ScheduleKind.InverseSqrt), InlineData(ScheduleKind.WarmupStableDecay), InlineData(ScheduleKind.ConstantWithWarmup)]
    public void No_rate_leaves_the_range_from_zero_to_the_peak_even_after_the_run(ScheduleKind kind)
    {
        LearningRateSchedule schedule = new() { Kind = kind, PeakRate = 1e-3, WarmupSteps = 7, TotalSteps = 30, DecaySteps = 9 };
        for (int update = 0; update < 60; update++) Assert.InRange(schedule.At(update), 0f, 1e-3f);
    }

    [Fact]
    public void All_problems_are_told_at_once()
    {
        LearningRateSchedule schedule = new() { Kind = ScheduleKind.Polynomial, PeakRate = 1e-8, WarmupSteps = -1, TotalSteps = 0, TimeScale = 0 };
        IReadOnlyList<string> problems = schedule.Problems();
        Assert.Equal(4, problems.Count);
        Assert.Contains("totalSteps is 0; it must be at least 1.", problems);
        Assert.Contains(problems, x => x.StartsWith("endRate is 1E-07", StringComparison.Ordinal));
    }

    [Fact]
    public void In_files_the_kinds_have_their_hugging_face_names()
    {
        string json = JsonSerializer.Serialize(new LearningRateSchedule { Kind = ScheduleKind.CosineWithMinLr, DecayRamp = RampKind.OneMinusSqrt });
        Assert.Contains("\"cosine_with_min_lr\"", json);
        Assert.Contains("\"1-sqrt\"", json);
        Assert.Equal(ScheduleKind.CosineWithMinLr, JsonSerializer.Deserialize<LearningRateSchedule>(json)!.Kind);
    }

    [Fact]
    public void A_negative_update_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => new LearningRateSchedule().At(-1));
}
