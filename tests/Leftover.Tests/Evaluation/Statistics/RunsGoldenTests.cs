using System.Text.Json;
using Leftover.Evaluation.Statistics;
using Leftover.Tensors;
using Leftover.Tests.Golden;

namespace Leftover.Tests.Evaluation.Statistics;

[Trait("Category", "Golden")]
public class RunsGoldenTests
{
    private const string AggregateFile = "statistics/aggregates.json", Tournaments = "statistics/tournaments.json", OffPolicy = "statistics/off_policy.json";
    private const double Tolerance = 1e-8;

    public static TheoryData<int, string> AggregateCases() => GoldenCases.Of(AggregateFile);

    public static TheoryData<int, string> TournamentCases() => GoldenCases.Of(Tournaments);

    public static TheoryData<int, string> OffPolicyCases() => GoldenCases.Of(OffPolicy);

    [GoldenTheory(AggregateFile), MemberData(nameof(AggregateCases))]
    public void Aggregates_of_runs_and_tasks_agree_with_the_reference(int index, string name)
    {
        JsonElement golden = GoldenCases.Case(AggregateFile, index);
        double[][] Scores(string method) => Rows(golden.GetProperty("scores").GetProperty(method));
        foreach (JsonProperty expected in golden.GetProperty("expected").EnumerateObject())
        {
            if (expected.Name == "probability of improvement of the first over the second")
            {
                double[] byTask = Aggregates.ProbabilityOfImprovement(Scores("a"), Scores("b"));
                GoldenCases.Close(expected.Value.Numbers("by task"), byTask, Tolerance, $"{name}: {expected.Name}");
                GoldenCases.Close(expected.Value.GetProperty("mean").GetDouble(), byTask.Average(), Tolerance, $"{name}: {expected.Name}, mean");
                continue;
            }
            foreach (JsonProperty part in expected.Value.EnumerateObject()) CheckMethod(Scores(expected.Name), part, $"{name}, {expected.Name}: {part.Name}");
        }
    }

    private static void CheckMethod(double[][] scores, JsonProperty expected, string what)
    {
        switch (expected.Name)
        {
            case "iqm": Number(Aggregates.InterquartileMean(scores)); break;
            case "mean": Number(Descriptive.Mean([.. scores.SelectMany(x => x)])); break;
            case "median of task means": Number(Aggregates.MedianOfTaskMeans(scores)); break;
            case "optimality gap (1)": Number(Aggregates.OptimalityGap(scores)); break;
            case "performance profile (share of runs above 0.25, 0.5, 0.75)":
                GoldenCases.Close(expected.Value.Numbers(), Aggregates.PerformanceProfile(scores, [0.25, 0.5, 0.75]), Tolerance, what);
                break;
            case "iqm stratified bootstrap 0.95":
                Interval interval = Aggregates.StratifiedBootstrap(scores, x => Aggregates.InterquartileMean(x), 0.95, new RandomStream(1, "iqm"), 50_000);
                double tolerance = expected.Value.GetProperty("tolerance").GetDouble();
                double[] ends = expected.Value.Numbers("interval");
                GoldenCases.Within(ends[0], interval.Low, tolerance, what);
                GoldenCases.Within(ends[1], interval.High, tolerance, what);
                break;
            default: throw GoldenCases.Unknown(AggregateFile, expected.Name);
        }

        void Number(double actual) => GoldenCases.Close(expected.Value.GetDouble(), actual, Tolerance, what);
    }

