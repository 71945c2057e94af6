using System.CommandLine;
using System.CommandLine.Help;
using Leftover.Cli.Arguments;
using Leftover.Cli.Verbs;

namespace Leftover.Cli;

/// <summary>The command line <c>leftover</c>: its verbs, and what becomes of their errors.</summary>
internal static class App
{
    /// <summary>Runs one command line.</summary>
    /// <param name="args">What stands behind <c>leftover</c>.</param>
    /// <param name="host">Where it reads, writes and is stopped.</param>
    /// <returns>The exit code: 0 it worked, 1 it failed, 2 the command line is wrong.</returns>
    public static int Run(IReadOnlyList<string> args, Host host)
    {
        RootCommand root = Root(host);
        ParseResult parse = root.Parse(FlagSpelling.Canonical(args, root), new ParserConfiguration { ResponseFileTokenReplacer = null, EnablePosixBundling = false });
        try
        {
            Usage.Check(parse);
            return parse.Invoke(new InvocationConfiguration { Output = host.Streams.Output, Error = host.Streams.Error, EnableDefaultExceptionHandler = false });
        }
        catch (Exception e)
        {
            return Failure.Report(e, host, parse);
        }
    }

    private static RootCommand Root(Host host)
    {
        var root = new RootCommand("Fine-tunes language models on answers that already exist and the rewards they earned: offline, on CPUs.") { HelpName = "leftover" };
        foreach (Option flag in host.Flags.All) root.Add(flag);
        foreach (Command verb in (Command[])
        [
            Verbs.Run.Create(host), Verbs.Compare.Create(host), Quickstart.Create(host), Sft.Create(host), Reward.Create(host), RewardModel.Create(host), Verbs.Reference.Create(host), Value.Create(host), Inspect.Create(host), Train.Create(host),
            Evaluate.Create(host), Report.Create(host), Generate.Create(host), Chat.Create(host), Doctor.Create(host),
        ]) root.Add(verb);
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        root.SetAction(parse =>
        {
            ((HelpAction)help.Action!).Invoke(parse);
            return Failure.UsageCode;
        });
        return root;
    }
}
