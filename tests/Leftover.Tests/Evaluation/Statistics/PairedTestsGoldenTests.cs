using System.Text.Json;
using Leftover.Evaluation.Statistics;
using Leftover.Tensors;
using Leftover.Tests.Golden;

namespace Leftover.Tests.Evaluation.Statistics;

[Trait("Category", "Golden")]
public class PairedTestsGoldenTests
{
    private const string File = "statistics/paired_tests.json";
    private const double Statistic = 1e-8, P = 1e-7;

    public static TheoryData<int, string> Cases() => GoldenCases.Of(File);

    [GoldenTheory(File), MemberData(nameof(Cases))]
    public void Paired_tests_agree_with_the_reference(int index, string name)
    {
        JsonElement golden = GoldenCases.Case(File, index);
        double[] a = golden.Numbers("a"), b = golden.Numbers("b");
        PairedTTest t = PairedTTest.Of(a, b);
        foreach (JsonProperty expected in golden.GetProperty("expected").EnumerateObject())
        {
            string what = $"{name}: {expected.Name}";
            JsonElement value = expected.Value;
            switch (expected.Name)
            {
                case "mean difference": GoldenCases.Close(value.GetDouble(), t.MeanDifference, Statistic, what); break;
                case "paired t": CheckT(value, t, what); break;
                case "paired t, greater": GoldenCases.Close(value.GetDouble(), t.PGreater, P, what); break;
                case "cohen's d_z": GoldenCases.Close(value.GetDouble(), t.EffectSize, Statistic, what); break;
                case "sign test": GoldenCases.Close(value.GetDouble(), SignTest.Of(a, b).P, P, what); break;
                case "wins, ties, losses":
                    SignTest signs = SignTest.Of(a, b);
                    Assert.Equal(value.Numbers(), new double[] { signs.Wins, signs.Ties, signs.Losses });
                    break;
                case "exact sign-flip permutation": CheckSignFlips(value, a, b, what); break;
                default:
                    if (!expected.Name.StartsWith("wilcoxon ", StringComparison.Ordinal)) throw GoldenCases.Unknown(File, expected.Name);
                    WilcoxonSignedRank wilcoxon = Wilcoxon(expected.Name, a, b);
                    GoldenCases.Close(value.GetProperty("statistic").GetDouble(), wilcoxon.Statistic, Statistic, $"{what} statistic");
                    GoldenCases.Close(value.GetProperty("p").GetDouble(), wilcoxon.P, P, $"{what} p");
                    break;
            }
        }
    }

    private static void CheckT(JsonElement expected, PairedTTest t, string what)
    {
        GoldenCases.Close(expected.GetProperty("t").GetDouble(), t.T, Statistic, $"{what} t");
        Assert.Equal(expected.GetProperty("df").GetInt32(), t.DegreesOfFreedom);
        GoldenCases.Close(expected.GetProperty("p").GetDouble(), t.P, P, $"{what} p");
        Interval interval = t.Interval(0.95);
        GoldenCases.Close(expected.Numbers("interval 0.95"), [interval.Low, interval.High], Statistic, $"{what} interval");
    }

    private static void CheckSignFlips(JsonElement expected, double[] a, double[] b, string what)
    {
        SignFlipTest test = SignFlipTest.Of(a, b, new RandomStream(1, "flips"));
        Assert.True(test.IsExact, what);
        GoldenCases.Close(expected.GetProperty("two-sided").GetDouble(), test.P, P, $"{what} two-sided");
        GoldenCases.Close(expected.GetProperty("greater").GetDouble(), test.PGreater, P, $"{what} greater");
    }

    private static WilcoxonSignedRank Wilcoxon(string name, double[] a, double[] b)
    {
        string[] words = name.Split(' ', 3);
        ZeroTreatment zeros = words[1] switch
        {
            "wilcox" => ZeroTreatment.Drop,
            "pratt" => ZeroTreatment.RankThenDrop,
            "zsplit" => ZeroTreatment.Split,
            _ => throw GoldenCases.Unknown(File, name),
        };
        return words[2] switch
        {
            "approx" => WilcoxonSignedRank.Normal(a, b, zeros, continuityCorrection: false),
            "approx corrected" => WilcoxonSignedRank.Normal(a, b, zeros, continuityCorrection: true),
            "exact" => WilcoxonSignedRank.Exact(a, b),
            _ => throw GoldenCases.Unknown(File, name),
        };
    }
}
