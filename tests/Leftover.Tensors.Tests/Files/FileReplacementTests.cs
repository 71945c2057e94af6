using System.Text;
using Leftover.Tensors.Files;

namespace Leftover.Tensors.Tests.Files;

public sealed class FileReplacementTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_new_content_takes_the_name_and_nothing_else_is_left()
    {
        string path = _folder.PathOf("a.txt");
        FileReplacement.Write(path, stream => stream.Write("old and longer"u8));
        FileReplacement.Write(path, stream => stream.Write("new"u8));
        Assert.Equal("new", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void The_old_content_is_there_until_the_new_one_is_complete()
    {
        string path = _folder.PathOf("a.txt");
        File.WriteAllText(path, "old");
        FileReplacement.Write(path, stream =>
        {
            stream.Write("new"u8);
            stream.Flush();
            Assert.Equal("old", File.ReadAllText(path));
        });
    }

    [Fact]
    public void A_writer_that_throws_leaves_the_old_file_and_no_temporary_one()
    {
        string path = _folder.PathOf("a.txt");
        File.WriteAllText(path, "old");
        Assert.Throws<InvalidOperationException>(() => FileReplacement.Write(path, stream =>
        {
            stream.Write(new byte[1_000_000]);
            throw new InvalidOperationException();
        }));
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void A_disk_that_fills_up_is_told_with_the_bytes_needed_and_the_next_step()
    {
        string path = _folder.PathOf("a.txt");
        File.WriteAllText(path, "old");
        var error = Assert.Throws<IOException>(() => FileReplacement.Write(path, _ => throw new IOException("No space left on device."), bytesNeeded: 12_345));
        Assert.Contains(path, error.Message);
        Assert.Contains("12,345 bytes are needed", error.Message);
        Assert.Contains("The old file is as it was. Free some room", error.Message);
        Assert.Equal([path], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void A_disk_without_enough_room_is_refused_before_anything_is_written()
    {
        string path = _folder.PathOf("a.txt");
        var error = Assert.Throws<IOException>(() => FileReplacement.Write(path, _ => Assert.Fail("it was called"), bytesNeeded: long.MaxValue));
        Assert.Contains("9,223,372,036,854,775,807 bytes are needed", error.Message);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void What_a_killed_writer_left_behind_is_overwritten()
    {
        string path = _folder.PathOf("a.txt");
        File.WriteAllText(path + ".tmp", "half of something that was much longer");
        FileReplacement.Write(path, stream => stream.Write("whole"u8));
        Assert.Equal("whole", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void A_second_writer_of_the_same_file_fails_and_does_not_disturb_the_first()
    {
        string path = _folder.PathOf("a.txt");
        FileReplacement.Write(path, stream =>
        {
            stream.Write("fi"u8);
            Assert.Throws<IOException>(() => FileReplacement.Write(path, second => second.Write("second"u8)));
            stream.Write("rst"u8);
        });
        Assert.Equal("first", File.ReadAllText(path, Encoding.UTF8));
    }

    [Fact]
    public void A_missing_folder_is_named()
    {
        var error = Assert.Throws<DirectoryNotFoundException>(() => FileReplacement.Write(_folder.PathOf("no/a.txt"), _ => { }));
        Assert.Contains(_folder.PathOf("no"), error.Message);
    }
}
