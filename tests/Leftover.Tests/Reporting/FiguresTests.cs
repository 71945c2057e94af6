using Leftover.Evaluation;
using Leftover.Reporting;

namespace Leftover.Tests.Reporting;

public class FiguresTests
{
    [Theory]
    [InlineData(0, "0.000")]
    [InlineData(0.12345, "0.123")]
    [InlineData(-1.239, "−1.24")]
    [InlineData(20.84, "20.8")]
    [InlineData(1234.4, "1234")]
    [InlineData(0.00004213, "4.2e−5")]
    [InlineData(double.NaN, "–")]
    [InlineData(double.PositiveInfinity, "–")]
    public void A_number_has_about_three_digits(double value, string text) => Assert.Equal(text, Figures.Number(value));

    [Theory]
    [InlineData(0.5, 0.4, 0.6, "0.50", "0.40 to 0.60")]
    [InlineData(0.51234, 0.51134, 0.51334, "0.5123", "0.5113 to 0.5133")]
    [InlineData(120.3, 100.2, 139.8, "120", "100 to 140")]
    [InlineData(0.13, -0.004, 0.27, "0.130", "−0.004 to 0.270")]                  // not 0.00: the reader must see on which side of 0 it ends
    public void A_mean_has_as_many_decimals_as_its_interval_is_worth(double mean, double low, double high, string expected, string range) =>
        Assert.Equal((expected, range), Figures.Of(new Estimate(mean, low, high)));

    [Fact]
    public void Minus_nothing_is_nothing() => Assert.Equal("0.0", Figures.Fixed(-0.01, 1));

    [Theory]
    [InlineData(0.5, "50%")]
    [InlineData(0.0083, "0.8%")]
    [InlineData(0, "0%")]
    [InlineData(0.955, "95.5%")]
    public void A_share_is_shown_in_percent(double share, string text) => Assert.Equal(text, Figures.Percent(share));

    [Fact]
    public void A_small_p_is_given_by_its_bound()
    {
        Assert.Equal("< 0.001", Figures.P(0.0002));
        Assert.Equal("= 0.012", Figures.P(0.0118));
    }
}
