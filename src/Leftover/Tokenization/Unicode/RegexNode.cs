using System.Runtime.CompilerServices;

namespace Leftover.Tokenization.Unicode;

/// <summary>A step of a pattern; it knows the step that comes after it.</summary>
internal abstract class RegexNode
{
    /// <summary>Matches this step and all after it; gives the end of the match, or -1.</summary>
    public abstract int Match(ReadOnlySpan<char> text, int at);
}

/// <summary>The end of a pattern.</summary>
internal sealed class AcceptNode : RegexNode
{
    public override int Match(ReadOnlySpan<char> text, int at) => at;
}

/// <summary>How far a repetition reaches.</summary>
internal enum Greed
{
    /// <summary>As far as the rest still matches.</summary>
    Greedy,

    /// <summary>As little as the rest allows.</summary>
    Lazy,

    /// <summary>As far as it can, whether the rest matches or not.</summary>
    Possessive,
}

/// <summary>Code points of a set, from <paramref name="least"/> to <paramref name="most"/> of them.</summary>
internal sealed class SetNode(CodePointSet set, int least, int most, Greed greed, RegexNode next) : RegexNode
{
    public override int Match(ReadOnlySpan<char> text, int at)
    {
        int count = 0;
        while (count < least)
        {
            if (!Step(text, ref at)) return -1;
            count++;
        }
        if (greed == Greed.Lazy)
        {
            while (true)
            {
                int end = next.Match(text, at);
                if (end >= 0 || count++ >= most || !Step(text, ref at)) return end;
            }
        }

        int floor = at;
        while (count < most && Step(text, ref at)) count++;
        if (greed == Greed.Possessive) return next.Match(text, at);
        while (true)
        {
            int end = next.Match(text, at);
            if (end >= 0 || at == floor) return end;
            CodePoint.Before(text, at, out int length);
            at -= length;
        }
    }

    private bool Step(ReadOnlySpan<char> text, ref int at)
    {
        if (at >= text.Length || !set.Contains(CodePoint.At(text, at, out int length))) return false;
        at += length;
        return true;
    }
}

/// <summary>The first of several ways that matches together with what comes after.</summary>
internal sealed class EitherNode(RegexNode[] ways) : RegexNode
{
    public override int Match(ReadOnlySpan<char> text, int at)
    {
        foreach (RegexNode way in ways)
            if (way.Match(text, at) is >= 0 and int end) return end;
        return -1;
    }
}

/// <summary>A group any number of times; its body's last step leads back here.</summary>
internal sealed class LoopNode(bool lazy, RegexNode next) : RegexNode
{
    public RegexNode? Body { get; set; }

    public override int Match(ReadOnlySpan<char> text, int at)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        (RegexNode first, RegexNode second) = lazy ? (next, Body!) : (Body!, next);
        return first.Match(text, at) is >= 0 and int end ? end : second.Match(text, at);
    }
}

/// <summary>A group whose first match is final.</summary>
internal sealed class AtomicNode(RegexNode body, RegexNode next) : RegexNode
{
    public override int Match(ReadOnlySpan<char> text, int at) => body.Match(text, at) is >= 0 and int end ? next.Match(text, end) : -1;
}

/// <summary>What must, or must not, follow.</summary>
internal sealed class LookAheadNode(RegexNode body, bool negative, RegexNode next) : RegexNode
{
    public override int Match(ReadOnlySpan<char> text, int at) => body.Match(text, at) >= 0 != negative ? next.Match(text, at) : -1;
}

/// <summary>The start or the end of a line or of the text.</summary>
internal sealed class AnchorNode(char kind, RegexNode next) : RegexNode
{
    public override int Match(ReadOnlySpan<char> text, int at)
    {
        bool here = kind switch
        {
            '^' => at == 0 || text[at - 1] == '\n',
            '$' => at == text.Length || text[at] == '\n',
            'A' => at == 0,
            _ => at == text.Length,
        };
        return here ? next.Match(text, at) : -1;
    }
}
