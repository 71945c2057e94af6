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

    [Fact]
    public void What_interrupts_a_work_is_told_apart_from_it()
    {
        if (!MachineMemory.ForgetPeak()) return;             // not Linux, or not allowed
        var peaks = new PeakMeter();
        long before = peaks.Work!.Value;
        Assert.Equal(7, peaks.Interrupt(() => Hold()));
        Assert.True(peaks.Aside >= before + Bytes / 2, "the interruption's peak shows");
        Assert.True(peaks.Work < before + Bytes / 2, "and is not the work's");
        Hold();
        Assert.True(peaks.Work >= before + Bytes / 2, "the work's own does");
    }

    private static int Hold()
    {
        using var block = new NativeBlock(Bytes / sizeof(float));
        Assert.Equal(0, block.Span(block.Length - 1, 1)[0]);
        return 7;
    }
}
