using System.Xml.Linq;
using Leftover.Evaluation.Comparison;
using Leftover.Reporting.Comparison;
using Microsoft.Playwright;

namespace Leftover.Tests.Reporting.Comparison;

/// <summary>The report's page as a reader has it: in a browser, wide and narrow, with its script.</summary>
/// <remarks>With <c>LEFTOVER_SCREENSHOTS</c> set to a folder, pictures of the page are left there.</remarks>
public sealed class ComparePageTests : IDisposable
{
    private const int Prompts = 12;

    private readonly string _folder = Directory.CreateTempSubdirectory("leftover-tests-").FullName;
    private readonly CompareInput _input = SampleComparison.Input(SampleComparison.Cells(seeds: 3, prompts: Prompts, noise: [0.25, 0.5]), [new FailedCell("kto", 9, 0.5, "Step 3: the loss is NaN; it must be finite.")]);

    public ComparePageTests()
    {
        CompareReport.Write(PathOf("compare.html"), _input);
        Dictionary<string, double> seconds = _input.Compared.Spreads.Skip(1).Select((spread, i) => (spread.Name, 20.0 + 3 * i)).ToDictionary();
        CompareReport.WriteTimes(PathOf("time.html"), _input.Compared, seconds, seconds.ToDictionary(method => method.Key, _ => 3));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_page_needs_nothing_but_itself_and_has_every_part()
    {
        XElement page = XDocument.Load(PathOf("compare.html")).Root!;
        Assert.DoesNotContain(page.Descendants().Attributes(), a => a.Name.LocalName is "src" || a.Name.LocalName.StartsWith("on", StringComparison.Ordinal));
        Assert.All(page.Descendants().Attributes("href"), link => Assert.True(link.Value.StartsWith('#') || link.Value == "time.html", link.Value));
        Assert.Equal(["results", "pairs", "cost", "curves", "noise", "rewards", "notes", "samples", "checks", "log", "cells", "reproduce"], page.Descendants("section").Attributes("id").Select(id => id.Value));
        string[] ids = [.. page.Descendants().Attributes("id").Select(id => id.Value)];
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.Contains("the loss is NaN", page.Value, StringComparison.Ordinal);
        Assert.All(page.Descendants("th"), head => Assert.NotNull(head.Attribute("scope")));
        Assert.All(page.Descendants("input").Concat(page.Descendants("select")), input => Assert.Equal("label", input.Parent!.Name.LocalName));
    }

    [Fact]
    public void The_same_cells_give_the_same_bytes()
    {
        CompareReport.Write(PathOf("again.html"), _input);
        Assert.Equal(File.ReadAllBytes(PathOf("compare.html")), File.ReadAllBytes(PathOf("again.html")));
        Assert.Equal(CompareMarkdown.Text(_input), CompareMarkdown.Text(SampleComparison.Input([.. _input.Cells], _input.Compared.Failed)));
    }

    [ChromiumFact]
    public async Task In_a_browser_charts_are_drawn_the_filter_works_and_nothing_is_complained_of()
    {
        using IPlaywright playwright = await Playwright.CreateAsync();
        await using IBrowser browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = ChromiumFactAttribute.Path, Args = ["--no-sandbox"] });
        foreach ((int width, ColorScheme scheme) in new[] { (1280, ColorScheme.Light), (400, ColorScheme.Light), (1280, ColorScheme.Dark), (400, ColorScheme.Dark) })
        {
            IPage page = await browser.NewPageAsync(new() { ViewportSize = new() { Width = width, Height = 900 }, ColorScheme = scheme });
            List<string> complaints = [];
            page.Console += (_, message) => complaints.Add(message.Text);
            page.PageError += (_, error) => complaints.Add(error);
            page.Request += (_, request) => { if (!request.Url.StartsWith("file:", StringComparison.Ordinal)) complaints.Add(request.Url); };
            foreach (string file in new[] { "time.html", "compare.html" })
            {
                await page.GotoAsync(new Uri(PathOf(file)).AbsoluteUri);
                Assert.Equal(width, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));            // no sideways scrolling of the page
                await Picture(page, file, width, scheme);
            }

            foreach (IElementHandle svg in await page.QuerySelectorAllAsync("figure.chart svg"))
            {
                ElementHandleBoundingBoxResult box = (await svg.BoundingBoxAsync())!;
                Assert.True(box.Width >= 300 && box.Height >= 100, await svg.GetAttributeAsync("aria-label"));
                Assert.NotEmpty(await svg.QuerySelectorAllAsync("polyline, polygon, rect, ellipse, line, path"));
            }
            Assert.True(await page.Locator("figure.chart svg").CountAsync() >= 6 + 14 + 2);
            await Filter(page);
            Assert.Empty(complaints);
            await page.CloseAsync();
        }
    }

    private static async Task Filter(IPage page)
    {
        ILocator rows = page.Locator(".samples tbody tr:visible"), first = page.Locator(".samples tbody tr").First.Locator("td:visible");
        string Output() => $"{Prompts} of {Prompts} prompts";
        Assert.Equal(Output(), await page.Locator("#filter output").InnerTextAsync());
        Assert.Equal(4, await first.CountAsync());                                                                       // the reference and the best three

        await page.Locator("#filter input[value=dpo]").CheckAsync();
        Assert.Equal(5, await first.CountAsync());
        await page.Locator("#filter input[value=dpo]").UncheckAsync();

        await page.Locator("#filter [name=find]").FillAsync("order 3");
        int some = await rows.CountAsync();
        Assert.InRange(some, 0, Prompts - 1);
        Assert.Equal($"{some} of {Prompts} prompts", await page.Locator("#filter output").InnerTextAsync());
        await page.Locator("#filter [name=find]").FillAsync("no such words");
        Assert.Equal(0, await rows.CountAsync());
        await page.Locator("#filter [name=find]").FillAsync("");

        await page.Locator("#filter [name=reward]").SelectOptionAsync("right_number");
        await page.Locator("#filter [name=least]").FillAsync("0.5");
        foreach (ILocator cell in await page.Locator(".samples tbody td:visible").AllAsync())
        {
            double earned = await cell.EvaluateAsync<double>("cell => Number(cell.querySelector('[data-reward=right_number] data').value)");
            Assert.Equal(earned < 0.5, (await cell.GetAttributeAsync("class") ?? "").Split(' ').Contains("off"));
        }
        await page.GetByText("Show all again").ClickAsync();
        await page.WaitForFunctionAsync($"document.querySelector('#filter output').value === '{Output()}'");
    }

    private static async Task Picture(IPage page, string file, int width, ColorScheme scheme)
    {
        if (Environment.GetEnvironmentVariable("LEFTOVER_SCREENSHOTS") is not { Length: > 0 } folder) return;
        await page.ScreenshotAsync(new() { FullPage = true, Path = Path.Combine(folder, $"{Path.GetFileNameWithoutExtension(file)}-{width}-{scheme}.png".ToLowerInvariant()) });
    }

    private string PathOf(string name) => Path.Combine(_folder, name);
}
