using System.Globalization;
using System.Text;

namespace Leftover.Tokenization.Unicode;

/// <summary>The four Unicode normalization forms.</summary>
/// <remarks>
/// Unicode Standard Annex 15. .NET's <see cref="string.Normalize()"/> gives the text back unchanged, without an error, where an
/// application runs with invariant globalization, as this one does.
/// </remarks>
internal static class UnicodeNormalization
{
    // Unicode Standard §3.12: Hangul syllables are composed by arithmetic.
    private const int SyllableBase = 0xAC00, LeadBase = 0x1100, VowelBase = 0x1161, TailBase = 0x11A7;
    private const int LeadCount = 19, VowelCount = 21, TailCount = 28, SyllableCount = LeadCount * VowelCount * TailCount;

    private static readonly Lazy<Tables> s_tables = new(Tables.Read);

    public static string Normalize(string text, NormalizationForm form)
    {
        bool compose = form is NormalizationForm.FormC or NormalizationForm.FormKC;
        bool compatible = form is NormalizationForm.FormKC or NormalizationForm.FormKD;
        // Below these nothing decomposes, and in form C nothing composes either.
        char safe = compatible ? '\u00A0' : compose ? '\u0300' : '\u00C0';
        if (text.AsSpan().IndexOfAnyInRange(safe, '\uFFFF') < 0) return text;

        Tables tables = s_tables.Value;
        var codes = new List<int>(text.Length + 8);
        for (int i = 0; i < text.Length;)
        {
            Decompose(tables, CodePoint.At(text, i, out int length), compatible, codes);
            i += length;
        }
        Order(tables, codes);
        if (compose) Compose(tables, codes);

        var result = new StringBuilder(text.Length);
        foreach (int code in codes) result.Append(new Rune(code));
        return result.ToString();
    }

    private static void Decompose(Tables tables, int code, bool compatible, List<int> codes)
    {
        int syllable = code - SyllableBase;
        if (syllable is >= 0 and < SyllableCount)
        {
            codes.Add(LeadBase + syllable / (VowelCount * TailCount));
            codes.Add(VowelBase + syllable % (VowelCount * TailCount) / TailCount);
            if (syllable % TailCount is > 0 and int tail) codes.Add(TailBase + tail);
        }
        else if (tables.Decompositions.TryGetValue(code, out (bool Compatibility, int[] Codes) found) && (compatible || !found.Compatibility))
        {
            foreach (int part in found.Codes) Decompose(tables, part, compatible, codes);
        }
        else
        {
            codes.Add(code);
        }
    }

    // Marks between two starters in the order of their classes; marks of one class keep theirs.
    private static void Order(Tables tables, List<int> codes)
    {
        for (int i = 1; i < codes.Count; i++)
        {
            int code = codes[i], combining = tables.Class(code), at = i;
            if (combining == 0) continue;
            for (; at > 0 && tables.Class(codes[at - 1]) > combining; at--) codes[at] = codes[at - 1];
            codes[at] = code;
        }
    }

    // A mark joins the starter before it unless a mark of the same or a higher class, or another starter, stands between.
    private static void Compose(Tables tables, List<int> codes)
    {
        int starter = -1, written = 0, lastClass = -1;
        for (int i = 0; i < codes.Count; i++)
        {
            int code = codes[i], combining = tables.Class(code);
            if (starter >= 0 && lastClass < combining && Pair(tables, codes[starter], code) is >= 0 and int composed)
            {
                codes[starter] = composed;
                continue;
            }
            if (combining == 0) (starter, lastClass) = (written, -1);
            else lastClass = combining;
            codes[written++] = code;
        }
        codes.RemoveRange(written, codes.Count - written);
    }

    private static int Pair(Tables tables, int first, int second)
    {
        int lead = first - LeadBase, vowel = second - VowelBase, syllable = first - SyllableBase, tail = second - TailBase;
        if (lead is >= 0 and < LeadCount && vowel is >= 0 and < VowelCount) return SyllableBase + (lead * VowelCount + vowel) * TailCount;
        if (syllable is >= 0 and < SyllableCount && syllable % TailCount == 0 && tail is > 0 and < TailCount) return first + tail;
        return tables.Compositions.TryGetValue((first, second), out int composed) ? composed : -1;
    }

    private sealed class Tables
    {
        public Dictionary<int, (bool Compatibility, int[] Codes)> Decompositions { get; } = [];
        public Dictionary<(int, int), int> Compositions { get; } = [];
        private readonly Dictionary<int, byte> _classes = [];

        public int Class(int code) => code < 0x300 ? 0 : _classes.GetValueOrDefault(code);

        public static Tables Read()
        {
            var tables = new Tables();
            using Stream stream = typeof(UnicodeNormalization).Assembly.GetManifestResourceStream("Leftover.Tokenization.Unicode.decompositions.txt")!;
            using var reader = new StreamReader(stream, Encoding.ASCII);
            while (reader.ReadLine() is { } line)
            {
                if (line.StartsWith('#')) continue;
                string[] fields = line.Split(';');
                int code = Hex(fields[0]);
                if (fields[1].Length > 0) tables._classes[code] = byte.Parse(fields[1], CultureInfo.InvariantCulture);
                if (fields[2].Length == 0) continue;
                int[] codes = [.. fields[3].Split(' ').Select(Hex)];
                tables.Decompositions[code] = (fields[2] == "k", codes);
                if (fields[2] == "c" && codes.Length == 2) tables.Compositions[(codes[0], codes[1])] = code;
            }
            return tables;
        }

        private static int Hex(string digits) => int.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }
}
