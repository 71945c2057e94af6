using System.Globalization;
using System.Text.Json;
using Leftover.Tensors.Kernels;

namespace Leftover.Benchmarks.Peers;

/// <summary>llama.cpp's generation through the npm package node-llama-cpp, by a script outside this repository.</summary>
internal sealed class LlamaCpp
{
    private const string Package = "node_modules/node-llama-cpp";

    private readonly string _folder, _script, _model;

    private LlamaCpp(string folder, string script, string model, string version) => (_folder, _script, _model, Name) = (folder, script, model, $"llama.cpp (node-llama-cpp {version}), Q4_1");

    /// <summary>Where it is looked for without <c>--llamacpp</c>.</summary>
    public static string DefaultFolder { get; } = Path.Combine(Path.GetTempPath(), "llamacpp");

    /// <summary>How to get it.</summary>
    public static string Install { get; } = $"llama.cpp: in {DefaultFolder} (or the folder of --llamacpp) npm install node-llama-cpp --ignore-scripts, and generate_llamacpp.mjs in the peers folder of --shared";

    /// <summary>Its name in tables.</summary>
    public string Name { get; }

    /// <summary>llama.cpp, where the package and the script are there; else null.</summary>
    /// <param name="options">Where to look.</param>
    /// <param name="model">The .gguf file.</param>
    public static LlamaCpp? Find(BenchmarkOptions options, string model)
    {
        string folder = options["--llamacpp"] ?? DefaultFolder, source = Path.Combine(options.Shared, "peers", "generate_llamacpp.mjs"), manifest = Path.Combine(folder, Package, "package.json");
        if (!File.Exists(manifest) || !File.Exists(source) || ChildProcess.Try("node", folder, null, "--version") is null) return null;
        string script = Path.Combine(folder, "generate.mjs");                      // packages are looked for beside the script
        File.Copy(source, script, overwrite: true);
        return new LlamaCpp(folder, script, Path.GetFullPath(model), JsonElement.Parse(File.ReadAllText(manifest)).GetProperty("version").GetString()!);
    }

    /// <summary>Tokens a second over all sequences, prompts included.</summary>
    public double TokensPerSecond(int sequences, int newTokens)
    {
        string[] numbers = [.. new[] { sequences, newTokens, ThreadTeam.Shared.Size }.Select(number => number.ToString(CultureInfo.InvariantCulture))];
        string output = ChildProcess.Run("node", _folder, null, [_script, _model, .. numbers]);
        return JsonElement.Parse(output.Split('\n').Last(line => line.StartsWith('{'))).GetProperty("tokens/s").GetDouble();
    }
}
