using Leftover.Runs;

namespace Leftover.Tests.Runs;

public sealed class FolderLockTests : IDisposable
{
    private readonly string _folder = Path.Combine(Directory.CreateTempSubdirectory("leftover-tests-").FullName, "run");

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_folder)!, recursive: true);

    [Fact]
    public void A_second_run_into_the_folder_fails_and_is_told_the_process()
    {
        using FolderLock first = FolderLock.Take(_folder);
        var error = Assert.Throws<IOException>(() => FolderLock.Take(_folder));
        Assert.Contains(_folder, error.Message);
        Assert.Contains($"in use by another run (process {Environment.ProcessId} on {Environment.MachineName})", error.Message);
    }

    [Fact]
    public void A_folder_that_was_given_back_can_be_taken_again_and_holds_no_trace()
    {
        FolderLock first = FolderLock.Take(_folder);
        first.Dispose();
        first.Dispose();
        Assert.Empty(Directory.GetFiles(_folder));
        FolderLock.Take(_folder).Dispose();
    }

    [Fact]
    public void What_a_killed_run_leaves_behind_stops_nobody()
    {
        Directory.CreateDirectory(_folder);
        File.WriteAllText(Path.Combine(_folder, ".lock"), "");
        File.WriteAllText(Path.Combine(_folder, ".lock.owner"), "process 1 on elsewhere");
        using FolderLock taken = FolderLock.Take(_folder);
        Assert.Contains($"process {Environment.ProcessId} ", Assert.Throws<IOException>(() => FolderLock.Take(_folder)).Message);
    }

    [Fact]
    public void Two_folders_do_not_disturb_each_other()
    {
        using FolderLock first = FolderLock.Take(_folder), second = FolderLock.Take(_folder + "2");
    }
}
