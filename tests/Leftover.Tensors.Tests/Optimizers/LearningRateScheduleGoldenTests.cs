using System.Text.Json;
using Leftover.Tensors.Optimizers;
using Leftover.Tests.Golden;

namespace Leftover.Tensors.Tests.Optimizers;

[Trait("Category", "Golden")]
public class LearningRateScheduleGoldenTests
{
    private const string File = "statistics/schedules.json";

    public static TheoryData<string> Cases()
    {
        TheoryData<string> names = [];
        string path = Path.Combine(SharedData.Golden, File);
        if (!System.IO.File.Exists(path)) return names;
        foreach (JsonElement golden in Read().EnumerateArray()) names.Add(golden.GetProperty("name").GetString()!);
        return names;
    }

    [GoldenTheory(File), MemberData(nameof(Cases))]
    public void Every_update_has_the_rate_of_the_reference_scheduler(string name)
    {
        JsonElement golden = Read().EnumerateArray().Single(x => x.GetProperty("name").GetString() == name);
        LearningRateSchedule schedule = Schedule(golden);
        Assert.Empty(schedule.Problems());

        int update = 0;
        foreach (JsonElement rate in golden.GetProperty("expected").EnumerateArray())
        {
            double expected = rate.GetDouble();
            Assert.True(Math.Abs(schedule.RateAt(update) - expected) <= 1e-8 * expected,
                $"{name}: update {update} has rate {schedule.RateAt(update):R}; needed {expected:R}.");
            Assert.Equal((float)schedule.RateAt(update), schedule.At(update));
            update++;
        }
    }

    private static LearningRateSchedule Schedule(JsonElement golden)
    {
        double peak = golden.GetProperty("learning_rate").GetDouble();
        LearningRateSchedule schedule = new()
        {
            Kind = golden.GetProperty("scheduler").Deserialize<ScheduleKind>(),
            PeakRate = peak,
            WarmupSteps = golden.GetProperty("warmup_steps").GetInt32(),
            TotalSteps = golden.GetProperty("steps").GetInt32(),
        };
        foreach (JsonProperty option in golden.GetProperty("options").EnumerateObject())
        {
            JsonElement value = option.Value;
            schedule = option.Name switch
            {
                "num_cycles" => schedule with { Cycles = value.GetDouble() },
                "power" => schedule with { Power = value.GetDouble() },
                "lr_end" => schedule with { EndRate = value.GetDouble() },
                "timescale" => schedule with { TimeScale = value.GetInt32() },
                "min_lr" => schedule with { MinimumShare = value.GetDouble() / peak },
                "min_lr_rate" or "min_lr_ratio" => schedule with { MinimumShare = value.GetDouble() },
                "num_decay_steps" => schedule with { DecaySteps = value.GetInt32() },
                "warmup_type" => schedule with { WarmupRamp = value.Deserialize<RampKind>() },
                "decay_type" => schedule with { DecayRamp = value.Deserialize<RampKind>() },
                _ => throw new InvalidDataException($"{File}: the option '{option.Name}' of '{golden.GetProperty("name")}' is unknown."),
            };
        }
        return schedule;
    }

    private static JsonElement Read()
    {
        using JsonDocument document = JsonDocument.Parse(System.IO.File.ReadAllText(Path.Combine(SharedData.Golden, File)));
        return document.RootElement.GetProperty("cases").Clone();
    }
}
