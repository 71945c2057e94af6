using System.Text.Json;
using Leftover.Advantages;
using Leftover.Data;

namespace Leftover.Tests.Advantages;

public class AdvantageTableTests
{
    private static readonly ScoredRow[] s_rows =
    [
        new("a", "train.jsonl", 1, 0, 0.8) { Source = "forum" },
        new("b", "train.jsonl", 2, 1, 0.6) { Source = "chat" },
        new("c", "train.jsonl", 3, 2, 0.9) { Source = "forum", Weight = 0 },
        new("d, \"quoted\"", "train.jsonl", 4, 2, 0.55),
    ];

    private static readonly double[] s_values = [0.5, 0.75, 0.55, 0.55];

    [Fact]
    public void Rows_with_an_advantage_above_the_threshold_are_kept_and_the_others_say_why_not()
    {
        AdvantageTable table = AdvantageTable.Create(s_rows, s_values, Credit.Advantage);
        Assert.Equal([DropReason.None, DropReason.AdvantageNotAboveThreshold, DropReason.WeightZero, DropReason.AdvantageNotAboveThreshold], table.Rows.Select(row => row.Reason));
        Assert.Equal([0.3, 0, 0, 0], table.Rows.Select(row => Math.Round(row.Priority, 12)));

        AdvantageTable strict = AdvantageTable.Create(s_rows, s_values, Credit.Advantage, new AdvantageOptions { Threshold = 0.3 });
        Assert.Equal(0.8 - 0.5 > 0.3, strict.Rows[0].Kept);          // above, not at: 0.8 − 0.5 is 0.30000000000000004
        AdvantageTable lenient = AdvantageTable.Create(s_rows, s_values, Credit.Advantage, new AdvantageOptions { Threshold = -0.2 });
        Assert.Equal([true, true, false, true], lenient.Rows.Select(row => row.Kept));
        Assert.Equal(0, lenient.Rows[1].Priority);                   // kept, but never drawn by priority
    }

    [Fact]
    public void Algorithms_without_an_advantage_keep_every_better_answer()
    {
        ScoredRow[] rows = [s_rows[0], s_rows[1] with { IsWorse = true }, s_rows[3] with { Reward = -1 }];
        AdvantageTable byReward = AdvantageTable.Create(rows, [0.9, 0.9, 0.9], Credit.Reward);
        Assert.Equal([DropReason.None, DropReason.WorseAnswer, DropReason.None], byReward.Rows.Select(row => row.Reason));
        Assert.Equal([0.8, 0, 0], byReward.Rows.Select(row => row.Priority));
        Assert.Equal([1.0, 0, 1], AdvantageTable.Create(rows, [0.9, 0.9, 0.9], Credit.None).Rows.Select(row => row.Priority));
    }

    [Fact]
    public void The_summary_counts_all_rows_and_each_source()
    {
        AdvantageSummary summary = AdvantageTable.Create(s_rows, s_values, Credit.Advantage).Summary;
        Assert.Equal((4, 1), (summary.Rows, summary.Kept));
        Assert.Equal(2, summary.Dropped[DropReason.AdvantageNotAboveThreshold]);
        Assert.Equal(0.5, summary.PositiveFraction);                 // 0.3, −0.15, 0.35, 0
        Assert.Equal(0.125, summary.Advantage.Mean, 12);
        Assert.Equal(Math.Sqrt((0.175 * 0.175 + 0.275 * 0.275 + 0.225 * 0.225 + 0.125 * 0.125) / 3), summary.Advantage.StandardDeviation, 12);
        Assert.Equal(["", "chat", "forum"], summary.BySource.Select(source => source.Source));
        Assert.Equal((2, 1, 1.0), (summary.BySource[2].Rows, summary.BySource[2].Kept, summary.BySource[2].PositiveFraction));
        Assert.Equal(4, summary.Histogram.Counts.Sum());
        Assert.Equal((1, 1), (summary.Histogram.Counts[0], summary.Histogram.Counts[^1]));           // the least and the greatest
    }

