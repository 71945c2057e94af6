using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Leftover.Advantages;
using Leftover.Batches;
using Leftover.Data;
using Leftover.Rewards;
using Leftover.Runs;
using Leftover.Tensors;

namespace Leftover.Tests.Docs;

/// <summary>docs/walkthrough.md: its lines of code are code that compiles, and every number it prints is computed again here.</summary>
public partial class WalkthroughTests
{
    private const string CodeFile = "Walkthrough.cs", Scientific = "0.000E+0";

    private static readonly DocumentPage s_page = new("docs", "walkthrough.md");
    private static readonly Lazy<Walkthrough> s_walk = new(Follow);

    public static TheoryData<string> Snippets => [.. s_page.Names("snippet")];

    public static TheoryData<string> Outputs => [.. s_page.Names("output")];

    [Theory]
    [MemberData(nameof(Snippets))]
    public void A_snippet_is_the_code_that_runs(string name)
    {
        string code = SourceSnippet.Read(CodeFile, name);
        if (DocumentPage.Updates) s_page.Update("snippet", name, code);
        Assert.Equal(code, s_page.Block("snippet", name));
    }

    [Theory]
    [MemberData(nameof(Outputs))]
    public void An_output_is_what_the_code_computes(string name)
    {
        Walkthrough walk = s_walk.Value;
        var figures = new Figures();
        string text = OutputOf(name, walk, figures);
        if (DocumentPage.Updates) s_page.Update("output", name, figures.Print(text));
        figures.AssertPrinted(text, s_page.Block("output", name), $"docs/walkthrough.md, {name},");
    }

