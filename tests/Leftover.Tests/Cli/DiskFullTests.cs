namespace Leftover.Tests.CommandLine;

/// <summary>A full disk, shown by a small file system in memory.</summary>
public sealed class DiskFullTests
{
    [TmpfsFact]
    public void A_full_disk_is_named_and_the_old_file_stays()
    {
        using var folder = new CliFolder();
        using var disk = new SmallDisk(folder.PathOf("disk"), "64k");
        string output = disk.PathOf("out.jsonl");
        File.WriteAllText(output, "old");
        disk.Fill();

        CliRun run = CliRun.Of("reward", folder.Recipe, "--output", output);
        Assert.Contains($"error: {output}: could not be written", run.Error);
        Assert.Contains("free on its disk", run.Error);
        Assert.Contains("The old file is as it was. Free some room or choose another place", run.Error);
        Assert.Equal((1, "old"), (run.Code, File.ReadAllText(output)));
        Assert.Equal(2, Directory.GetFiles(disk.Root).Length);
    }

    [TmpfsFact]
    public void A_training_that_fills_the_disk_ends_with_a_message()
    {
        using var folder = new CliFolder();
        using var disk = new SmallDisk(folder.PathOf("disk"), "96k");
        CliRun run = CliRun.Of("train", folder.Recipe, "--output_dir", disk.PathOf("run"), "--cache_dir", folder.PathOf("cache"));
        Assert.Contains("error: ", run.Error);
        Assert.Contains("free on its disk", run.Error);
        Assert.DoesNotContain("   at ", run.Error);
        Assert.Equal(1, run.Code);
    }
}

/// <summary>A file system of a few pages, mounted for one test.</summary>
internal sealed class SmallDisk : IDisposable
{
    public SmallDisk(string root, string size)
    {
        Root = Directory.CreateDirectory(root).FullName;
        Assert.True(Mount(Root, size), "the small disk could not be mounted");
    }

    public string Root { get; }

    public string PathOf(string name) => Path.Combine(Root, name);

    /// <summary>Leaves no byte free.</summary>
    public void Fill()
    {
        try
        {
            using FileStream filler = File.Create(PathOf("filler"));
            while (true) filler.Write(new byte[4096]);
        }
        catch (IOException)
        {
            // It is full.
        }
    }

    public static bool Mount(string root, string size) => CliProcess.Other("mount", "-t", "tmpfs", "-o", $"size={size}", "tmpfs", root) == 0;

    public static void Unmount(string root) => CliProcess.Other("umount", root);

    public void Dispose() => Unmount(Root);
}

/// <summary>A fact that needs the right to mount a file system.</summary>
internal sealed class TmpfsFactAttribute : FactAttribute
{
    private static readonly Lazy<bool> s_canMount = new(() =>
    {
        if (!OperatingSystem.IsLinux()) return false;
        string root = Directory.CreateTempSubdirectory("leftover-mount-").FullName;
        bool mounted = SmallDisk.Mount(root, "16k");
        if (mounted) SmallDisk.Unmount(root);
        Directory.Delete(root);
        return mounted;
    });

    public TmpfsFactAttribute() => Skip = s_canMount.Value ? null! : "A small disk can be mounted on Linux, as root, alone.";
}