    [Fact]
    public void Without_a_positive_advantage_the_error_gives_the_numbers_and_the_next_step()
    {
        AdvantageTable table = AdvantageTable.Create([new("a", "f", 1, 0, 0.25), new("b", "f", 2, 1, 0.5)], [0.75, 0.625], Credit.Advantage);
        string message = Assert.Throws<DataException>(table.EnsureTrainable).Message;
        Assert.Contains("None of the 2 rows has an advantage above 0; the largest is -0.125.", message);
        Assert.Contains("Rewards are 0.25 to 0.5, mean 0.375", message);
        Assert.Contains("0.625 to 0.75, mean 0.6875", message);
        Assert.Contains("--advantage_threshold below -0.125", message);
    }

    [Fact]
    public void Equal_rewards_teach_nothing_unless_no_reward_is_read()
    {
        ScoredRow[] rows = [new("a", "f", 1, 0, 0.1), new("b", "f", 2, 1, 0.1), new("c", "f", 3, 1, 0.1)];
        string message = Assert.Throws<DataException>(AdvantageTable.Create(rows, [0, 0.5, 0.5], Credit.Advantage).EnsureTrainable).Message;
        Assert.Contains("All 3 rewards are 0.1", message);
        Assert.Throws<DataException>(AdvantageTable.Create(rows, [0, 0, 0], Credit.Reward).EnsureTrainable);
        AdvantageTable.Create(rows, [0, 0, 0], Credit.None).EnsureTrainable();
    }

    [Fact]
    public void A_number_that_is_not_finite_is_named_with_its_line()
    {
        string reward = Assert.Throws<DataException>(() => AdvantageTable.Create([s_rows[0], s_rows[1] with { Reward = double.NaN }], [0, 0], Credit.Advantage)).Message;
        Assert.StartsWith("train.jsonl(2): the reward of row 'b' is NaN", reward);
        string value = Assert.Throws<DataException>(() => AdvantageTable.Create(s_rows, [0, 0, double.PositiveInfinity, 0], Credit.Advantage)).Message;
        Assert.StartsWith("train.jsonl(3): the value of row 'c'", value);
        Assert.Throws<ArgumentException>(() => AdvantageTable.Create(s_rows, [0, 0], Credit.Advantage));
        Assert.Throws<DataException>(() => AdvantageTable.Create([], [], Credit.Advantage));
    }

    [Fact]
    public void Both_file_forms_hold_every_row_with_numbers_that_read_back_the_same()
    {
        AdvantageTable table = AdvantageTable.Create(s_rows, s_values, Credit.Advantage);
        string folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            string jsonLines = Path.Combine(folder, "advantages.jsonl"), csv = Path.Combine(folder, "advantages.csv");
            table.SaveJsonLines(jsonLines);
            table.SaveCsv(csv);

            string[] lines = File.ReadAllLines(jsonLines);
            Assert.Equal(4, lines.Length);
            for (int i = 0; i < lines.Length; i++)
            {
                JsonElement row = JsonDocument.Parse(lines[i]).RootElement;
                Assert.Equal(s_rows[i].Id, row.GetProperty("id").GetString());
                Assert.Equal(s_rows[i].Line, row.GetProperty("line").GetInt32());
                Assert.Equal(table.Rows[i].Advantage, row.GetProperty("advantage").GetDouble());
                Assert.Equal(table.Rows[i].Kept, row.GetProperty("kept").GetBoolean());
            }
            Assert.Equal(
                """"
                id,file,line,reward,value,advantage,kept,reason,priority,source
                a,train.jsonl,1,0.8,0.5,0.30000000000000004,true,,0.30000000000000004,forum
                b,train.jsonl,2,0.6,0.75,-0.15000000000000002,false,advantage not above threshold,0,chat
                c,train.jsonl,3,0.9,0.55,0.35,false,weight is 0,0,forum
                "d, ""quoted""",train.jsonl,4,0.55,0.55,0,false,advantage not above threshold,0,

                """".ReplaceLineEndings("\n"), File.ReadAllText(csv));
            Assert.Equal(2, Directory.GetFiles(folder).Length);      // no temporary file is left
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
