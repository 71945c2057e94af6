using Leftover.Runs;

namespace Leftover.Tests.Runs;

public sealed class AtomicFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("leftover-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_text_replaces_the_old_one_as_utf8_without_a_mark()
    {
        string path = Path.Combine(_folder, "run.json");
        AtomicFile.WriteAllText(path, "a longer text than the next");
        AtomicFile.WriteAllText(path, "é");
        Assert.Equal([0xC3, 0xA9], File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFiles(_folder));
    }

    [Fact]
    public void A_writer_that_fails_leaves_the_old_file_and_nothing_else()
    {
        string path = Path.Combine(_folder, "run.json");
        AtomicFile.WriteAllText(path, "old");
        var error = Assert.Throws<IOException>(() => AtomicFile.Write(path, stream =>
        {
            stream.Write(new byte[100]);
            throw new IOException("No space left on device.");
        }));
        Assert.Contains(path, error.Message);
        Assert.Contains("The old file is as it was. Free some room", error.Message);
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(_folder));
    }
}
