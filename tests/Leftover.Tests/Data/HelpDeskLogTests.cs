using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Leftover.Data;

namespace Leftover.Tests.DataFiles;

public sealed partial class HelpDeskLogTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("leftover-desk").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void No_message_of_one_set_occurs_in_another()
    {
        new HelpDeskLog { TrainPrompts = 400 }.Write(_folder, seed: 1);
        string[] prompts = [.. new[] { "train", "validation", "held-out" }.SelectMany(set => Rows(set).Select(row => (string)row["prompt"]!).Distinct())];
        Assert.Equal(prompts.Length, prompts.Distinct().Count());
    }

    [Fact]
    public void Good_replies_name_the_right_number_and_others_are_bad_in_the_way_they_say()
    {
        new HelpDeskLog { TrainPrompts = 300 }.Write(_folder, seed: 2);
        JsonObject[] rows = Rows("train");
        Assert.Equal(["good", "off topic", "rude", "too long", "wrong number"], rows.Select(row => (string)row["source"]!).Distinct().Order(StringComparer.Ordinal));
        foreach (JsonObject row in rows)
        {
            string kind = (string)row["source"]!, number = Number().Match((string)row["prompt"]!).Value, reply = (string)row["completion"]!;
            string named = Number().Match(reply).Value;
            if (kind is "good" or "too long") Assert.Equal(number, named);             // both "" where the message names no order
            if (kind == "wrong number") Assert.NotEqual(number, named);
            if (kind is "rude" or "off topic") Assert.Equal("", named);
        }
    }

    [Fact]
    public void The_same_seed_writes_the_same_bytes_and_another_seed_others()
    {
        byte[] Log(long seed)
        {
            new HelpDeskLog { TrainPrompts = 50 }.Write(_folder, seed);
            return File.ReadAllBytes(Path.Combine(_folder, "train.jsonl"));
        }

        byte[] first = Log(3);
        Assert.Equal(first, Log(3));
        Assert.NotEqual(first, Log(4));
    }

    private JsonObject[] Rows(string set) => [.. File.ReadLines(Path.Combine(_folder, set + ".jsonl")).Select(line => (JsonObject)JsonNode.Parse(line)!)];

    [GeneratedRegex(@"\d{3}")]
    private static partial Regex Number();
}
