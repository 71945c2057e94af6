using System.Globalization;
using System.Text.Json;
using Leftover.Evaluation.Statistics;
using Leftover.Tensors;
using Leftover.Tests.Golden;

namespace Leftover.Tests.Evaluation.Statistics;

[Trait("Category", "Golden")]
public class IntervalGoldenTests
{
    private const string File = "statistics/intervals.json";

    public static TheoryData<int, string> Cases() => GoldenCases.Of(File);

    [GoldenTheory(File), MemberData(nameof(Cases))]
    public void Means_have_the_intervals_of_the_reference(int index, string name)
    {
        JsonElement golden = GoldenCases.Case(File, index);
        double[] values = golden.Numbers("values");
        foreach (JsonProperty expected in golden.GetProperty("expected").EnumerateObject())
        {
            string what = $"{name}: {expected.Name}";
            switch (expected.Name)
            {
                case "mean": GoldenCases.Close(expected.Value.GetDouble(), Descriptive.Mean(values), 1e-8, what); break;
                case "standard deviation (n-1)": GoldenCases.Close(expected.Value.GetDouble(), Descriptive.StandardDeviation(values), 1e-8, what); break;
                case "standard error": GoldenCases.Close(expected.Value.GetDouble(), Descriptive.StandardError(values), 1e-8, what); break;
                case "median": GoldenCases.Close(expected.Value.GetDouble(), Descriptive.Median(values), 1e-8, what); break;
                case "exact bootstrap of the mean": CheckExactBootstrap(expected.Value, values, what); break;
                default:
                    if (expected.Name.StartsWith("t interval ", StringComparison.Ordinal)) CheckInterval(expected, values, IntervalMethod.StudentT, what);
                    else if (expected.Name.StartsWith("normal interval ", StringComparison.Ordinal)) CheckInterval(expected, values, IntervalMethod.Normal, what);
                    else if (expected.Name.StartsWith("bootstrap of the mean ", StringComparison.Ordinal)) CheckDrawnBootstrap(expected, values, what);
                    else throw GoldenCases.Unknown(File, expected.Name);
                    break;
            }
        }
    }

    private static void CheckInterval(JsonProperty expected, double[] values, IntervalMethod method, string what)
    {
        Interval interval = MeanIntervals.MeanInterval(values, Confidence(expected.Name), method, Stream());
        GoldenCases.Close(expected.Value.Numbers(), [interval.Low, interval.High], 1e-8, what);
    }

    private static void CheckDrawnBootstrap(JsonProperty expected, double[] values, string what)
    {
        foreach (JsonProperty kind in expected.Value.EnumerateObject())
        {
            IntervalMethod method = kind.Name switch
            {
                "percentile" => IntervalMethod.BootstrapPercentile,
                "basic" => IntervalMethod.BootstrapBasic,
                "BCa" => IntervalMethod.BootstrapBca,
                _ => throw GoldenCases.Unknown(File, kind.Name),
            };
            Interval interval = MeanIntervals.MeanInterval(values, Confidence(expected.Name), method, Stream());
            double tolerance = kind.Value.GetProperty("tolerance").GetDouble();
            double[] ends = kind.Value.Numbers("interval");
            GoldenCases.Within(ends[0], interval.Low, tolerance, $"{what} {kind.Name} low");
            GoldenCases.Within(ends[1], interval.High, tolerance, $"{what} {kind.Name} high");
        }
    }

    private static void CheckExactBootstrap(JsonElement expected, double[] values, string what)
    {
        Assert.True(values.Length <= MeanBootstrap.ExactLimit, $"{what}: {values.Length} values; exact resamples end at {MeanBootstrap.ExactLimit}.");
        MeanBootstrap bootstrap = MeanBootstrap.Of(values, Stream());
        foreach (JsonProperty kind in expected.EnumerateObject())
        {
            string part = $"{what} {kind.Name}";
            string method = kind.Name.Split(' ')[0];
            if (kind.Name == "standard error (population)") GoldenCases.Close(kind.Value.GetDouble(), bootstrap.StandardError, 1e-8, part);
            else if (method == "percentile") Ends(bootstrap.Percentile(Confidence(kind.Name)));
            else if (method == "basic") Ends(bootstrap.Basic(Confidence(kind.Name)));
            else if (method == "bca") CheckBca(bootstrap, kind.Value, Confidence(kind.Name), part);
            else throw GoldenCases.Unknown(File, kind.Name);

            void Ends(Interval interval) => GoldenCases.Close(kind.Value.Numbers(), [interval.Low, interval.High], 1e-8, part);
        }
    }

    /// <summary>The ends are atoms of a discrete distribution: where a share lies on a step, the golden may stand on its other side.</summary>
    private static void CheckBca(MeanBootstrap bootstrap, JsonElement expected, double confidence, string what)
    {
        GoldenCases.Within(expected.GetProperty("z0").GetDouble(), bootstrap.Bias, 1e-9, $"{what} z0");
        GoldenCases.Within(expected.GetProperty("acceleration").GetDouble(), bootstrap.Acceleration, 1e-9, $"{what} acceleration");
        (double low, double high) = bootstrap.BcaShares(confidence);
        double[] shares = expected.Numbers("quantiles"), ends = expected.Numbers("interval");
        GoldenCases.Within(shares[0], low, 1e-9, $"{what} low share");
        GoldenCases.Within(shares[1], high, 1e-9, $"{what} high share");
        Interval interval = bootstrap.Bca(confidence);
        Neighbour(ends[0], low, interval.Low);
        Neighbour(ends[1], high, interval.High);

        void Neighbour(double end, double share, double actual)
        {
            GoldenCases.Close(bootstrap.Quantile(share), actual, 0, $"{what}: the end is its quantile");
            Assert.InRange(end, bootstrap.Quantile(share - 1e-9) - 1e-8, bootstrap.Quantile(share + 1e-9) + 1e-8);
        }
    }

    private static double Confidence(string name) => double.Parse(name[(name.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture);

    private static RandomStream Stream() => new(7, "bootstrap");
}
