using System.Text.Json;
using System.Text.Json.Serialization;
using Leftover.Data;
using Leftover.Runs;
using Leftover.Tensors;
using Leftover.Tensors.Safetensors;

namespace Leftover.Advantages;

/// <summary>A value head on disk: <c>value_head.safetensors</c> with PyTorch's names and shapes, and <c>value_head.json</c> with what they do not tell.</summary>
public static class ValueHeadFile
{
    private const string WeightsName = "value_head.safetensors", DescriptionName = "value_head.json";

    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Writes both files into a folder, which is created; the description comes last, so that what it describes is there.</summary>
    public static unsafe void Save(this ValueHead head, string folder)
    {
        Directory.CreateDirectory(folder);
        SafetensorsWriter.Write(Path.Combine(folder, WeightsName), head.Weights.Weights.Select(weight => TensorToWrite.From(weight.Name, weight.Shape, weight.Tensor.Pointer)));
        var description = new Description { Width = head.Width, Heads = head.Heads, Low = head.Range.Low, High = head.Range.High };
        AtomicFile.WriteAllText(Path.Combine(folder, DescriptionName), JsonSerializer.Serialize(description, s_json));
    }

    /// <summary>Reads a head that predicts.</summary>
    /// <param name="folder">Where <see cref="Save"/> put it.</param>
    /// <exception cref="DataException">A file is missing or damaged, or the two do not belong together.</exception>
    public static ValueHead Load(string folder)
    {
        string path = Path.Combine(folder, DescriptionName);
        Description description;
        try
        {
            description = JsonSerializer.Deserialize<Description>(File.ReadAllBytes(path), s_json) ?? throw new JsonException("it is null");
            if (description.Width < 1 || description.Heads < 1 || description.Width % description.Heads != 0 || !(description.High > description.Low))
                throw new JsonException($"width {description.Width}, heads {description.Heads}, low {description.Low} and high {description.High} do not go together");
        }
        catch (Exception e) when (e is IOException or JsonException or UnauthorizedAccessException)
        {
            throw new DataException($"{path}: this is no description of a value head ({e.Message}). Train the head again with `leftover value`.", e);
        }
        var head = new ValueHead(description.Width, description.Heads, new ValueRange(description.Low, description.High), trainable: false);
        try
        {
            using SafetensorsFile file = SafetensorsFile.Open(Path.Combine(folder, WeightsName));
            Fill(head, file, file.Path);
            return head;
        }
        catch (Exception e)
        {
            head.Dispose();
            if (e is InvalidDataException or IOException) throw new DataException($"{e.Message} Train the value head again with `leftover value`.", e);
            throw;
        }
    }

    /// <summary>Copies all weights out of a file.</summary>
    internal static unsafe void Fill(ValueHead head, IWeightSource source, string place)
    {
        foreach (Weight weight in head.Weights.Weights)
        {
            if (!source.Contains(weight.Name)) throw new InvalidDataException($"{place}: there is no tensor '{weight.Name}'.");
            if (!source.ShapeOf(weight.Name).AsSpan().SequenceEqual(weight.Shape))
                throw new InvalidDataException($"{place}: '{weight.Name}' is [{string.Join(", ", source.ShapeOf(weight.Name))}] and the description needs [{string.Join(", ", weight.Shape)}].");
            source.Read(weight.Name, weight.Tensor.Pointer);
        }
    }

    private sealed record Description
    {
        public required int Width { get; init; }

        public required int Heads { get; init; }

        public required double Low { get; init; }

        public required double High { get; init; }
    }
}
