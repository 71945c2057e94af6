using System.Text.Json;
using Leftover.Evaluation.Statistics;
using Leftover.Tensors;
using Leftover.Tests.Golden;

namespace Leftover.Tests.Evaluation.Statistics;

[Trait("Category", "Golden")]
public class UnpairedTestsGoldenTests
{
    private const string File = "statistics/unpaired_tests.json";
    private const double Statistic = 1e-8, P = 1e-7;

    public static TheoryData<int, string> Cases() => GoldenCases.Of(File);

    [GoldenTheory(File), MemberData(nameof(Cases))]
    public void Unpaired_tests_and_effects_agree_with_the_reference(int index, string name)
    {
        JsonElement golden = GoldenCases.Case(File, index);
        double[] a = golden.Numbers("a"), b = golden.Numbers("b");
        foreach (JsonProperty expected in golden.GetProperty("expected").EnumerateObject())
        {
            string what = $"{name}: {expected.Name}";
            JsonElement value = expected.Value;
            switch (expected.Name)
            {
                case "student t": CheckT(value, UnpairedTTest.Student(a, b), what); break;
                case "welch t": CheckT(value, UnpairedTTest.Welch(a, b), what); break;
                case "cohen's d (pooled)": Number(EffectSizes.CohenD(a, b)); break;
                case "hedges' g (exact factor)": Number(EffectSizes.HedgesG(a, b)); break;
                case "cliff's delta": Number(EffectSizes.CliffDelta(a, b)); break;
                case "probability of improvement P(a > b) + P(a = b)/2": Number(EffectSizes.ProbabilityOfImprovement(a, b)); break;
                case "mann-whitney": CheckMannWhitney(value, a, b, what); break;
                case "brunner-munzel":
                    BrunnerMunzelTest munzel = BrunnerMunzelTest.Of(a, b);
                    Parts(munzel.Statistic, munzel.P);
                    break;
                case "kolmogorov-smirnov":
                    KolmogorovSmirnovTest smirnov = KolmogorovSmirnovTest.Of(a, b);
                    Parts(smirnov.Statistic, smirnov.P);
                    break;
                case "exact permutation of the difference of means, two-sided":
                    PermutationTest permutation = PermutationTest.Of(a, b, new RandomStream(1, "permutations"));
                    Assert.True(permutation.IsExact, what);
                    GoldenCases.Close(value.GetDouble(), permutation.P, P, what);
                    break;
                default: throw GoldenCases.Unknown(File, expected.Name);
            }

            void Number(double actual) => GoldenCases.Close(value.GetDouble(), actual, Statistic, what);

            void Parts(double statistic, double p)
            {
                GoldenCases.Close(value.GetProperty("statistic").GetDouble(), statistic, Statistic, $"{what} statistic");
                GoldenCases.Close(value.GetProperty("p").GetDouble(), p, P, $"{what} p");
            }
        }
    }

    private static void CheckT(JsonElement expected, UnpairedTTest t, string what)
    {
        foreach (JsonProperty part in expected.EnumerateObject())
        {
            switch (part.Name)
            {
                case "t": GoldenCases.Close(part.Value.GetDouble(), t.T, Statistic, $"{what} t"); break;
                case "df": GoldenCases.Close(part.Value.GetDouble(), t.DegreesOfFreedom, Statistic, $"{what} df"); break;
                case "p": GoldenCases.Close(part.Value.GetDouble(), t.P, P, $"{what} p"); break;
                case "interval 0.95": GoldenCases.Close(part.Value.Numbers(), [t.Interval(0.95).Low, t.Interval(0.95).High], Statistic, $"{what} interval"); break;
                default: throw GoldenCases.Unknown(File, part.Name);
            }
        }
    }

    private static void CheckMannWhitney(JsonElement expected, double[] a, double[] b, string what)
    {
        foreach (JsonProperty part in expected.EnumerateObject())
        {
            (double actual, double tolerance) = part.Name switch
            {
                "u" => (MannWhitneyTest.Normal(a, b).U, Statistic),
                "p asymptotic, corrected" => (MannWhitneyTest.Normal(a, b).P, P),
                "p asymptotic" => (MannWhitneyTest.Normal(a, b, continuityCorrection: false).P, P),
                "p exact" => (MannWhitneyTest.Exact(a, b).P, P),
                _ => throw GoldenCases.Unknown(File, part.Name),
            };
            GoldenCases.Close(part.Value.GetDouble(), actual, tolerance, $"{what} {part.Name}");
        }
    }
}
