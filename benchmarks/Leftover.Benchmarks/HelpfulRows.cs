using System.IO.Compression;
using System.Text.Json;
using Leftover.Batches;
using Leftover.Data;
using Leftover.Tokenization;

namespace Leftover.Benchmarks;

/// <summary>HH's helpful rows in GPT-2's tokens, cut as PyTorch's peer cuts them: 512 tokens of prompt, 128 of completion.</summary>
internal static class HelpfulRows
{
    private const int LongestPrompt = 512, LongestCompletion = 128, End = 50256;
    private const float Advantage = 0.4f;                       // all rows count: the peer trains on all of them too

    /// <summary>The lines that the peer trains on, in its order: the first of Python's <c>random.Random(7).shuffle</c> of the file's 2354.</summary>
    private static readonly int[] s_first =
    [
        2148, 1175, 1399, 142, 130, 946, 2346, 493, 313, 1672, 1940, 194, 552, 941, 766, 779,
        2215, 1236, 691, 1485, 1225, 256, 362, 1439, 378, 1798, 888, 521, 1519, 1082, 1744, 1585,
    ];

    /// <summary>The rows that the peer takes first, then the file's others.</summary>
    /// <param name="shared">The folder with data.</param>
    /// <param name="count">How many.</param>
    public static TrainingRow[] Read(string shared, int count)
    {
        string path = Path.Combine(shared, "data", "hh_lolrl", "helpful_base.jsonl.gz");
        if (!File.Exists(path)) throw new DataException($"{path} is not there: name the folder that has data/hh_lolrl and data/tok_gpt2 with --shared or LEFTOVER_SHARED.");
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        string[] lines = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var tokenizer = Tokenizer.Load(Path.Combine(shared, "data", "tok_gpt2"));
        return [.. s_first.Concat(Enumerable.Range(0, lines.Length).Except(s_first)).Take(count).Select((line, number) => Row(number, JsonElement.Parse(lines[line]), tokenizer))];
    }

    private static TrainingRow Row(int number, JsonElement row, Tokenizer tokenizer)
    {
        int[] prompt = tokenizer.EncodeOrdinary(string.Join("\n\n", row.GetProperty("prefix")[0].EnumerateArray().Select(turn => turn.GetString())));
        int[] completion = tokenizer.EncodeOrdinary(" " + row.GetProperty("suffix")[0].GetString());
        return new TrainingRow(number, prompt[^Math.Min(prompt.Length, LongestPrompt)..], [.. completion.Take(LongestCompletion - 1), End]) { Advantage = Advantage, Reward = Advantage };
    }
}
