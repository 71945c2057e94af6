using Leftover.Tensors.Files;

namespace Leftover.Tensors.Safetensors;

/// <summary>The weights of a model folder: one safetensors file, or shards with their index, looked up as one.</summary>
public sealed class SafetensorsFolder : IWeightSource, IDisposable
{
    private const string SingleName = "model.safetensors";
    private const string IndexName = "model.safetensors.index.json";
    private readonly Dictionary<string, SafetensorsFile> _fileOf = [];
    private readonly List<SafetensorsFile> _files = [];

    private SafetensorsFolder(string path) => Path = path;

    /// <summary>The folder, file or index, as it was given.</summary>
    public string Path { get; }

    /// <summary>The open files, in the order of their names.</summary>
    public IReadOnlyList<SafetensorsFile> Files => _files;

    /// <summary>Opens <c>model.safetensors</c>, or <c>model.safetensors.index.json</c> with its shards, or the folder's only safetensors file.</summary>
    /// <param name="path">A folder; or one safetensors file; or an index.</param>
    /// <exception cref="FileNotFoundException">There is nothing of that kind.</exception>
    /// <exception cref="InvalidDataException">A file is malformed, a shard is missing, or a shard lacks what the index promises.</exception>
    public static SafetensorsFolder Open(string path)
    {
        var folder = new SafetensorsFolder(path);
        try
        {
            string file = FileToOpen(path);
            if (file.EndsWith(".index.json", StringComparison.Ordinal)) folder.OpenShards(file);
            else folder.OpenSingle(file);
            return folder;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Whether <see cref="Open"/> would find something in this folder.</summary>
    public static bool HasWeights(string folder) =>
        Directory.Exists(folder) && Directory.EnumerateFiles(folder).Any(file =>
            file.EndsWith(".safetensors", StringComparison.Ordinal) || System.IO.Path.GetFileName(file) == IndexName);

    /// <inheritdoc/>
    public IEnumerable<string> Names => _fileOf.Keys;

    /// <inheritdoc/>
    public bool Contains(string name) => _fileOf.ContainsKey(name);

    /// <inheritdoc/>
    public long[] ShapeOf(string name) => this[name].Shape;

    /// <summary>What its file's header says of one tensor.</summary>
    /// <exception cref="InvalidDataException">There is no such tensor.</exception>
    public TensorInfo this[string name] => FileOf(name)[name];

    /// <inheritdoc cref="SafetensorsFile.Read(string, Span{float})"/>
    public void Read(string name, Span<float> destination) => FileOf(name).Read(name, destination);

    /// <inheritdoc/>
    public unsafe void Read(string name, float* destination) => FileOf(name).Read(name, destination);

    /// <summary>Closes all files.</summary>
    public void Dispose()
    {
        foreach (SafetensorsFile file in _files) file.Dispose();
    }

    private SafetensorsFile FileOf(string name) =>
        _fileOf.TryGetValue(name, out SafetensorsFile? file) ? file : throw MissingTensor.In(Path, name, Names);

    private static string FileToOpen(string path)
    {
        if (!Directory.Exists(path)) return path;
        string single = System.IO.Path.Combine(path, SingleName);
        if (File.Exists(single)) return single;
        string index = System.IO.Path.Combine(path, IndexName);
        if (File.Exists(index)) return index;

        string[] others = Directory.GetFiles(path, "*.safetensors");
        Array.Sort(others, StringComparer.Ordinal);
        return others.Length switch
        {
            1 => others[0],
            0 => throw new FileNotFoundException($"{path} holds no {SingleName}, no {IndexName} and no other safetensors file. Is it a model's folder?", path),
            _ => throw new FileNotFoundException($"{path} holds {others.Length} safetensors files ({string.Join(", ", others.Take(4).Select(System.IO.Path.GetFileName))}, …) and no {IndexName} that says what is in which. Name one file, or add the index.", path),
        };
    }

    private void OpenSingle(string path)
    {
        SafetensorsFile file = SafetensorsFile.Open(path);
        _files.Add(file);
        foreach (TensorInfo tensor in file.Tensors) _fileOf.Add(tensor.Name, file);
    }

    private void OpenShards(string indexPath)
    {
        Dictionary<string, string> map = ShardIndex.Read(indexPath);
        string folder = System.IO.Path.GetDirectoryName(indexPath)!;
        Dictionary<string, SafetensorsFile> shards = [];
        foreach (string shard in map.Values.Distinct().Order(StringComparer.Ordinal))
        {
            string path = System.IO.Path.Combine(folder, shard);
            if (!File.Exists(path))
                throw new InvalidDataException($"{indexPath}: the shard '{shard}' is not in the folder. Download the missing file.");
            SafetensorsFile file = SafetensorsFile.Open(path);
            _files.Add(file);
            shards.Add(shard, file);
        }
        foreach ((string name, string shard) in map)
        {
            if (!shards[shard].Contains(name))
                throw new InvalidDataException($"{indexPath}: '{shard}' does not hold the tensor '{name}' that the index promises. Are index and shards of the same version? Download both again.");
            _fileOf.Add(name, shards[shard]);
        }
    }
}