    [Fact]
    public void Every_step_of_the_code_is_shown()
    {
        IEnumerable<string> steps = File.ReadLines(Path.Combine(DocumentPage.Repository, "tests", "Leftover.Tests", "Docs", CodeFile))
            .Select(line => line.Trim()).Where(line => line.StartsWith("// snippet: ", StringComparison.Ordinal)).Select(line => line["// snippet: ".Length..]);
        Assert.Equal(steps.Order(StringComparer.Ordinal), s_page.Names("snippet").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void No_computed_number_stands_outside_the_blocks_that_are_checked()
    {
        string prose = PaperOrVersion().Replace(s_page.Prose, "");
        Assert.Empty(Regex.Matches(prose, @"\d+\.\d+").Select(match => match.Value));
    }

    [Fact]
    public void The_recipe_that_is_shown_asks_for_the_rewards_that_are_computed()
    {
        Recipe recipe = RecipeLoader.Parse(s_page.Block("input", "rewards"), "/");
        Assert.Equal(s_walk.Value.Rewards.Select(reward => JsonSerializer.Serialize(reward)), recipe.Rewards.Select(term => JsonSerializer.Serialize(term.Reward.Bind<RewardSource>() with { Name = term.Name! })));
        Assert.Equal(s_walk.Value.RewardWeights, recipe.Rewards.Select(term => new RewardWeight(term.Name!, term.Weight, term.Normalizer)));
    }

    [Fact]
    public void At_the_reference_policy_the_loss_is_the_advantage_weighted_nll()
    {
        Walkthrough walk = s_walk.Value;
        double[] sums = Sums(walk.LogProbs, walk.Batch);
        double loss = -sums.Zip(walk.Batch.AdvantageValues, (sum, advantage) => sum * Math.Max(advantage, 0)).Average();
        Assert.Equal(loss, walk.Loss, tolerance: 1e-5);
        for (int t = 0; t < walk.LogProbs.Length; t++)
            Assert.Equal(-walk.Batch.AdvantageValues[CompletionOf(t, walk.Batch)] / walk.Batch.Count, walk.LogProbGradients[t], tolerance: 1e-6);
    }

    [Fact]
    public void Packed_together_the_completions_have_the_log_probabilities_they_have_alone()
    {
        Walkthrough walk = s_walk.Value;
        for (int t = 0; t < walk.LogProbs.Length; t++) Assert.Equal(walk.AloneLogProbs[t], walk.LogProbs[t], tolerance: 1e-5);
    }

    [Fact]
    public void The_gradient_of_the_head_follows_from_the_formula_of_the_page()
    {
        Walkthrough walk = s_walk.Value;
        Assert.Equal(HeadGradient(walk).Sum(), walk.RawGradient, tolerance: 1e-5);
        double factor = Math.Min(1, 1 / (walk.GradientNorm + 1e-6));
        Assert.Equal(walk.RawGradient * factor, walk.Gradient, tolerance: 1e-7);
    }

    [Fact]
    public void The_first_update_moves_a_weight_by_the_learning_rate()
    {
        Walkthrough walk = s_walk.Value;
        Assert.Equal(0.1 * walk.Gradient, walk.FirstMoment, tolerance: 1e-9);
        Assert.Equal(0.001 * walk.Gradient * walk.Gradient, walk.SecondMoment, tolerance: 1e-12);
        Assert.Equal(walk.Before - 0.00015 * Math.Sign(walk.Gradient), walk.After, tolerance: 1e-6);
    }

    // The file that is read is the one the page shows.
    private static Walkthrough Follow()
    {
        string folder = Directory.CreateTempSubdirectory("leftover-walkthrough-").FullName;
        try
        {
            string path = Path.Combine(folder, "log.jsonl");
            File.WriteAllText(path, s_page.Block("input", "log"));
            return Walkthrough.Follow(path);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string OutputOf(string name, Walkthrough walk, Figures n) => name switch
    {
        "example" => Example(walk.Examples[0]),
        "prompt-text" => walk.PromptText + (walk.PromptText.EndsWith('\n') ? "" : "\n"),
        "tokens" => $"prompt, {walk.Rows[0].Prompt.Length} tokens\n{Ids(walk, walk.Rows[0].Prompt)}completion, {walk.Rows[0].Completion.Length} tokens\n{Ids(walk, walk.Rows[0].Completion)}",
        "rewards" => RewardLines(walk, n),
        "reference" => ReferenceLines(walk, n),
        "value" => $"reply, {walk.Reply.Length} tokens, reward {n[walk.ReplyReward]}\nV(x) = {n[walk.Table.Rows[0].Value]}\n",
        "advantages" => AdvantageLines(walk, n),
        "batch" => BatchLines(walk),
        "loss" => LossLines(walk, walk.LogProbs, walk.Loss, n),
        "log-prob-gradients" => GradientLines(walk.LogProbGradients, walk.Batch, n),
        "head-gradient" => HeadLines(walk, n),
        "update" => UpdateLines(walk, n),
        "next" => LossLines(walk, walk.NextLogProbs, walk.NextLoss, n) + GradientLines(walk.NextLogProbGradients, walk.Batch, n),
        _ => throw new ArgumentException($"docs/walkthrough.md shows an output '{name}' that nothing computes."),
    };

    private static string Example(Example example) =>
        $"Id          {example.Id}\n"
        + $"Prompt      {string.Join(", ", example.Prompt.Select(turn => $"{turn.Role}: \"{turn.Content}\""))}\n"
        + $"Completion  \"{example.Completion}\"\n"
        + $"Rewards     {(example.Rewards.Count == 0 ? "none recorded" : string.Join(", ", example.Rewards))}\n"
        + $"Weight      {example.Weight:F0}\n"
        + $"File, Line  {Path.GetFileName(example.File)}, {example.Line}\n";

    private static string Ids(Walkthrough walk, int[] ids)
    {
        var text = new StringBuilder();
        foreach (int[] line in ids.Chunk(8)) text.Append("  ").AppendJoin("  ", line.Select(id => $"{walk.Tokenizer.IdToToken(id)} {id}")).Append('\n');
        return text.ToString();
    }

    private static string RewardLines(Walkthrough walk, Figures n)
    {
        var text = new StringBuilder("row  right_number    short     rude        R\n");
        for (int i = 0; i < walk.Examples.Count; i++)
            text.Append($"{i + 1,-3}{n[walk.RewardColumns["right_number"][i], "F4", 14]}{n[walk.RewardColumns["short"][i], "F4", 9]}{n[walk.RewardColumns["rude"][i], "F4", 9]}{n[walk.Totals[i], "F4", 9]}\n");
        return text.ToString();
    }

    private static string ReferenceLines(Walkthrough walk, Figures n)
    {
        var text = new StringBuilder("row 1\n");
        for (int t = 0; t < walk.Rows[0].Completion.Length; t++)
            text.Append($"  ln π_ref({walk.Tokenizer.IdToToken(walk.Rows[0].Completion[t])} | …) ={n[walk.Reference[0][t], "F4", 8]}\n");
        for (int i = 0; i < walk.Rows.Length; i++)
            text.Append($"ln π_ref of row {i + 1}, {walk.Rows[i].Completion.Length} tokens: {n[walk.Reference[i].Sum(value => (double)value)]}\n");
        return text.ToString();
    }

    private static string AdvantageLines(Walkthrough walk, Figures n)
    {
        var text = new StringBuilder("row        R        V        A\n");
        for (int i = 0; i < walk.Table.Rows.Count; i++)
        {
            AdvantageRow row = walk.Table.Rows[i];
            text.Append($"{i + 1,-3}{n[row.Scored.Reward, "F4", 9]}{n[row.Value, "F4", 9]}{n[row.Advantage, "F4", 9]}  {(row.Kept ? "kept" : "dropped: " + row.Reason.Text())}\n");
        }
        return text.ToString();
    }

    private static string BatchLines(Walkthrough walk)
    {
        CompletionBatch batch = walk.Batch;
        var text = new StringBuilder($"{batch.Tokens.Length} input tokens, {batch.Targets.Length} completion tokens, {batch.Count} completions\n");
        foreach (Segment segment in batch.Layout.Segments)
        {
            string what = segment.Prefix < 0 ? "prompt" : $"completion, sees segment {segment.Prefix}";
            text.Append($"segment at row {segment.Start}, {segment.Length} rows, positions {batch.Layout.Positions[segment.Start]} to {batch.Layout.Positions[segment.Start + segment.Length - 1]}: {what}\n");
        }
        text.Append($"Offsets  {string.Join(", ", batch.Offsets)}\n");
        for (int b = 0; b < batch.Count; b++)
            text.Append($"Rows that predict completion {b + 1}: {string.Join(", ", batch.Rows[batch.Offsets[b]..batch.Offsets[b + 1]])}\n");
        return text.ToString();
    }

    private static string LossLines(Walkthrough walk, float[] logProbs, float loss, Figures n)
    {
        CompletionBatch batch = walk.Batch;
        double[] sums = Sums(logProbs, batch), reference = Sums(batch.ReferenceTokenLogProbValues, batch);
        var text = new StringBuilder("completion  ln π_θ(y|x)    ln ρ       r      A⁺    −A⁺·r·ln π_θ\n");
        for (int b = 0; b < batch.Count; b++)
        {
            double logRatio = sums[b] - reference[b], weight = Math.Clamp(Math.Exp(logRatio), 0.1, 1.9), advantage = batch.AdvantageValues[b];
            text.Append($"{b + 1,-10}{n[sums[b], "F4", 13]}{n[logRatio, "F4", 8]}{n[weight, "F4", 8]}{n[advantage, "F4", 8]}{n[-advantage * weight * sums[b], "F4", 16]}\n");
        }
        return text.Append($"loss, their mean: {n[loss]}\n").ToString();
    }

    private static string GradientLines(float[] gradients, CompletionBatch batch, Figures n)
    {
        var text = new StringBuilder();
        for (int b = 0; b < batch.Count; b++)
        {
            float[] own = gradients[batch.Offsets[b]..batch.Offsets[b + 1]];
            Assert.All(own, value => Assert.Equal(own[0], value));
            text.Append($"dL/d ln π of each token of completion {b + 1}: {n[own[0], "F5"]}\n");
        }
        return text.ToString();
    }

    private static string HeadLines(Walkthrough walk, Figures n)
    {
        CompletionBatch batch = walk.Batch;
        double[] terms = HeadGradient(walk);
        double own = Probability(walk, 0, batch.Targets[0]);
        return $"π_θ({walk.Tokenizer.IdToToken(batch.Targets[0])} | prompt) = {n[own, Scientific]}\n"
            + $"dL/dz of that token's logit there = {n[walk.LogProbGradients[0] * (1 - own)]}\n"
            + $"h[{Walkthrough.Channel}] there = {n[walk.Hidden[0][Walkthrough.Channel]]}, their product {n[terms[0]]}\n"
            + $"all {terms.Length} predicting rows together: dL/dW = {n[walk.RawGradient]}\n";
    }

    private static string UpdateLines(Walkthrough walk, Figures n) =>
        $"|g| over all weights    {n[walk.GradientNorm]}, so all are scaled by {n[Math.Min(1, 1 / (walk.GradientNorm + 1e-6))]}\n"
        + $"g                       {n[walk.Gradient, Scientific]}\n"
        + $"m = 0.1·g               {n[walk.FirstMoment, Scientific]}\n"
        + $"v = 0.001·g²            {n[walk.SecondMoment, Scientific]}\n"
        + $"m / (1 − 0.9)           {n[walk.FirstMoment / 0.1, Scientific]}\n"
        + $"sqrt(v / (1 − 0.999))   {n[Math.Sqrt(walk.SecondMoment / 0.001), Scientific]}\n"
        + $"W before                {n[walk.Before, "F6"]}\n"
        + $"W after                 {n[walk.After, "F6"]}\n";

    // The head's weight W[y, c] sees each predicting row t: dL/dW = Σ dL/dlp_t · (1[y_t = y] − π(y)) · h_t[c].
    private static double[] HeadGradient(Walkthrough walk)
    {
        CompletionBatch batch = walk.Batch;
        int y = batch.Targets[0];
        return [.. Enumerable.Range(0, batch.Targets.Length).Select(t =>
            walk.LogProbGradients[t] * ((batch.Targets[t] == y ? 1 : 0) - Probability(walk, t, y)) * walk.Hidden[t][Walkthrough.Channel])];
    }

    private static double Probability(Walkthrough walk, int row, int token)
    {
        double largest = walk.Logits[row].Max();
        return Math.Exp(walk.Logits[row][token] - largest) / walk.Logits[row].Sum(z => Math.Exp(z - largest));
    }

    private static double[] Sums(float[] perToken, CompletionBatch batch) =>
        [.. Enumerable.Range(0, batch.Count).Select(b => perToken[batch.Offsets[b]..batch.Offsets[b + 1]].Sum(value => (double)value))];

    private static int CompletionOf(int token, CompletionBatch batch) => Array.FindIndex(batch.Offsets, offset => offset > token) - 1;

    [GeneratedRegex(@"arXiv:[\d.]+")]
    private static partial Regex PaperOrVersion();
}
