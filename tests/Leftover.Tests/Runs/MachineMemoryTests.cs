using Leftover.Runs;
using Leftover.Tensors.Memory;
using Leftover.Tests.Training;

namespace Leftover.Tests.Runs;

[Collection("Alone")]
public class MachineMemoryTests
{
    private const long Bytes = 400L << 20;

    [Fact]
    public void A_forgotten_peak_is_told_no_more_and_a_new_one_is()
    {
        if (!MachineMemory.ForgetPeak()) return;             // not Linux, or not allowed
        long before = MachineMemory.PeakOfProcess()!.Value;
        Hold();
        Assert.True(MachineMemory.PeakOfProcess() >= before + Bytes / 2, "what was held shows");
        Assert.True(MachineMemory.ForgetPeak());
        Assert.True(MachineMemory.PeakOfProcess() < before + Bytes / 2, "and is forgotten");
    }

    private static void Hold()
    {
        using var block = new NativeBlock(Bytes / sizeof(float));
        Assert.Equal(0, block.Span(block.Length - 1, 1)[0]);
    }
}
