using Leftover.Evaluation;

namespace Leftover.Tests.Evaluation;

public class MethodDiagnosticsTests
{
    [Fact]
    public void Sound_weights_and_enough_rows_are_not_warned_of() =>
        Assert.Empty(new MethodDiagnostics { Rows = 100, Kept = 5, Epochs = [new(1, 10, 1, 0.3, 0.4, 0.4)] }.Warnings("a-lol"));

    [Fact]
    public void Fewer_than_a_twentieth_of_the_rows_is_warned_of() =>
        Assert.StartsWith("a-lol: 4 of 100 rows are kept, fewer than 5%", Assert.Single(new MethodDiagnostics { Rows = 100, Kept = 4 }.Warnings("a-lol")));

    [Fact]
    public void Collapsed_weights_are_warned_of_by_their_worst_epoch()
    {
        MethodDiagnostics diagnostics = new() { Rows = 10, Kept = 10, Epochs = [new(1, 10, 1, 0.9, 0, 0), new(2, 20, 1, 0.05, 0, 0), new(3, 30, 1, 0.2, 0, 0)] };
        Assert.Contains("in epoch 2 they leave 5% of the data in effect", Assert.Single(diagnostics.Warnings("r-lol")));
    }

    [Fact]
    public void Weights_that_are_nearly_all_clipped_are_warned_of()
    {
        MethodDiagnostics diagnostics = new() { Rows = 10, Kept = 10, Epochs = [new(1, 10, 1, 0.9, 0.1, 0), new(2, 20, 1, 0.9, 0.35, 0.5)] };
        Assert.Contains("85% of the importance weights of epoch 2 are clipped", Assert.Single(diagnostics.Warnings("a-lol")));
    }
}
