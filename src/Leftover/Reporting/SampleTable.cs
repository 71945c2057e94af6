using System.Globalization;
using System.Xml.Linq;
using Leftover.Evaluation;

namespace Leftover.Reporting;

/// <summary>Replies side by side: a row a prompt, a cell a policy.</summary>
internal static class SampleTable
{
    /// <summary>The first prompts' first replies; null where there are none.</summary>
    public static XElement? Of(ReportInput input)
    {
        PolicyReplies[] policies = [.. input.Replies.Where(policy => policy.Replies.Count > 0)];
        if (policies.Length == 0 || input.SamplePrompts == 0) return null;

        Dictionary<int, ScoredReply>[] first = [.. policies.Select(policy => policy.Replies.GroupBy(reply => reply.Prompt).ToDictionary(group => group.Key, group => group.First()))];
        int[] prompts = [.. first.SelectMany(own => own.Keys).Distinct().Order().Take(input.SamplePrompts)];
        return Html.Element("div", Html.Class("scroll samples"), Html.Attribute("tabindex", "0"), Html.Attribute("role", "region"), Html.Attribute("aria-label", "Replies side by side"),
            Html.Element("table",
                Html.Element("thead", Html.Element("tr", Html.Element("th", Html.Attribute("scope", "col"), "prompt"), policies.Select(policy => Html.Element("th", Html.Attribute("scope", "col"), policy.Name)))), "\n",
                Html.Element("tbody", prompts.Select(prompt => new object[] { Row(prompt, policies, first), "\n" }))));
    }

    private static XElement Row(int prompt, PolicyReplies[] policies, Dictionary<int, ScoredReply>[] first)
    {
        ScoredReply[] replies = [.. first.Where(own => own.ContainsKey(prompt)).Select(own => own[prompt])];
        string? ranking = replies.All(reply => reply.Rewards.ContainsKey(Verdict.Total)) ? Verdict.Total : null;
        double best = ranking is null ? double.NaN : replies.Max(reply => reply.Rewards[ranking]), least = ranking is null ? double.NaN : replies.Min(reply => reply.Rewards[ranking]);
        string? reference = first[0].TryGetValue(prompt, out ScoredReply? own) ? own.Text : null;
        return Html.Element("tr",
            Html.Element("th", Html.Attribute("scope", "row"), Html.Element("span", Html.Class("number"), $"#{(prompt + 1).ToString(CultureInfo.InvariantCulture)}"), Html.Foreign(replies[0].PromptText)),
            policies.Select((policy, i) =>
            {
                if (!first[i].TryGetValue(prompt, out ScoredReply? reply)) return Html.Element("td", Html.Attribute("data-policy", policy.Name), Figures.None);
                bool wins = best > least && ranking is not null && reply.Rewards[ranking] == best;
                return Html.Element("td", Html.Attribute("data-policy", policy.Name), wins ? Html.Class("best") : null,
                    string.IsNullOrWhiteSpace(reply.Text) ? Html.Element("div", Html.Class("text none"), "(empty)") : Html.Foreign(reply.Text),
                    Html.Element("div", Html.Class("rewards"), Marks(reply, i > 0 && reply.Text == reference, wins)));
            }));
    }

    private static IEnumerable<XElement> Marks(ScoredReply reply, bool same, bool wins)
    {
        foreach ((string reward, double value) in reply.Rewards.OrderBy(pair => pair.Key == Verdict.Total ? 0 : 1))
        {
            bool total = reward == Verdict.Total;
            yield return Html.Element("span", Html.Class(total ? "total" : "part"), Html.Attribute("data-reward", reward), $"{reward} ",
                Html.Element("data", Html.Attribute("value", value.ToString("R", CultureInfo.InvariantCulture)), Figures.Number(value)), total && wins ? " ★" : null);
        }
        yield return Html.Element("span", Html.Class("part"), $"{reply.Tokens.ToString(CultureInfo.InvariantCulture)} tokens");
        if (reply.Cut) yield return Html.Element("span", Html.Class("part"), "cut at the limit");
        if (same) yield return Html.Element("span", Html.Class("part"), "same as the reference");
    }
}
