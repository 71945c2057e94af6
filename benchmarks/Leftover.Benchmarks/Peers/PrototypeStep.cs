using System.Globalization;
using System.Runtime.InteropServices;
using Leftover.Tensors;
using Leftover.Tensors.Kernels;

namespace Leftover.Benchmarks.Peers;

/// <summary>The prototype's training step of GPT-2 124M on 4 x 256 tokens, built from its sources outside this repository.</summary>
/// <remarks>It is written for AVX-512; elsewhere it does not run.</remarks>
internal sealed class PrototypeStep
{
    private const int Vocabulary = 50257, Padded = 50304, Width = 768, Layers = 12, Header = 1024;

    private readonly string _folder = Path.Combine(Path.GetTempPath(), "leftover-step-prototype");

    /// <summary>Its name in tables.</summary>
    public string Name => "prototype";

    /// <summary>Builds it and writes weights and tokens for it.</summary>
    /// <param name="sources">The folder of Gpt2Step.cs and Gemm.cs.</param>
    /// <returns>Null where they are not there, or do not build.</returns>
    public static PrototypeStep? Find(string sources)
    {
        string[] files = [.. new[] { "Gpt2Step.cs", "Gemm.cs" }.Select(file => Path.GetFullPath(Path.Combine(sources, file)))];
        if (!files.All(File.Exists)) return null;
        var step = new PrototypeStep();
        Directory.CreateDirectory(step._folder);
        string includes = string.Concat(files.Select(file => $"<Compile Include=\"{file}\" />"));
        File.WriteAllText(Path.Combine(step._folder, "Directory.Build.props"), "<Project />");
        File.WriteAllText(Path.Combine(step._folder, "step.csproj"),
            "<Project Sdk=\"Microsoft.NET.Sdk\"><PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings>" +
            $"<AllowUnsafeBlocks>true</AllowUnsafeBlocks><EnableDefaultCompileItems>false</EnableDefaultCompileItems></PropertyGroup><ItemGroup>{includes}</ItemGroup></Project>");
        if (ChildProcess.Try("dotnet", step._folder, null, "build", "-c", "Release", "-v", "q", "--nologo", "-o", "out") is null) return null;
        step.WriteInputs();
        return step.Run(2).Count > 0 ? step : null;           // the first step is left out
    }

    /// <summary>Seconds of a step: the median of a few, a first one left out.</summary>
    public double Seconds(int steps) => Measure.Median(Run(steps));

    private List<double> Run(int steps)
    {
        var environment = new Dictionary<string, string?> { ["NT"] = ThreadTeam.Shared.Size.ToString(CultureInfo.InvariantCulture) };
        string output = ChildProcess.Try("dotnet", _folder, environment, "out/step.dll", steps.ToString(CultureInfo.InvariantCulture), "weights.bin", "tokens.bin") ?? "";
        return [.. output.Split('\n').Where(line => line.StartsWith("step ", StringComparison.Ordinal)).Skip(1).Select(line => double.Parse(line.Split(' ')[5], CultureInfo.InvariantCulture))];
    }

    // Its checkpoint is a header, then all weights, the vocabulary padded; its tokens are 1024 inputs and 1024 targets.
    private void WriteInputs()
    {
        long weights = (long)Padded * Width + 1024 * Width + (long)Layers * (12 * Width * Width + 13 * Width) + 2 * Width;
        string checkpoint = Path.Combine(_folder, "weights.bin");
        if (File.Exists(checkpoint) && new FileInfo(checkpoint).Length == Header + 4 * weights) return;
        var random = new RandomStream(1, "prototype");
        byte[] piece = new byte[1 << 22];
        foreach (ref float value in MemoryMarshal.Cast<byte, float>(piece.AsSpan())) value = (float)(0.02 * random.NextNormal());
        using (FileStream stream = File.Create(checkpoint))
        {
            stream.Write(new byte[Header]);
            for (long left = 4 * weights; left > 0; left -= piece.Length) stream.Write(piece, 0, (int)Math.Min(left, piece.Length));
        }
        byte[] tokens = new byte[8192];
        foreach (ref int token in MemoryMarshal.Cast<byte, int>(tokens.AsSpan())) token = random.Next(Vocabulary);
        File.WriteAllBytes(Path.Combine(_folder, "tokens.bin"), tokens);
    }
}
