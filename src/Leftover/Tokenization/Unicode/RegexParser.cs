using System.Globalization;

namespace Leftover.Tokenization.Unicode;

/// <summary>Reads the part of Oniguruma's (Ruby's) pattern language that tokenizers use, into steps that match by code point.</summary>
/// <remarks>
/// Built: literals, classes, \s \w \d \p{..} of categories, groups, (?i:..), (?&gt;..), (?=..), (?!..), alternatives, greedy, lazy and possessive
/// repetition, ^ $ \A \z. Anything else is an error, never a guess. ^ and $ are those of lines, as in Ruby.
/// </remarks>
internal sealed class RegexParser
{
    private readonly string _pattern;
    private int _at;

    private RegexParser(string pattern) => _pattern = pattern;

    // A parsed part is a function from the step after it to its own first step.
    private delegate RegexNode Part(RegexNode next);

    /// <exception cref="NotSupportedException">The pattern uses what is not built; the message says what.</exception>
    public static RegexNode Parse(string pattern)
    {
        var parser = new RegexParser(pattern);
        Part whole = parser.Alternatives(ignoreCase: false);
        if (parser._at < pattern.Length) throw parser.Unsupported("a ')' without its '('");
        return whole(new AcceptNode());
    }

    private Part Alternatives(bool ignoreCase)
    {
        List<Part> ways = [Sequence(ignoreCase)];
        while (Take('|')) ways.Add(Sequence(ignoreCase));
        return ways.Count == 1 ? ways[0] : next => new EitherNode([.. ways.Select(way => way(next))]);
    }

    private Part Sequence(bool ignoreCase)
    {
        var parts = new List<Part>();
        while (_at < _pattern.Length && _pattern[_at] is not ('|' or ')')) parts.Add(Term(ignoreCase));
        return next =>
        {
            for (int i = parts.Count - 1; i >= 0; i--) next = parts[i](next);
            return next;
        };
    }

    private Part Term(bool ignoreCase)
    {
        char first = _pattern[_at];
        if (first is '^' or '$')
        {
            _at++;
            return next => new AnchorNode(first, next);
        }
        if (first == '\\' && Peek(1) is 'A' or 'z')
        {
            _at += 2;
            char kind = _pattern[_at - 1];
            return next => new AnchorNode(kind, next);
        }
        if (first == '(') return Group(ignoreCase);

        CodePointSet set = ignoreCase ? Set().IgnoringCase() : Set();
        (int least, int most, Greed greed) = Repetition();
        return next => new SetNode(set, least, most, greed, next);
    }

    private Part Group(bool ignoreCase)
    {
        _at++;
        char? look = null;
        bool atomic = false;
        if (Take('?'))
        {
            if (TakeText("i:")) ignoreCase = true;
            else if (Take('>')) atomic = true;
            else if (Take('=')) look = '=';
            else if (Take('!')) look = '!';
            else if (!Take(':')) throw Unsupported($"the group '(?{Peek(0)}'");
        }
        Part body = Alternatives(ignoreCase);
        if (!Take(')')) throw Unsupported("a '(' without its ')'");
        if (look is { } kind) return next => new LookAheadNode(body(new AcceptNode()), kind == '!', next);

        (int least, int most, Greed greed) = Repetition();
        Part whole = Repeat(atomic ? Atomic(body) : body, least, most, greed == Greed.Lazy);
        return greed == Greed.Possessive ? Atomic(whole) : whole;
    }

    private static Part Atomic(Part body) => next => new AtomicNode(body(new AcceptNode()), next);

    private Part Repeat(Part body, int least, int most, bool lazy)
    {
        if (most != int.MaxValue && most > 64) throw Unsupported("a group repeated more than 64 times");
        if (most == int.MaxValue && body(new AcceptNode()).Match("", 0) == 0) throw Unsupported("an endless repetition of a group that may be empty");
        return next =>
        {
            if (most == int.MaxValue)
            {
                var loop = new LoopNode(lazy, next);
                loop.Body = body(loop);
                next = loop;
            }
            else
            {
                RegexNode end = next;
                for (int i = least; i < most; i++) next = new EitherNode(lazy ? [end, body(next)] : [body(next), end]);
            }
            for (int i = 0; i < least; i++) next = body(next);
            return next;
        };
    }

    private (int Least, int Most, Greed Greed) Repetition()
    {
        (int least, int most) = (1, 1);
        bool braces = false;
        if (Take('?')) least = 0;
        else if (Take('*')) (least, most) = (0, int.MaxValue);
        else if (Take('+')) most = int.MaxValue;
        else if (Peek(0) == '{' && char.IsAsciiDigit(Peek(1))) ((least, most), braces) = (Braces(), true);
        else return (1, 1, Greed.Greedy);

        Greed greed = Greed.Greedy;
        if (Take('?')) greed = Greed.Lazy;
        else if (!braces && Take('+')) greed = Greed.Possessive;       // Ruby's {1,3}+ repeats the repetition
        if (Peek(0) is '*' or '+' or '?') throw Unsupported("a repetition of a repetition");
        return (least, most, greed);
    }

