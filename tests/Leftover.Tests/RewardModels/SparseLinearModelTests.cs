using Leftover.RewardModels;
using Leftover.Tensors;

namespace Leftover.Tests.RewardModels;

public class SparseLinearModelTests
{
    [Fact]
    public void Ridge_of_one_column_is_the_closed_form()
    {
        // With centred x the slope is Σxy / (Σx² + λ), and the intercept the mean of y.
        double[] x = [-1.5, -0.5, 0.5, 1.5], y = [1, 2, 2, 5];
        SparseLinearModel model = SparseLinearModel.Ridge([.. x.Select(Row)], 1, y, penalty: 2);
        double slope = x.Zip(y, (a, b) => a * b).Sum() / (x.Sum(a => a * a) + 2);
        Assert.Equal(2.5, model.Score(Row(0)), 9);
        Assert.Equal(2.5 + slope, model.Score(Row(1)), 9);
    }

    [Fact]
    public void A_logistic_fit_has_no_slope_left()
    {
        var random = new RandomStream(1, "rows");
        SparseRow[] rows = [.. Enumerable.Range(0, 60).Select(_ => new SparseRow([0, 2], [random.NextNormal(), random.NextNormal()]))];
        bool[] positive = [.. rows.Select(row => row.Values[0] + 0.5 * random.NextNormal() > 0.2)];
        SparseLinearModel model = SparseLinearModel.Logistic(rows, 3, positive, penalty: 0.5, hasIntercept: true);
        double intercept = model.Score(new SparseRow([], []));
        double[] weights = [.. Enumerable.Range(0, 3).Select(c => model.Score(new SparseRow([c], [1])) - intercept)];
        double[] misses = [.. rows.Select((row, i) => 1 / (1 + Math.Exp(-model.Score(row))) - (positive[i] ? 1 : 0))];
        Assert.Equal(0, weights[1], 9);
        Assert.Equal(0, misses.Sum(), 5);
        for (int c = 0; c < 2; c++) Assert.Equal(0, rows.Zip(misses, (row, miss) => row.Values[c] * miss).Sum() + 0.5 * weights[2 * c], 5);
    }

    [Fact]
    public void A_difference_of_rows_scores_as_the_scores_differ()
    {
        SparseLinearModel model = SparseLinearModel.Ridge([Row(1), new SparseRow([1], [2]), new SparseRow([0, 1], [1, 1])], 2, [1, -1, 0.5], penalty: 0.1);
        SparseRow a = new([0, 1], [0.5, 2]), b = new([1], [3]);
        Assert.Equal(model.Score(a) - model.Score(b), model.Score(SparseRow.Difference(a, b)) - model.Score(new SparseRow([], [])), 12);
    }

    private static SparseRow Row(double value) => new([0], [value]);
}
