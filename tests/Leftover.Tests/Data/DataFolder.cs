using System.IO.Compression;
using System.Text;
using Leftover.Data;

namespace Leftover.Tests.DataFiles;

/// <summary>A folder of files for one test; it goes with it.</summary>
internal sealed class DataFolder : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("leftover-data").FullName;

    public string Path(string name) => System.IO.Path.Combine(Root, name);

    public string Write(string name, params string[] lines)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(string.Join('\n', lines) + (lines.Length > 0 ? "\n" : ""));
        using Stream file = File.Create(Path(name));
        using Stream stream = name.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionLevel.Fastest) : file;
        stream.Write(bytes);
        return Path(name);
    }

    /// <summary>The examples of a file read as the train set.</summary>
    public IReadOnlyList<Example> Read(string name, params string[] lines) => ExampleReader.Read(new DataOptions { Train = [new DataSource { Path = Write(name, lines) }] }).Train.Examples;

    /// <summary>What reading a file as the train set throws.</summary>
    public string Error(string name, params string[] lines) => Assert.Throws<DataException>(() => Read(name, lines)).Message;

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
