using System.Text;
using Leftover.Runs;

namespace Leftover.Tests.Runs;

public sealed class TensorBoardEventsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("leftover-events").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("", 0x00000000)]
    [InlineData("123456789", 0xE3069283)]       // the check value of CRC-32C's definition
    [InlineData("a", 0xC1D04330)]
    public void The_checksum_is_that_of_castagnoli(string text, uint expected)
    {
        Assert.Equal(expected, EventRecords.Crc32C(Encoding.ASCII.GetBytes(text)));
        Assert.Equal(BitwiseCrc(Encoding.ASCII.GetBytes(text)), EventRecords.Crc32C(Encoding.ASCII.GetBytes(text)));
    }

    [Fact]
    public void The_file_holds_a_version_and_one_message_a_step()
    {
        using (TensorBoardEvents events = new(_folder, new FixedClock()))
            events.Write(300, [KeyValuePair.Create("loss", 0.5), KeyValuePair.Create("lr", -2.0)]);
        string path = Directory.EnumerateFiles(_folder).Single();
        Assert.Equal("events.out.tfevents.1700000000.leftover", Path.GetFileName(path));

        // Worked out by hand from the messages' definitions: field number · 8 + wire type, then the value. 1.7e9 + 0.25 seconds as a double.
        byte[] time = [0x09, .. BitConverter.GetBytes(1_700_000_000.25)];
        byte[] version = [.. time, 0x1A, 13, .. "brain.Event:2"u8];
        byte[] loss = [0x0A, 4, .. "loss"u8, 0x15, 0x00, 0x00, 0x00, 0x3F];
        byte[] rate = [0x0A, 2, .. "lr"u8, 0x15, 0x00, 0x00, 0x00, 0xC0];
        byte[] summary = [0x0A, (byte)loss.Length, .. loss, 0x0A, (byte)rate.Length, .. rate];
        byte[] step = [.. time, 0x10, 0xAC, 0x02, 0x2A, (byte)summary.Length, .. summary];
        Assert.Equal([.. Record(version), .. Record(step)], File.ReadAllBytes(path));
    }

    [Fact]
    public void A_damaged_record_ends_what_is_read()
    {
        byte[] first = EventRecords.Frame("one"u8), second = EventRecords.Frame("two"u8);
        byte[] bytes = [.. first, .. second];
        Assert.Equal([first.Length, bytes.Length], EventRecords.Read(bytes).Select(r => r.End));
        for (int i = 0; i < second.Length; i++)
        {
            byte[] damaged = [.. bytes];
            damaged[first.Length + i] ^= 0x10;
            Assert.Equal([first.Length], EventRecords.Read(damaged).Select(r => r.End));
            Assert.Equal([first.Length], EventRecords.Read(bytes.AsMemory(0, first.Length + i)).Select(r => r.End));
        }
    }

    private static byte[] Record(byte[] content)
    {
        byte[] length = BitConverter.GetBytes((ulong)content.Length);
        return [.. length, .. BitConverter.GetBytes(Masked(length)), .. content, .. BitConverter.GetBytes(Masked(content))];
    }

    private static uint Masked(byte[] bytes)
    {
        uint crc = BitwiseCrc(bytes);
        return ((crc >> 15) | (crc << 17)) + 0xA282EAD8;
    }

    /// <summary>CRC-32C bit by bit: the reflected polynomial 0x82F63B78.</summary>
    private static uint BitwiseCrc(byte[] bytes)
    {
        uint crc = 0xFFFFFFFF;
        foreach (byte b in bytes)
        {
            crc ^= b;
            for (int bit = 0; bit < 8; bit++) crc = (crc & 1) == 1 ? (crc >> 1) ^ 0x82F63B78 : crc >> 1;
        }

        return ~crc;
    }

    private sealed class FixedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddSeconds(1_700_000_000.25);
    }
}
