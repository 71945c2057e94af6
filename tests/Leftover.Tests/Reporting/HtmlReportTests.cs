using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Leftover.Evaluation;
using Leftover.Reporting;

namespace Leftover.Tests.Reporting;

public sealed partial class HtmlReportTests : IDisposable
{
    private static readonly XNamespace s_svg = "http://www.w3.org/2000/svg";
    private readonly string _folder = Directory.CreateTempSubdirectory("leftover-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_verdict_comes_first()
    {
        ReportInput input = SampleRun.Input(_folder);
        XElement header = Page(input).Descendants("header").Single();
        Assert.Equal(Verdict.Of(input.Results).Headline, header.Elements("p").Single(p => p.Attribute("id")?.Value == "verdict").Value);
        Assert.Contains("held-out prompts", header.Value);
    }

    [Fact]
    public void The_page_needs_nothing_but_itself()
    {
        string text = Text(SampleRun.Input(_folder));
        XElement page = XDocument.Parse(text).Root!;
        Assert.Empty(page.Descendants("script"));
        Assert.DoesNotContain(page.Descendants().Attributes(), a => a.Name.LocalName is "src" || a.Name.LocalName.StartsWith("on", StringComparison.Ordinal));
        Assert.All(page.Descendants().Attributes("href"), link => Assert.StartsWith("#", link.Value));
        Assert.DoesNotContain("@import", text);
        Assert.Empty(Regex.Matches(text, @"url\((?!#)"));
    }

    [Fact]
    public void Elements_that_hold_something_have_an_end_tag()
    {
        // An HTML parser takes <td/> for <td>: only void elements and those of SVG may close themselves.
        string text = SvgPattern().Replace(Text(SampleRun.Input(_folder)), "");
        Assert.All(SelfClosed().Matches(text), match => Assert.Contains(match.Groups[1].Value, new[] { "meta", "br" }));
    }

    [Fact]
    public void A_reply_is_text_whatever_it_holds()
    {
        XElement page = Page(SampleRun.Input(_folder));
        string shown = page.Descendants("td").Single(cell => cell.Value.Contains("alert", StringComparison.Ordinal)).Element("div")!.Value;
        Assert.Equal(SampleRun.Hostile.Replace('\0', '\uFFFD').Replace('\uD800', '\uFFFD'), shown);
    }

    [Fact]
    public void A_text_from_right_to_left_finds_its_own_direction() =>
        Assert.All(Page(SampleRun.Input(_folder)).Descendants("div").Where(div => div.Attribute("class")?.Value == "text"), div => Assert.Equal("auto", div.Attribute("dir")?.Value));

    [Fact]
    public void Replies_stand_side_by_side_a_row_a_prompt_and_a_cell_a_policy()
    {
        ReportInput input = SampleRun.Input(_folder) with { SamplePrompts = 5 };
        XElement[] rows = [.. Section(Page(input), "samples").Descendants("tbody").Single().Elements("tr")];
        Assert.Equal(5, rows.Length);
        for (int prompt = 0; prompt < rows.Length; prompt++)
        {
            Assert.Contains(input.Replies[0].Replies[prompt].PromptText, rows[prompt].Element("th")!.Value);
            XElement[] cells = [.. rows[prompt].Elements("td")];
            Assert.Equal(input.Replies.Select(policy => policy.Name), cells.Select(cell => cell.Attribute("data-policy")!.Value));
            for (int i = 0; i < cells.Length; i++)
            {
                double[] values = [.. cells[i].Descendants("data").Select(data => double.Parse(data.Attribute("value")!.Value, CultureInfo.InvariantCulture))];
                Assert.Equal(input.Replies[i].Replies[prompt].Rewards.OrderBy(pair => pair.Key == "total" ? 0 : 1).Select(pair => pair.Value), values);
            }
        }
        Assert.Contains("(empty)", rows[2].Value);
    }

    [Fact]
    public void Every_chart_is_there()
    {
        string[] ids = [.. Page(SampleRun.Input(_folder)).Descendants("figure").Attributes("id").Select(id => id.Value)];
        Assert.Equal(
            [
                "chart-reward-0", "chart-reward-kl", "chart-reward-1", "chart-reward-2", "chart-reward-spread", "chart-length",
                "chart-eval-reward", "chart-effective-sample-size", "chart-loss-1", "chart-loss-2", "chart-loss-3", "chart-loss-4", "chart-advantages-0", "chart-advantages-1",
            ], ids);
    }

    [Fact]
    public void A_chart_takes_the_room_there_is_and_the_colors_of_the_page()
    {
        Assert.All(Page(SampleRun.Input(_folder)).Descendants(s_svg + "svg"), svg =>
        {
            Assert.Matches(@"^0 0 440 \d+$", svg.Attribute("viewBox")!.Value);
            Assert.Null(svg.Attribute("width"));
            Assert.NotEmpty(svg.Attribute("aria-label")!.Value);
            string styles = string.Concat(svg.Descendants().Attributes("style").Select(style => style.Value + "\n"));
            Assert.Empty(Regex.Matches(styles, "rgb|black|white|blue"));           // each color is one of the page's variables, so that it follows light and dark
            Assert.DoesNotContain("font-family", svg.ToString());
        });
    }

    [Fact]
    public void No_two_elements_share_an_id_and_every_reference_has_its_target()
    {
        XElement page = Page(SampleRun.Input(_folder));
        string[] ids = [.. page.Descendants().Attributes("id").Select(id => id.Value)];
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.All(page.Descendants().Attributes("clip-path"), clip => Assert.Contains(clip.Value[5..^1], ids));
        Assert.All(page.Descendants().Attributes("href"), link => Assert.Contains(link.Value[1..], ids));
    }

    [Fact]
    public void The_table_s_numbers_are_those_given()
    {
        ReportInput input = SampleRun.Input(_folder);
        XElement[] rows = [.. Section(Page(input), "results").Descendants("table").First().Element("tbody")!.Elements("tr")];
        Assert.Equal(input.Results.Methods.Select(method => method.Name), rows.Select(row => row.Element("th")!.Value));
        foreach ((MethodResult method, XElement row) in input.Results.Methods.Zip(rows))
        {
            double[] expected =
            [
                method.Rewards["total"].Mean, method.Rewards["correct"].Mean, method.Rewards["polite"].Mean, method.Kl, method.KlK3!.Value, method.Length,
                .. method.Distinct!.Values, method.Perplexity!.Value, method.PairAccuracy!.Value.Mean, .. method.Degenerate!.Values, .. method.Step is { } step ? [step] : Array.Empty<double>(),
            ];
            Assert.Equal(expected, Values(row));
            Estimate total = method.Rewards["total"];
            string[] range = row.Elements("td").First().Element("small")!.Value.Split(" to ");
            Assert.Equal(total.Low, double.Parse(range[0], CultureInfo.InvariantCulture), tolerance: 0.005);
            Assert.Equal(total.High, double.Parse(range[1], CultureInfo.InvariantCulture), tolerance: 0.005);
        }
    }

    [Fact]
    public void The_paired_table_has_every_pair()
    {
        ReportInput input = SampleRun.Input(_folder);
        XElement[] rows = [.. Section(Page(input), "pairs").Descendants("tbody").SelectMany(body => body.Elements("tr"))];
        Assert.Equal(input.Results.Paired.OrderBy(pair => pair.Reward == "total" ? 0 : 1).Select(pair => (pair.Difference, pair.P)), rows.Select(row => (Values(row)[0], Values(row)[1])));
    }

    [Fact]
    public void The_same_input_gives_the_same_bytes()
    {
        string a = Path.Combine(_folder, "a.html"), b = Path.Combine(_folder, "b.html");
        HtmlReport.Write(a, SampleRun.Input(_folder));
        HtmlReport.Write(b, SampleRun.Input(_folder));
        Assert.Equal(File.ReadAllBytes(a), File.ReadAllBytes(b));
    }

    [Fact]
    public void What_is_missing_is_left_out()
    {
        ReportInput input = SampleRun.Input(_folder) with { Replies = [], MetricsFiles = new Dictionary<string, string> { ["nll"] = Path.Combine(_folder, "no.jsonl") }, AdvantageFiles = new Dictionary<string, string>(), RecipeYaml = "", DataSummary = [] };
        XElement page = Page(input);
        Assert.Equal(["results", "pairs", "notes", "versions"], page.Descendants("section").Attributes("id").Select(id => id.Value));
    }

    [Fact]
    public void A_run_of_the_reference_alone_has_a_report()
    {
        XElement page = Page(SampleRun.Input(_folder, ["reference"], prompts: 3));
        Assert.Contains("nothing to compare it with", page.Descendants("header").Single().Value);
        Assert.Contains("Only 3 held-out prompts", Section(page, "notes").Value);
    }

    [Fact]
    public void A_run_that_evaluated_nothing_has_a_report() => Assert.Contains("Nothing was evaluated.", Page(new ReportInput { Results = VerdictTests.Run([]), Replies = [] }).Value);

    [Fact]
    public void Methods_that_judged_the_rows_alike_share_a_histogram()
    {
        string[] titles = [.. Section(Page(SampleRun.Input(_folder)), "log").Descendants("strong").Select(title => title.Value)];
        Assert.Equal(["Advantages of the log: nll", "Advantages of the log: r-lol, a-lol, a-lol-ref-free"], titles);
    }

    [Fact]
    public void A_policy_that_says_the_same_to_everyone_is_noted()
    {
        ReportInput input = SampleRun.Input(_folder, ["reference", "a-lol"]);
        PolicyReplies same = input.Replies[1] with { Replies = [.. input.Replies[1].Replies.Select(reply => reply with { Text = "Thank you! Thank you!", Tokens = 100 })] };
        string notes = Section(Page(input with { Replies = [input.Replies[0], same] }), "notes").Value;
        Assert.Contains("a-lol: 100% of the replies are the very text that another prompt got too.", notes);
        Assert.Contains("as long as the reference's; see whether the reward pays for length alone", notes);
    }

    [Fact]
    public void A_reward_that_every_reply_earns_alike_is_noted()
    {
        ReportInput input = SampleRun.Input(_folder, ["reference", "a-lol"]);
        input = input with { Replies = [.. input.Replies.Select(policy => policy with { Replies = [.. policy.Replies.Select(reply => reply with { Rewards = new Dictionary<string, double>(reply.Rewards) { ["correct"] = 0 } })] })] };
        string notes = Section(Page(input), "notes").Value;
        Assert.Contains("The reward 'correct' is 0.000 for every reply of every policy", notes);
        Assert.DoesNotContain("The reward 'total'", notes);
    }

    [Fact]
    public void Charts_can_be_written_as_files_of_their_own()
    {
        IReadOnlyList<string> files = HtmlReport.WriteCharts(Path.Combine(_folder, "images"), SampleRun.Input(_folder));
        Assert.Equal(14, files.Count);
        Assert.All(files, file =>
        {
            XElement svg = XDocument.Load(file).Root!;
            Assert.Equal(s_svg + "svg", svg.Name);
            Assert.Equal("440", svg.Attribute("width")!.Value);
            Assert.Contains("--chart-0", svg.Element(s_svg + "style")!.Value);
        });
    }

    private string Text(ReportInput input)
    {
        string path = Path.Combine(_folder, "report.html");
        HtmlReport.Write(path, input);
        return File.ReadAllText(path);
    }

    private XElement Page(ReportInput input) => XDocument.Parse(Text(input), LoadOptions.PreserveWhitespace).Root!;

    private static XElement Section(XElement page, string id) => page.Descendants("section").Single(section => section.Attribute("id")?.Value == id);

    private static double[] Values(XElement row) => [.. row.Descendants("data").Select(data => double.Parse(data.Attribute("value")!.Value, CultureInfo.InvariantCulture))];

    [GeneratedRegex("<svg.*?</svg>", RegexOptions.Singleline)]
    private static partial Regex SvgPattern();

    [GeneratedRegex(@"<(\w+)[^<>]*/>")]
    private static partial Regex SelfClosed();
}
