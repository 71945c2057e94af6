using System.Text.Json;
using Leftover.Evaluation.Statistics;
using Leftover.Tests.Golden;

namespace Leftover.Tests.Evaluation.Statistics;

[Trait("Category", "Golden")]
public class RelationsGoldenTests
{
    private const string Correlations = "statistics/correlations.json", Agreement = "statistics/agreement.json", McNemar = "statistics/mcnemar.json", Wins = "statistics/win_rates.json";
    private const double Statistic = 1e-8, P = 1e-7;

    public static TheoryData<int, string> CorrelationCases() => GoldenCases.Of(Correlations);

    public static TheoryData<int, string> AgreementCases() => GoldenCases.Of(Agreement);

    public static TheoryData<int, string> McNemarCases() => GoldenCases.Of(McNemar);

    public static TheoryData<int, string> WinCases() => GoldenCases.Of(Wins);

    [GoldenTheory(Correlations), MemberData(nameof(CorrelationCases))]
    public void Correlations_agree_with_the_reference(int index, string name)
    {
        JsonElement golden = GoldenCases.Case(Correlations, index);
        double[] a = golden.Numbers("a"), b = golden.Numbers("b");
        foreach (JsonProperty expected in golden.GetProperty("expected").EnumerateObject())
        {
            string what = $"{name}: {expected.Name}";
            if (expected.Name == "pearson interval 0.95 (Fisher z)")
            {
                Interval interval = Correlation.PearsonInterval(a, b, 0.95);
                GoldenCases.Close(expected.Value.Numbers(), [interval.Low, interval.High], Statistic, what);
                continue;
            }
            Correlation actual = expected.Name switch
            {
                "pearson" => Correlation.Pearson(a, b),
                "spearman" => Correlation.Spearman(a, b),
                "kendall tau-b" => Correlation.KendallTauB(a, b),
                _ => throw GoldenCases.Unknown(Correlations, expected.Name),
            };
            GoldenCases.Close(expected.Value.GetProperty("coefficient").GetDouble(), actual.Coefficient, Statistic, what);
            GoldenCases.Close(expected.Value.GetProperty("p").GetDouble(), actual.P, P, $"{what} p");
        }
    }

    [GoldenTheory(Agreement), MemberData(nameof(AgreementCases))]
    public void Agreement_of_judges_agrees_with_the_reference(int index, string name)
    {
        JsonElement golden = GoldenCases.Case(Agreement, index);
        int[] a = golden.Integers("a"), b = golden.Integers("b");
        foreach (JsonProperty expected in golden.GetProperty("expected").EnumerateObject())
        {
            double actual = expected.Name switch
            {
                "kappa" => CohenKappa.Of(a, b),
                "linear kappa" => CohenKappa.Of(a, b, KappaWeights.Linear),
                "quadratic kappa" => CohenKappa.Of(a, b, KappaWeights.Quadratic),
                "raw agreement" => CohenKappa.RawAgreement(a, b),
                _ => throw GoldenCases.Unknown(Agreement, expected.Name),
            };
            GoldenCases.Close(expected.Value.GetDouble(), actual, Statistic, $"{name}: {expected.Name}");
        }
    }

    [GoldenTheory(McNemar), MemberData(nameof(McNemarCases))]
    public void McNemars_test_agrees_with_the_reference(int index, string name)
    {
        JsonElement golden = GoldenCases.Case(McNemar, index), expected = golden.GetProperty("expected");
        McNemarTest test = OfRows(golden.GetProperty("both").GetInt32(), golden.GetProperty("only_a").GetInt32(), golden.GetProperty("only_b").GetInt32(), golden.GetProperty("neither").GetInt32());
        Assert.Equal(expected.TryGetProperty("chi-square", out _), test.ChiSquare is not null);
        foreach (JsonProperty part in expected.EnumerateObject())
        {
            string what = $"{name}: {part.Name}";
            switch (part.Name)
            {
                case "exact": GoldenCases.Close(part.Value.GetDouble(), test.PExact, P, what); break;
                case "chi-square": Check(test.ChiSquare!.Value); break;
                case "chi-square corrected": Check(test.ChiSquareCorrected!.Value); break;
                default: throw GoldenCases.Unknown(McNemar, part.Name);
            }

            void Check((double Statistic, double P) actual)
            {
                GoldenCases.Close(part.Value.GetProperty("statistic").GetDouble(), actual.Statistic, Statistic, $"{what} statistic");
                GoldenCases.Close(part.Value.GetProperty("p").GetDouble(), actual.P, P, $"{what} p");
            }
        }
    }

    [GoldenTheory(Wins), MemberData(nameof(WinCases))]
    public void Win_rates_and_their_intervals_agree_with_the_reference(int index, string name)
    {
        JsonElement golden = GoldenCases.Case(Wins, index), expected = golden.GetProperty("expected");
        WinRate rate = new(golden.GetProperty("wins").GetInt32(), golden.GetProperty("ties").GetInt32(), golden.GetProperty("losses").GetInt32());
        foreach (JsonProperty part in expected.EnumerateObject())
        {
            string what = $"{name}: {part.Name}";
            string[] words = part.Name.Split(' ');
            double[] actual = part.Name switch
            {
                "win rate, ties half" => [rate.TiesHalf!.Value],
                "win rate of decided" => [rate.OfDecided!.Value],
                "binomial test of decided, two-sided" => [rate.P],
                _ when part.Name.EndsWith(" (ties half)", StringComparison.Ordinal) && words[0] == "wilson" => Ends(rate.Wilson(double.Parse(words[1]))),
                _ when part.Name.EndsWith(" of decided", StringComparison.Ordinal) => Ends(words[0] switch
                {
                    "wilson" => rate.WilsonOfDecided(double.Parse(words[1])),
                    "clopper-pearson" => rate.ClopperPearsonOfDecided(double.Parse(words[1])),
                    "agresti-coull" => rate.AgrestiCoullOfDecided(double.Parse(words[1])),
                    _ => throw GoldenCases.Unknown(Wins, part.Name),
                }),
                _ => throw GoldenCases.Unknown(Wins, part.Name),
            };
            double[] needed = part.Value.ValueKind == JsonValueKind.Array ? part.Value.Numbers() : [part.Value.GetDouble()];
            Assert.Equal(needed.Length, actual.Length);
            for (int i = 0; i < needed.Length; i++)
            {
                // One lower end is 5.6e-17 in the file: what rounding left of 0 there.
                if (Math.Abs(needed[i]) < 1e-16) Assert.Equal(0, actual[i]);
                else GoldenCases.Close(needed[i], actual[i], part.Name.StartsWith("binomial", StringComparison.Ordinal) ? P : Statistic, what);
            }
        }
    }

    private static double[] Ends(Interval interval) => [interval.Low, interval.High];

    private static McNemarTest OfRows(int both, int onlyA, int onlyB, int neither)
    {
        bool[] a = [.. Enumerable.Repeat(true, both), .. Enumerable.Repeat(true, onlyA), .. Enumerable.Repeat(false, onlyB), .. Enumerable.Repeat(false, neither)];
        bool[] b = [.. Enumerable.Repeat(true, both), .. Enumerable.Repeat(false, onlyA), .. Enumerable.Repeat(true, onlyB), .. Enumerable.Repeat(false, neither)];
        return McNemarTest.Of(a, b);
    }
}
