using System.Text.Json;
using Leftover.Evaluation;
using Leftover.Evaluation.Comparison;
using Leftover.Reporting.Comparison;

namespace Leftover.Tests.Reporting.Comparison;

/// <summary>The report's numbers, computed again from its CSV by loops that share no code with the product.</summary>
public sealed class RecomputedTests : IDisposable
{
    private const double Tolerance = 1e-9;

    private readonly string _folder = Directory.CreateTempSubdirectory("leftover-tests-").FullName;
    private readonly JsonElement _json;
    private readonly CsvTable _csv;

    public RecomputedTests()
    {
        ComparedCell[] cells = SampleComparison.Cells(methods: 6, seeds: 3, prompts: 14, samples: 2, noise: 0.5);
        _json = JsonElement.Parse(JsonSerializer.Serialize(SampleComparison.Input(cells).Compared, RunResults.Json));
        CompareCsv.Write(Path.Combine(_folder, "compare.csv"), cells);
        _csv = CsvTable.Read(Path.Combine(_folder, "compare.csv"));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_CSV_has_a_row_a_method_seed_prompt_sample_and_reward()
    {
        Assert.Equal(2 * 6 * 3 * 14 * 2 * 5, _csv.Rows.Count);
        Assert.Equal(_csv.Rows.Count, _csv.Rows.Select(row => string.Join('|', new[] { "noise", "method", "seed", "prompt", "sample", "reward" }.Select(column => _csv.Text(row, column)))).Distinct().Count());
        Assert.Contains(_csv.Rows, row => _csv.Text(row, "reply").Contains("\"1\"", StringComparison.Ordinal));       // quotes, commas and line breaks come back
    }

    [Fact]
    public void Means_distances_and_lengths()
    {
        JsonElement[] methods = [.. _json.GetProperty("results").GetProperty("methods").EnumerateArray()];
        Assert.Equal(6, methods.Length);
        foreach (JsonElement method in methods)
        {
            string name = method.GetProperty("name").GetString()!;
            foreach (JsonProperty reward in method.GetProperty("rewards").EnumerateObject())
            {
                double mean = _csv.Grid(name, reward.Name).Values.Sum() / (3 * 14);
                Assert.Equal(mean, reward.Value.GetProperty("mean").GetDouble(), Tolerance);
                Assert.InRange(mean, reward.Value.GetProperty("low").GetDouble(), reward.Value.GetProperty("high").GetDouble());
            }
            string[][] replies = [.. _csv.Replies(name)];
            Assert.Equal(3 * 14 * 2, replies.Length);
            Assert.Equal(replies.Sum(row => _csv.Number(row, "tokens")) / replies.Length, method.GetProperty("length").GetDouble(), Tolerance);
            Assert.Equal(replies.Sum(row => _csv.Number(row, "kl_k3")) / replies.Length, method.GetProperty("kl_k3").GetDouble(), Tolerance);
            Assert.Equal(replies.Sum(row => _csv.Number(row, "log_prob") - _csv.Number(row, "reference_log_prob")) / replies.Length, method.GetProperty("kl").GetDouble(), Tolerance);
            Assert.Equal(replies.Count(row => _csv.Text(row, "cut") == "true") / (double)replies.Length, method.GetProperty("degenerate").GetProperty("cut").GetDouble(), Tolerance);
            HashSet<string> distinct = [.. replies.SelectMany(row => Words(_csv.Text(row, "reply")))];
            Assert.Equal(distinct.Count / (double)replies.Sum(row => Words(_csv.Text(row, "reply")).Length), method.GetProperty("distinct").GetProperty("1").GetDouble(), Tolerance);
        }
    }

    [Fact]
    public void Differences_tests_effect_sizes_and_probabilities_of_improvement()
    {
        JsonElement[] pairs = [.. _json.GetProperty("pairs").EnumerateArray()];
        Assert.Equal(15 + 4 * 5, pairs.Length);                                    // all pairs by the total, every method against the reference by the others
        foreach (JsonElement pair in pairs)
        {
            string reward = pair.GetProperty("reward").GetString()!;
            Dictionary<(string Seed, string Prompt), double> a = _csv.Grid(pair.GetProperty("a").GetString()!, reward), b = _csv.Grid(pair.GetProperty("b").GetString()!, reward);
            JsonElement own = pair.GetProperty("compared");
            double[] byPrompt = [.. a.Keys.GroupBy(key => key.Prompt).Select(prompt => prompt.Sum(key => a[key] - b[key]) / 3)];
            double mean = byPrompt.Sum() / byPrompt.Length;
            Assert.Equal(mean, own.GetProperty("difference").GetProperty("estimate").GetDouble(), Tolerance);
            Assert.InRange(mean, own.GetProperty("difference").GetProperty("low").GetDouble(), own.GetProperty("difference").GetProperty("high").GetDouble());

            double deviation = Math.Sqrt(byPrompt.Sum(x => (x - mean) * (x - mean)) / (byPrompt.Length - 1));
            Assert.Equal(mean / deviation, own.GetProperty("effect_size").GetDouble(), 1e-7);
            Assert.Equal(SignFlip(byPrompt), own.GetProperty("p_prompts").GetDouble(), 1e-12);
            Assert.Equal(PairedT([.. a.Keys.GroupBy(key => key.Seed).Select(seed => seed.Sum(key => a[key] - b[key]) / 14)]), own.GetProperty("p_seeds").GetDouble(), 1e-6);
            Assert.Equal(Improvement(a, b), own.GetProperty("probability_of_improvement").GetDouble(), Tolerance);
        }
    }

    [Fact]
    public void Holm_s_correction_by_reward()
    {
        foreach (IGrouping<string, JsonElement> family in _json.GetProperty("pairs").EnumerateArray().GroupBy(pair => pair.GetProperty("reward").GetString()!))
        {
            JsonElement[] sorted = [.. family.OrderBy(P)];
            double least = 0;
            for (int i = 0; i < sorted.Length; i++)
            {
                least = Math.Max(least, Math.Min(1, P(sorted[i]) * (sorted.Length - i)));
                Assert.Equal(least, sorted[i].GetProperty("holm_p").GetDouble(), Tolerance);
            }
        }

        static double P(JsonElement pair) => pair.GetProperty("compared").GetProperty("p").GetDouble();
    }

    [Fact]
    public void Interquartile_means_and_spread_over_seeds()
    {
        foreach (JsonElement spread in _json.GetProperty("spreads").EnumerateArray())
        {
            Dictionary<(string Seed, string Prompt), double> grid = _csv.Grid(spread.GetProperty("name").GetString()!, "total");
            double[] sorted = [.. grid.Values.Order()];
            int cut = sorted.Length / 4;
            Assert.Equal(sorted[cut..^cut].Sum() / (sorted.Length - 2 * cut), spread.GetProperty("interquartile_mean").GetProperty("mean").GetDouble(), Tolerance);
            double[] seeds = [.. grid.GroupBy(cell => cell.Key.Seed).Select(seed => seed.Sum(cell => cell.Value) / 14)];
            double mean = seeds.Sum() / 3;
            Assert.Equal(Math.Sqrt(seeds.Sum(x => (x - mean) * (x - mean)) / 2), spread.GetProperty("seed_deviation").GetDouble(), Tolerance);
        }
    }

    [Fact]
    public void Falls_where_completions_are_bad()
    {
        JsonElement[] noise = [.. _json.GetProperty("noise").EnumerateArray()];
        Assert.Equal(6 * 2, noise.Length);
        foreach (JsonElement result in noise)
        {
            string name = result.GetProperty("name").GetString()!, level = result.GetProperty("noise").GetDouble() == 0 ? "0" : "0.5";
            double clean = _csv.Grid(name, "total").Values.Average(), noisy = _csv.Grid(name, "total", level).Values.Average();
            Assert.Equal(noisy, result.GetProperty("reward").GetProperty("mean").GetDouble(), Tolerance);
            Assert.Equal(clean - noisy, result.GetProperty("fall").GetProperty("mean").GetDouble(), Tolerance);
        }
    }

    [Fact]
    public void Correlations_over_all_replies()
    {
        foreach (JsonElement pair in _json.GetProperty("correlations").EnumerateArray())
        {
            double[] a = Column(pair.GetProperty("a").GetString()!), b = Column(pair.GetProperty("b").GetString()!);
            double meanA = a.Average(), meanB = b.Average();
            double r = a.Zip(b, (x, y) => (x - meanA) * (y - meanB)).Sum() / Math.Sqrt(a.Sum(x => (x - meanA) * (x - meanA)) * b.Sum(y => (y - meanB) * (y - meanB)));
            Assert.Equal(r, pair.GetProperty("pearson").GetDouble(), 1e-9);
        }

        double[] Column(string name) => name == "length"
            ? [.. _csv.Rows.Where(row => _csv.Text(row, "noise") == "0" && _csv.Text(row, "reward") == "total").Select(row => _csv.Number(row, "tokens"))]
            : [.. _csv.Rows.Where(row => _csv.Text(row, "noise") == "0" && _csv.Text(row, "reward") == name).Select(row => _csv.Number(row, "value"))];
    }

    private static string[] Words(string text) => text.ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    /// <summary>All 2ⁿ signs: the share of arrangements whose sum is at least as large, and as small; twice the smaller.</summary>
    private static double SignFlip(double[] differences)
    {
        double observed = differences.Sum();
        long atLeast = 0, atMost = 0, all = 1L << differences.Length;
        for (long signs = 0; signs < all; signs++)
        {
            double sum = 0;
            for (int i = 0; i < differences.Length; i++) sum += (signs >> i & 1) == 1 ? differences[i] : -differences[i];
            if (sum >= observed - 1e-9) atLeast++;
            if (sum <= observed + 1e-9) atMost++;
        }
        return Math.Min(1, 2.0 * Math.Min(atLeast, atMost) / all);
    }

    /// <summary>Two-sided p of three differences: with 2 degrees of freedom Student's distribution has a closed form, P(|T| > t) = 1 − t/√(2 + t²).</summary>
    private static double PairedT(double[] differences)
    {
        double mean = differences.Sum() / 3, error = Math.Sqrt(differences.Sum(x => (x - mean) * (x - mean)) / 2 / 3), t = Math.Abs(mean / error);
        return 1 - t / Math.Sqrt(2 + t * t);
    }

    /// <summary>All seeds of a against all of b on each prompt, ties half.</summary>
    private static double Improvement(Dictionary<(string Seed, string Prompt), double> a, Dictionary<(string Seed, string Prompt), double> b)
    {
        double sum = 0;
        int count = 0;
        foreach (((string _, string prompt), double x) in a)
        {
            foreach (((string _, string other), double y) in b)
            {
                if (prompt != other) continue;
                sum += x > y ? 1 : x == y ? 0.5 : 0;
                count++;
            }
        }
        return sum / count;
    }
}
