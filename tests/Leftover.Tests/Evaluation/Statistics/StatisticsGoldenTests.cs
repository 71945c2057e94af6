using System.Text.Json;
using Leftover.Evaluation.Statistics;
using Leftover.Tests.Golden;

namespace Leftover.Tests.Evaluation.Statistics;

[Trait("Category", "Golden")]
public class StatisticsGoldenTests
{
    private const string Folder = "statistics";
    private const string Corrections = "statistics/corrections.json";
    private const string Weights = "statistics/importance_weights.json";
    private const string Kl = "statistics/kl_estimators.json";

    private static readonly string[] s_built =
    [
        "intervals.json", "paired_tests.json", "corrections.json", "importance_weights.json", "kl_estimators.json", "schedules.json",
        "agreement.json", "aggregates.json", "correlations.json", "mcnemar.json", "off_policy.json", "tournaments.json", "unpaired_tests.json", "win_rates.json",
    ];

    public static TheoryData<int, string> CorrectionCases() => GoldenCases.Of(Corrections);

    public static TheoryData<int, string> WeightCases() => GoldenCases.Of(Weights);

    public static TheoryData<int, string> KlCases() => GoldenCases.Of(Kl);

    [GoldenFact(Folder)]
    public void Every_golden_file_of_statistics_is_tested()
    {
        foreach (string file in Directory.EnumerateFiles(Path.Combine(SharedData.Golden, Folder), "*.json").Select(Path.GetFileName)!)
            Assert.True(s_built.Contains(file), $"{Folder}/{file} has no test.");
    }

    [GoldenTheory(Corrections), MemberData(nameof(CorrectionCases))]
    public void Adjusted_p_values_and_rejections_agree_with_the_reference(int index, string name)
    {
        JsonElement golden = GoldenCases.Case(Corrections, index);
        double alpha = golden.GetProperty("alpha").GetDouble();
        foreach (JsonProperty expected in golden.GetProperty("expected").EnumerateObject())
        {
            Correction correction = expected.Name switch
            {
                "bonferroni" => Correction.Bonferroni,
                "holm" => Correction.Holm,
                "holm-sidak" => Correction.HolmSidak,
                "fdr_bh" => Correction.BenjaminiHochberg,
                "fdr_by" => Correction.BenjaminiYekutieli,
                _ => throw GoldenCases.Unknown(Corrections, expected.Name),
            };
            double[] adjusted = MultipleComparisons.Adjust(golden.Numbers("p"), correction);
            GoldenCases.Close(expected.Value.Numbers("adjusted"), adjusted, 1e-7, $"{name}: {expected.Name}");
            Assert.Equal(expected.Value.GetProperty("reject").EnumerateArray().Select(x => x.GetBoolean()), adjusted.Select(x => x <= alpha));
        }
    }

    [GoldenTheory(Weights), MemberData(nameof(WeightCases))]
    public void Importance_weights_are_summarised_as_the_reference_does(int index, string name)
    {
        JsonElement golden = GoldenCases.Case(Weights, index);
        ImportanceWeights weights = ImportanceWeights.OfLogs(golden.Numbers("log_weight"));
        foreach (JsonProperty expected in golden.GetProperty("expected").EnumerateObject())
        {
            if (expected.Name == "normalised")
            {
                GoldenCases.Close(expected.Value.Numbers(), weights.Normalised, 1e-8, $"{name}: normalised");
                continue;
            }
            double actual = expected.Name switch
            {
                "effective sample size" => weights.EffectiveSampleSize,
                "share" => weights.Share,
                "log mean weight" => weights.LogMeanWeight,
                "perplexity of the weights" => weights.Perplexity,
                "largest share" => weights.LargestShare,
                _ => throw GoldenCases.Unknown(Weights, expected.Name),
            };
            GoldenCases.Close(expected.Value.GetDouble(), actual, 1e-8, $"{name}: {expected.Name}");
        }
    }

    [GoldenTheory(Kl), MemberData(nameof(KlCases))]
    public void Divergences_and_their_estimators_agree_with_the_reference(int index, string name)
    {
        JsonElement golden = GoldenCases.Case(Kl, index);
        double[] logProbs = golden.Numbers("logp"), reference = golden.Numbers("ref_logp");
        int[] offsets = golden.Integers("offsets");
        foreach (JsonProperty expected in golden.GetProperty("expected").EnumerateObject())
        {
            string what = $"{name}: {expected.Name}";
            switch (expected.Name)
            {
                case "k1": CheckEstimate(KlEstimator.K1); break;
                case "k2": CheckEstimate(KlEstimator.K2); break;
                case "k3": CheckEstimate(KlEstimator.K3); break;
                case "sequence k3": Vector(KlEstimators.OfSequences(KlEstimator.K3, logProbs, reference, offsets)); break;
                case "exact KL(policy || reference) by position": Vector(ByPosition((p, q) => Divergences.KullbackLeibler(p, q))); break;
                case "exact KL(reference || policy) by position": Vector(ByPosition((p, q) => Divergences.KullbackLeibler(q, p))); break;
                case "entropy of the policy by position": Vector(ByPosition((p, _) => Divergences.Entropy(p))); break;
                case "Jensen-Shannon by position": Vector(ByPosition((p, q) => Divergences.JensenShannon(p, q))); break;
                default: throw GoldenCases.Unknown(Kl, expected.Name);
            }

            void Vector(double[] actual) => GoldenCases.Close(expected.Value.Numbers(), actual, 1e-8, what);

            void CheckEstimate(KlEstimator estimator)
            {
                KlEstimate estimate = KlEstimators.Estimate(estimator, logProbs, reference, offsets);
                foreach (JsonProperty part in expected.Value.EnumerateObject())
                {
                    double[] actual = part.Name switch
                    {
                        "token" => estimate.Tokens,
                        "sum by sequence" => estimate.SumBySequence,
                        "mean over tokens" => [estimate.MeanOverTokens],
                        "mean of sequence sums" => [estimate.MeanOfSequenceSums],
                        "mean of sequence means" => [estimate.MeanOfSequenceMeans],
                        _ => throw GoldenCases.Unknown(Kl, part.Name),
                    };
                    double[] needed = part.Value.ValueKind == JsonValueKind.Array ? part.Value.Numbers() : [part.Value.GetDouble()];
                    GoldenCases.Close(needed, actual, 1e-8, $"{what}, {part.Name}");
                }
            }
        }

        double[] ByPosition(Func<double[], double[], double> divergence)
        {
            IEnumerable<double[]> policy = golden.GetProperty("policy_logits").EnumerateArray().Select(x => x.Numbers());
            IEnumerable<double[]> other = golden.GetProperty("ref_logits").EnumerateArray().Select(x => x.Numbers());
            return [.. policy.Zip(other, divergence)];
        }
    }
}
