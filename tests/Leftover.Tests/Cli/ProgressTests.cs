using Leftover.Cli.Progress;
using Leftover.Runs;

namespace Leftover.Tests.CommandLine;

public sealed class ProgressTests
{
    private readonly HandClock _clock = new();
    private readonly StringWriter _lines = new(), _warnings = new();

    private string[] Lines => _lines.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);

    [Fact]
    public void Work_under_two_seconds_is_not_worth_a_line()
    {
        using (IWorkProgress work = new LineProgress(_lines, _warnings, _clock).Begin("Scoring", 10, "rows"))
        {
            for (int i = 0; i < 10; i++) Pass(work, 0.1, tokens: 5);
        }
        Assert.Empty(Lines);
    }

    [Fact]
    public void Long_work_has_lines_ever_further_apart_and_one_at_its_end()
    {
        using (IWorkProgress work = new LineProgress(_lines, _warnings, _clock).Begin("Training", 200, "steps"))
        {
            for (int i = 0; i < 200; i++) Pass(work, 1, tokens: 100, "loss 0.5");
        }
        // After 2, 4, 8, 16, 32, then every 30 seconds; 200 steps of a second and 100 tokens each.
        Assert.Equal(["2", "4", "8", "16", "32", "62", "92", "122", "152", "182"], Lines[..^1].Select(line => line.Split(' ')[1].Split('/')[0]));
        Assert.Equal("Training: 62/200 steps, 100 tokens/s, 2:18 left, loss 0.5", Lines[5]);
        Assert.Equal("Training: 200 steps in 3:20, 100 tokens/s, loss 0.5", Lines[^1]);
    }

    [Fact]
    public void What_an_earlier_process_did_says_nothing_about_the_time_left()
    {
        using IWorkProgress work = new LineProgress(_lines, _warnings, _clock).Begin("Training", 200, "steps");
        work.Advance(150);
        for (int i = 0; i < 10; i++) Pass(work, 1, tokens: 100);
        Assert.Equal("Training: 158/200 steps, 100 tokens/s, 0:42 left", Lines[^1]);
    }

    [Fact]
    public void Work_without_tokens_tells_how_much_of_its_own_it_does_a_second()
    {
        using (IWorkProgress work = new LineProgress(_lines, _warnings, _clock).Begin("Reward words", 130, "rows"))
        {
            work.Advance(10, note: "10 of them scored before");
            for (int i = 0; i < 3; i++) Pass(work, 2, tokens: 0, amount: 40);
        }
        Assert.Equal("Reward words: 50/130 rows, 20 rows/s, 4.0 s left, 10 of them scored before", Lines[0]);
        Assert.Equal("Reward words: 130 rows in 6.0 s, 20 rows/s, 10 of them scored before", Lines[^1]);

        using IWorkProgress slow = new LineProgress(_lines, _warnings, _clock).Begin("Reward kind", 10, "rows");
        Pass(slow, 4, tokens: 0);
        Assert.Equal("Reward kind: 1/10 rows, 0.25 rows/s, 0:36 left", Lines[^1]);
    }

    [Fact]
    public void Warnings_go_their_own_way()
    {
        new LineProgress(_lines, _warnings, _clock).Warn("look here");
        Assert.Empty(Lines);
        Assert.Equal("warning: look here" + Environment.NewLine, _warnings.ToString());
    }

    [Theory]
    [InlineData(3.24, "3.2 s")]
    [InlineData(35, "0:35")]
    [InlineData(3599, "59:59")]
    [InlineData(93784, "26:03:04")]
    public void Durations_read_as_on_a_clock(double seconds, string text) => Assert.Equal(text, WorkMeter.Text(TimeSpan.FromSeconds(seconds)));

    private void Pass(IWorkProgress work, double seconds, long tokens, string? note = null, long amount = 1)
    {
        _clock.Now += TimeSpan.FromSeconds(seconds);
        work.Advance(amount, tokens, note);
    }
}
