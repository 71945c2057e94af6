using System.Text.Json;
using Leftover.Tensors.Kernels;

namespace Leftover.Tests.CommandLine;

public sealed class DoctorTests
{
    [Fact]
    public void The_doctor_measures_this_machine_and_finds_it_fit()
    {
        JsonElement json = CliRun.Of("doctor", "--json").Worked().Json;
        Assert.Equal(Instructions.Current.ToString().ToLowerInvariant(), json.GetProperty("kernels").GetString());
        Assert.Equal(Environment.ProcessorCount, json.GetProperty("cores").GetInt32());
        Assert.InRange(json.GetProperty("product_gflops").GetDouble(), 0.01, 1e6);
        Assert.InRange(json.GetProperty("read_gigabytes").GetDouble(), 0.01, 1e5);
        Assert.All(json.GetProperty("checks").EnumerateArray(), check => Assert.True(check.GetProperty("ok").GetBoolean(), check.ToString()));
    }
}
