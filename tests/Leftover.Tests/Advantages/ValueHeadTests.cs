using Leftover.Advantages;
using Leftover.Data;
using Leftover.Tensors;
using Leftover.Tensors.Memory;

namespace Leftover.Tests.Advantages;

public class ValueHeadTests
{
    // METHOD fixture F5: all projections are the identity, two heads of two channels.
    private static readonly float[] s_states = [1, 0, 0, 1, 0, 1, 1, 0, .5f, .5f, -.5f, .5f];

    [Theory]
    [InlineData(1, 0.606696f)]
    [InlineData(5, 3.033482f)]
    public void The_fixture_pools_and_values_as_worked_out_by_hand(float maxValue, float value)
    {
        using ValueHead head = Fixture(maxValue);
        ValueHeadRun run = ValueHeadRun.Of(head, s_states, [0, 3], [0]);
        Assert.Equal([.384539f, .615461f, -.098620f, .628716f], run.Pooled, Close);
        Assert.Equal(value, run.Values[0], tolerance: 2e-6f);
    }

    [Fact]
    public void A_prompt_without_its_pad_has_the_value_of_the_masked_one()
    {
        using ValueHead head = Fixture(1);
        ValueHeadRun run = ValueHeadRun.Of(head, s_states[4..], [0, 2], [0]);
        Assert.Equal([.206260f, .793740f, -.162676f, .387559f], run.Pooled, Close);
        Assert.Equal(.583120f, run.Values[0], tolerance: 1e-6f);
    }

    [Fact]
    public void The_error_is_the_mean_over_prompts()
    {
        // Values 0.5 (all weights 0); targets 0.5, 0.9, 0.4: (0 + 0.16 + 0.01) / 3.
        using var head = new ValueHead(4, 2, new ValueRange(0, 1), trainable: true);
        Assert.Equal(.17f / 3, ValueHeadRun.Of(head, s_states, [0, 1, 2, 3], [.5f, .9f, .4f]).Error, tolerance: 1e-6f);
    }

    [Fact]
    public void A_value_lies_inside_the_range_and_does_not_depend_on_the_other_prompts()
    {
        using var head = new ValueHead(24, 8, new ValueRange(-3, 2), trainable: false);
        head.Initialize(5);
        PromptStates states = RandomStates(24, [4, 1, 17, 9, 2], 3);
        double[] together = head.Predict(states, [0, 1, 2, 3, 4]), backwards = head.Predict(states, [4, 3, 2, 1, 0]);
        Assert.All(together, value => Assert.InRange(value, -3 + 1e-6, 2 - 1e-6));
        Assert.True(together.Distinct().Count() == 5);
        Assert.Equal(together.Reverse(), backwards);
        for (int prompt = 0; prompt < 5; prompt++) Assert.Equal(together[prompt], head.Predict(states, [prompt])[0]);
    }

    [Theory]
    [InlineData(576, 8, 8)]
    [InlineData(100, 8, 5)]
    [InlineData(7, 8, 7)]
    [InlineData(11, 8, 1)]
    public void Heads_that_do_not_divide_the_width_fall_to_the_largest_number_that_does(int width, int wanted, int heads)
    {
        using var head = new ValueHead(width, wanted, new ValueRange(0, 1), trainable: false);
        Assert.Equal(heads, head.Heads);
    }

    [Fact]
    public void A_head_of_width_h_has_4h2_plus_6h_plus_1_parameters()
    {
        using var head = new ValueHead(1024, 8, new ValueRange(0, 1), trainable: false);
        Assert.Equal(4_200_449, head.Weights.Count);
    }

    [Theory]
    [InlineData(0, 1, 0.3)]
    [InlineData(-4, -1, -1.5)]
    public void It_can_start_at_a_number_for_every_prompt(double low, double high, double value)
    {
        using var head = new ValueHead(16, 8, new ValueRange(low, high), trainable: false);
        head.Initialize(1);
        head.StartAt(value);
        foreach (double v in head.Predict(RandomStates(16, [3, 8], 2), [0, 1])) Assert.Equal(value, v, 1e-5);
    }

    [Fact]
    public void The_range_leaves_room_around_the_rewards_also_around_equal_ones()
    {
        Assert.Equal((-2.5, 3.5), (ValueRange.Around([3, -2, 0]).Low, ValueRange.Around([3, -2, 0]).High));
        Assert.Equal(new ValueRange(3.5 / 2, 3.5 * 1.5), ValueRange.Around([3.5, 3.5]));
        Assert.True(ValueRange.Around([0]).Low < 0);
    }