    private (int Least, int Most) Braces()
    {
        int close = _pattern.IndexOf('}', _at);
        string[] bounds = close < 0 ? [] : _pattern[(_at + 1)..close].Split(',');
        if (bounds.Length is 0 or > 2 || !int.TryParse(bounds[0], NumberStyles.None, CultureInfo.InvariantCulture, out int least)) throw Unsupported("these braces");
        int most = bounds.Length == 1 ? least : bounds[1].Length == 0 ? int.MaxValue : int.TryParse(bounds[1], NumberStyles.None, CultureInfo.InvariantCulture, out int given) ? given : -1;
        if (most < least) throw Unsupported("these braces");
        _at = close + 1;
        return (least, most);
    }

    private CodePointSet Set()
    {
        if (Take('.')) return CodePointSet.AnyButLineBreak;
        if (Take('[')) return Class();
        if (Peek(0) is '*' or '+' or '?') throw Unsupported("a repetition of nothing");
        return Peek(0) == '\\' ? Escape(out _) : CodePointSet.Of(Letter());
    }

    private CodePointSet Class()
    {
        bool negated = Take('^');
        var sets = new List<CodePointSet>();
        while (!Take(']'))
        {
            if (_at >= _pattern.Length) throw Unsupported("a '[' without its ']'");
            if (Peek(0) == '[' || (Peek(0) == '&' && Peek(1) == '&')) throw Unsupported("a class inside a class");
            int first = -1;
            CodePointSet set = Peek(0) == '\\' ? Escape(out first) : CodePointSet.Of(first = Letter());
            if (first >= 0 && Peek(0) == '-' && Peek(1) != ']')
            {
                _at++;
                int last = -1;
                if (Peek(0) == '\\') Escape(out last);
                else last = Letter();
                if (last < first) throw Unsupported("this range");
                set = CodePointSet.Range(first, last);
            }
            sets.Add(set);
        }
        if (sets.Count == 0) throw Unsupported("an empty class");
        return negated ? CodePointSet.Union(sets).Negated() : CodePointSet.Union(sets);
    }

    // A code point where the escape stands for one, else -1.
    private CodePointSet Escape(out int codePoint)
    {
        _at++;
        if (_at >= _pattern.Length) throw Unsupported("a '\\' at the end");
        char kind = _pattern[_at++];
        codePoint = -1;
        switch (kind)
        {
            case 's': return CodePointSet.Of(CharKind.White);
            case 'S': return CodePointSet.Of(CharKind.White).Negated();
            case 'w': return CodePointSet.Of(CharKind.OnigurumaWord);
            case 'W': return CodePointSet.Of(CharKind.OnigurumaWord).Negated();
            case 'd': return CodePointSet.Digits;
            case 'D': return CodePointSet.Digits.Negated();
            case 'p' or 'P': return Property(negated: kind == 'P');
        }
        codePoint = kind switch
        {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'f' => '\f',
            'v' => '\v',
            'a' => '\a',
            'e' => 0x1B,
            'u' => Hex(4),
            'x' => Peek(0) == '{' ? HexInBraces() : Hex(2),
            _ when char.IsAsciiLetterOrDigit(kind) => throw Unsupported($"'\\{kind}'"),
            _ => kind,
        };
        return CodePointSet.Of(codePoint);
    }

    private CodePointSet Property(bool negated)
    {
        int close = Take('{') ? _pattern.IndexOf('}', _at) : -1;
        if (close < 0) throw Unsupported("a property without braces");
        if (Take('^')) negated = !negated;
        string name = _pattern[_at..close];
        CodePointSet set = CodePointSet.OfCategory(name) ?? throw Unsupported($"the property '{name}'");
        _at = close + 1;
        return negated ? set.Negated() : set;
    }

    private int Hex(int digits)
    {
        if (_at + digits > _pattern.Length || !int.TryParse(_pattern.AsSpan(_at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int value)) throw Unsupported("this code point");
        _at += digits;
        return value;
    }

    private int HexInBraces()
    {
        int close = _pattern.IndexOf('}', _at);
        if (close < 0 || close - _at is < 2 or > 7) throw Unsupported("this code point");
        _at++;
        int value = Hex(close - _at);
        _at++;
        return value;
    }

    private int Letter()
    {
        int code = CodePoint.At(_pattern, _at, out int length);
        _at += length;
        return code;
    }

    private char Peek(int ahead) => _at + ahead < _pattern.Length ? _pattern[_at + ahead] : '\0';

    private bool Take(char expected)
    {
        if (_at >= _pattern.Length || _pattern[_at] != expected) return false;
        _at++;
        return true;
    }

    private bool TakeText(string expected)
    {
        if (!_pattern.AsSpan(_at).StartsWith(expected)) return false;
        _at += expected.Length;
        return true;
    }

    private NotSupportedException Unsupported(string what) => new($"it has {what} at character {_at}");
}
