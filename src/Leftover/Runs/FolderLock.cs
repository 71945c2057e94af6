using System.Text;

namespace Leftover.Runs;

/// <summary>Keeps an output folder for one run: a second run into it fails at its start, and not after it has mixed its files with the first one's.</summary>
/// <remarks>The system gives the lock back when the process ends, however it ends; what a killed run leaves behind stops nobody.</remarks>
public sealed class FolderLock : IDisposable
{
    private const string LockName = ".lock";
    private const string OwnerName = ".lock.owner";
    private readonly FileStream _lock;
    private readonly string _ownerPath;

    private FolderLock(FileStream held, string ownerPath) => (_lock, _ownerPath) = (held, ownerPath);

    /// <summary>Takes the folder, which is created where it is missing.</summary>
    /// <exception cref="IOException">Another run has it; the message names its process.</exception>
    public static FolderLock Take(string folder)
    {
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, LockName), ownerPath = Path.Combine(folder, OwnerName);
        FileStream held;
        try
        {
            held = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);
        }
        catch (IOException e) when (File.Exists(path))
        {
            throw new IOException($"{folder}: the output folder is in use by another run{Owner(ownerPath)}. Wait for it to end, stop it, or give this run a folder of its own.", e);
        }

        // A file of its own: the locked one cannot be read by the run that needs to know.
        try
        {
            File.WriteAllText(ownerPath, $"process {Environment.ProcessId} on {Environment.MachineName}", Encoding.UTF8);
        }
        catch
        {
            held.Dispose();
            throw;
        }
        return new FolderLock(held, ownerPath);
    }

    /// <summary>Gives the folder back.</summary>
    public void Dispose()
    {
        if (!_lock.SafeFileHandle.IsClosed) File.Delete(_ownerPath);
        _lock.Dispose();
    }

    private static string Owner(string path)
    {
        try
        {
            return $" ({File.ReadAllText(path)})";
        }
        catch (IOException)                      // it has not said so yet, or is just ending
        {
            return "";
        }
    }
}