    [GoldenTheory(Tournaments), MemberData(nameof(TournamentCases))]
    public void Strengths_and_ratings_agree_with_the_reference(int index, string name)
    {
        JsonElement golden = GoldenCases.Case(Tournaments, index);
        int players = golden.GetProperty("players").GetArrayLength();
        Game[] games = [.. golden.GetProperty("games").EnumerateArray().Select(x => new Game(x[0].GetInt32(), x[1].GetInt32(), x[2].GetDouble()))];
        BradleyTerry fit = BradleyTerry.Fit(players, games);
        foreach (JsonProperty expected in golden.GetProperty("expected").EnumerateObject())
        {
            string what = $"{name}: {expected.Name}";
            JsonElement value = expected.Value;
            switch (expected.Name)
            {
                case "score matrix":
                    double[,] scores = BradleyTerry.Scores(players, games);
                    Matrix((i, j) => scores[i, j]);
                    break;
                case "bradley-terry (nats, mean 0)": GoldenCases.Close(value.Numbers(), fit.Strengths, Tolerance, what); break;
                case "bradley-terry (Elo points, mean 1000)": GoldenCases.Close(value.Numbers(), fit.EloPoints(), Tolerance, what); break;
                case "log-likelihood": GoldenCases.Close(value.GetDouble(), fit.LogLikelihood, Tolerance, what); break;
                case "win probability of row over column": Matrix(fit.WinProbability); break;
                case "sequential elo from 1000": GoldenCases.Close(value.Numbers(), Elo.Sequential(players, games, golden.GetProperty("k").GetDouble()), Tolerance, what); break;
                default: throw GoldenCases.Unknown(Tournaments, expected.Name);
            }

            void Matrix(Func<int, int, double> actual)
            {
                for (int i = 0; i < players; i++)
                    GoldenCases.Close(value[i].Numbers(), [.. Enumerable.Range(0, players).Select(j => actual(i, j))], Tolerance, $"{what} [{i}]");
            }
        }
    }

    [GoldenTheory(OffPolicy), MemberData(nameof(OffPolicyCases))]
    public void Off_policy_estimates_agree_with_the_reference(int index, string name)
    {
        JsonElement golden = GoldenCases.Case(OffPolicy, index);
        int[] actions = golden.Integers("action");
        double[][] target = Rows(golden.GetProperty("target_policy"));
        OffPolicyEstimates estimates = OffPolicyEstimates.Of(actions, golden.Numbers("propensity"), golden.Numbers("reward"), target, Rows(golden.GetProperty("reward_model")));
        foreach (JsonProperty expected in golden.GetProperty("expected").EnumerateObject())
        {
            string what = $"{name}: {expected.Name}";
            double last = expected.Name.Any(char.IsDigit) ? double.Parse(expected.Name.Split(' ')[^1]) : 0;
            switch (expected.Name)
            {
                case "logging value (mean reward)": GoldenCases.Close(expected.Value.GetDouble(), golden.Numbers("reward").Average(), Tolerance, what); break;
                case "true value of the target policy":
                    double truth = target.Zip(Rows(golden.GetProperty("true_reward")), (p, r) => p.Zip(r, (x, y) => x * y).Sum()).Average();
                    GoldenCases.Close(expected.Value.GetDouble(), truth, Tolerance, what);
                    break;
                case "weights":
                    double[] weights = [.. new[] { "mean", "largest", "effective sample size" }.Select(x => expected.Value.GetProperty(x).GetDouble())];
                    GoldenCases.Close(weights, [estimates.MeanWeight, estimates.LargestWeight, estimates.EffectiveSampleSize], Tolerance, what);
                    break;
                default:
                    OffPolicyEstimate actual = EstimateOf(expected.Name, last, estimates);
                    GoldenCases.Close(expected.Value.GetProperty("value").GetDouble(), actual.Value, Tolerance, what);
                    if (expected.Value.TryGetProperty("standard error", out JsonElement error)) GoldenCases.Close(error.GetDouble(), actual.StandardError, Tolerance, $"{what} error");
                    break;
            }
        }
    }

    private static OffPolicyEstimate EstimateOf(string name, double number, OffPolicyEstimates estimates) => name.Split(',')[0] switch
    {
        "ips" => estimates.Ips(),
        "dm" => estimates.Direct(),
        "dr" => estimates.DoublyRobust(),
        "snips" => estimates.Snips(),
        "sndr" => new OffPolicyEstimate(estimates.SelfNormalisedDoublyRobust(), double.NaN),
        "clipped ips" => estimates.ClippedIps(number),
        "clipped dr" => estimates.ClippedDoublyRobust(number),
        "switch-dr" => estimates.SwitchDoublyRobust(number),
        "dr with optimistic shrinkage" => estimates.ShrunkDoublyRobust(number),
        "sub-gaussian ips" => estimates.SubGaussianIps(number),
        _ => throw GoldenCases.Unknown(OffPolicy, name),
    };

    private static double[][] Rows(JsonElement matrix) => [.. matrix.EnumerateArray().Select(x => x.Numbers())];
}