    [Fact]
    public void Dropout_changes_training_passes_and_follows_from_its_seed()
    {
        using var head = new ValueHead(16, 8, new ValueRange(0, 1), trainable: false);
        head.Initialize(1);
        float[] Values(ValueDropout? dropout)
        {
            using var arena = new Arena();
            using Tape tape = arena.Begin(record: false);
            return head.Forward(RandomStates(16, [3, 8], 2).Pack([0, 1], out int[] offsets), offsets, dropout).Data.ToArray();
        }
        float[] first = Values(new ValueDropout(0.1, new RandomStream(4, "dropout")));
        Assert.Equal(first, Values(new ValueDropout(0.1, new RandomStream(4, "dropout"))));
        Assert.NotEqual(first, Values(new ValueDropout(0.1, new RandomStream(5, "dropout"))));
        Assert.NotEqual(first, Values(null));
        Assert.Equal(Values(null), Values(new ValueDropout(0, new RandomStream(4, "dropout"))));
    }

    [Fact]
    public void Dropout_keeps_nine_of_ten_numbers_and_scales_them_up()
    {
        using var arena = new Arena();
        using Tape tape = arena.Begin(record: false);
        float[] mask = new ValueDropout(0.1, new RandomStream(4, "dropout")).Mask(100, 100).Data.ToArray();
        Assert.Equal([0, 1 / 0.9f], mask.Distinct().Order());
        Assert.Equal(0.9, mask.Count(x => x > 0) / 10000.0, 0.012);          // four standard deviations
    }

    [Fact]
    public void A_saved_head_loads_to_the_same_values()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            using var head = new ValueHead(20, 8, new ValueRange(-1, 0.75), trainable: false);
            head.Initialize(9);
            head.Save(folder);
            using ValueHead loaded = ValueHeadFile.Load(folder);
            PromptStates states = RandomStates(20, [5, 2], 1);
            Assert.Equal(head.Predict(states, [0, 1]), loaded.Predict(states, [0, 1]));
            Assert.Equal((head.Heads, head.Range), (loaded.Heads, loaded.Range));

            using var other = new ValueHead(12, 4, new ValueRange(0, 1), trainable: false);
            other.Save(folder);
            File.WriteAllText(Path.Combine(folder, "value_head.json"), """{"width": 20, "heads": 5, "low": 0, "high": 1}""");
            Assert.Contains("'query' is [12] and the description needs [20]", Assert.Throws<DataException>(() => ValueHeadFile.Load(folder)).Message);
            File.WriteAllText(Path.Combine(folder, "value_head.json"), """{"width": 12, "heads": 5, "low": 0, "high": 1}""");
            Assert.Contains("heads 5", Assert.Throws<DataException>(() => ValueHeadFile.Load(folder)).Message);
            File.Delete(Path.Combine(folder, "value_head.json"));
            Assert.Throws<DataException>(() => ValueHeadFile.Load(folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void States_of_another_model_are_refused()
    {
        using var head = new ValueHead(20, 8, new ValueRange(0, 1), trainable: false);
        Assert.Contains("made for states of 20 numbers and these have 16", Assert.Throws<ArgumentException>(() => head.Predict(RandomStates(16, [3], 1), [0])).Message);
        Assert.Throws<ArgumentException>(() => RandomStates(16, [3, 0], 1));
    }

    internal static PromptStates RandomStates(int width, int[] lengths, long seed) => new(width, lengths, (prompt, destination) =>
    {
        var random = new RandomStream(seed, "states", prompt);
        foreach (ref float number in destination) number = (float)random.NextNormal();
    });

    private static ValueHead Fixture(float maxValue)
    {
        var head = new ValueHead(4, 2, new ValueRange(0, maxValue), trainable: true);
        new float[] { 1, 2, -1, .5f }.CopyTo(head.Weights["query"].Tensor.Data);
        for (int i = 0; i < 12; i++) head.Weights["attention.in_proj_weight"].Tensor.Data[i * 4 + i % 4] = 1;
        for (int i = 0; i < 4; i++) head.Weights["attention.out_proj.weight"].Tensor.Data[i * 5] = 1;
        new float[] { .1f, .2f, .3f, .4f }.CopyTo(head.Weights["output.weight"].Tensor.Data);
        head.Weights["output.bias"].Tensor.Data[0] = .05f;
        return head;
    }

    private static bool Close(float expected, float actual) => Math.Abs(expected - actual) < 1e-6f;
}
