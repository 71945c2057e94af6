using System.Globalization;
using Google.Protobuf;

namespace Leftover.Runs;

/// <summary>A folder's event file, which TensorBoard draws curves of.</summary>
/// <remarks>
/// The file holds protobuf messages <c>Event</c> {wall_time = 1, step = 2, file_version = 3, summary = 5}, and in a summary the values
/// {tag = 1, simple_value = 2}, one message a step. A run that goes on keeps its file and writes behind the last step that counts.
/// </remarks>
public sealed class TensorBoardEvents : IDisposable
{
    private const int WallTimeField = 1, StepField = 2, VersionField = 3, SummaryField = 5;
    private const int ValueField = 1, TagField = 1, SimpleValueField = 2;

    private readonly TimeProvider _clock;
    private readonly FileStream _file;

    /// <summary>Opens the folder's event file, or creates it.</summary>
    /// <param name="folder">An existing folder.</param>
    /// <param name="clock">Gives events their times.</param>
    public TensorBoardEvents(string folder, TimeProvider clock)
    {
        _clock = clock;
        string path = Directory.EnumerateFiles(folder, "events.out.tfevents.*").Order(StringComparer.Ordinal).FirstOrDefault()
            ?? Path.Combine(folder, $"events.out.tfevents.{clock.GetUtcNow().ToUnixTimeSeconds().ToString("D10", CultureInfo.InvariantCulture)}.leftover");
        _file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        RewindTo(int.MaxValue);
    }

    /// <summary>Writes the values of a step.</summary>
    public void Write(int step, IEnumerable<KeyValuePair<string, double>> values) => Append(output =>
    {
        output.WriteTag(StepField, WireFormat.WireType.Varint);
        output.WriteInt64(step);
        output.WriteTag(SummaryField, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(Message(summary =>
        {
            foreach ((string name, double value) in values)
            {
                summary.WriteTag(ValueField, WireFormat.WireType.LengthDelimited);
                summary.WriteBytes(Message(entry =>
                {
                    entry.WriteTag(TagField, WireFormat.WireType.LengthDelimited);
                    entry.WriteString(name);
                    entry.WriteTag(SimpleValueField, WireFormat.WireType.Fixed32);
                    entry.WriteFloat((float)value);
                }));
            }
        }));
    });

    /// <summary>Takes away the events of later steps, and a torn last one.</summary>
    public void RewindTo(int step)
    {
        byte[] bytes = new byte[_file.Length];
        _file.Position = 0;
        _file.ReadExactly(bytes);
        int end = 0;
        foreach ((ReadOnlyMemory<byte> content, int recordEnd) in EventRecords.Read(bytes))
        {
            if (StepOf(content) > step) break;
            end = recordEnd;
        }

        _file.SetLength(end);
        _file.Position = end;
        if (end > 0) return;
        Append(output =>
        {
            output.WriteTag(VersionField, WireFormat.WireType.LengthDelimited);
            output.WriteString("brain.Event:2");
        });
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void Append(Action<CodedOutputStream> write)
    {
        ByteString content = Message(output =>
        {
            output.WriteTag(WallTimeField, WireFormat.WireType.Fixed64);
            output.WriteDouble(_clock.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0);
            write(output);
        });
        _file.Write(EventRecords.Frame(content.Span));
        _file.Flush();
    }

    private static long StepOf(ReadOnlyMemory<byte> content)
    {
        CodedInputStream input = new(content.ToArray());
        while (input.ReadTag() is var tag and not 0)
        {
            if (WireFormat.GetTagFieldNumber(tag) == StepField) return input.ReadInt64();
            input.SkipLastField();
        }

        return 0;
    }

    private static ByteString Message(Action<CodedOutputStream> write)
    {
        using MemoryStream bytes = new();
        using (CodedOutputStream output = new(bytes, leaveOpen: true)) write(output);
        return ByteString.CopyFrom(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
    }
}
