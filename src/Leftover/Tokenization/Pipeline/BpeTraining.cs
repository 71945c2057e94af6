namespace Leftover.Tokenization.Pipeline;

/// <summary>Learns the merges of byte-pair encoding from counted words.</summary>
/// <remarks>
/// The most frequent pair merges next; of equals the one with the smaller left id, then the smaller right id. So the result follows
/// from the counts alone. Sennrich, Haddow &amp; Birch 2016, arXiv:1508.07909, algorithm 1.
/// </remarks>
internal sealed class BpeTraining
{
    private readonly int _vocabularySize;
    private readonly long _minFrequency;
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly List<string> _tokens = [];
    private readonly List<(int Left, int Right, int Merged)> _merges = [];

    private readonly List<int[]> _words = [];
    private readonly List<long> _counts = [];
    private readonly Dictionary<(int, int), long> _pairCounts = [];
    private readonly Dictionary<(int, int), HashSet<int>> _wordsOfPair = [];
    private readonly PriorityQueue<(int, int), (long NegativeCount, int Left, int Right)> _queue = new();

    private BpeTraining(int vocabularySize, long minFrequency) => (_vocabularySize, _minFrequency) = (vocabularySize, minFrequency);

    /// <summary>The tokens in the order of their ids: the special ones, the letters, then one for each merge that makes a new one.</summary>
    public IReadOnlyList<string> Tokens => _tokens;

    /// <summary>The merges, the earliest first, by id.</summary>
    public IReadOnlyList<(int Left, int Right, int Merged)> Merges => _merges;

    /// <summary>Learns a vocabulary.</summary>
    /// <param name="words">Words and how often each was seen.</param>
    /// <param name="vocabularySize">How many tokens to stop at; special tokens and letters count, and are never fewer for it.</param>
    /// <param name="minFrequency">A pair must be seen this often to merge.</param>
    /// <param name="specialTokens">Tokens to put first.</param>
    /// <param name="alphabet">Letters to take up even if unseen.</param>
    /// <param name="letterLimit">How many letters to keep at most, the most frequent ones; null for all. The others are dropped from the words.</param>
    /// <param name="cancellation">Stops the work.</param>
    public static BpeTraining Learn(
        IReadOnlyDictionary<string, long> words, int vocabularySize, long minFrequency, IReadOnlyList<string> specialTokens,
        IEnumerable<string> alphabet, int? letterLimit, CancellationToken cancellation)
    {
        var training = new BpeTraining(vocabularySize, minFrequency);
        foreach (string token in specialTokens) training.Id(token);
        foreach (string letter in Letters(words, alphabet, letterLimit)) training.Id(letter);
        training.TakeUp(words);
        while (training._tokens.Count < vocabularySize && training.MergeNext()) cancellation.ThrowIfCancellationRequested();
        return training;
    }

    private static List<string> Letters(IReadOnlyDictionary<string, long> words, IEnumerable<string> alphabet, int? limit)
    {
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach ((string word, long count) in words)
            foreach (string letter in LettersOf(word)) counts[letter] = counts.GetValueOrDefault(letter) + count;
        foreach (string letter in alphabet) counts[letter] = long.MaxValue;

        IEnumerable<string> kept = counts.Keys;
        if (limit is { } most) kept = kept.OrderByDescending(letter => counts[letter]).ThenBy(CodePointOf).Take(most);
        return [.. kept.OrderBy(CodePointOf)];
    }

    private static IEnumerable<string> LettersOf(string word)
    {
        for (int i = 0; i < word.Length;)
        {
            Unicode.CodePoint.At(word, i, out int length);
            yield return word.Substring(i, length);
            i += length;
        }
    }

    private static int CodePointOf(string letter) => Unicode.CodePoint.At(letter, 0, out _);

    private int Id(string token)
    {
        if (_ids.TryGetValue(token, out int known)) return known;
        _ids.Add(token, _tokens.Count);
        _tokens.Add(token);
        return _tokens.Count - 1;
    }

    private void TakeUp(IReadOnlyDictionary<string, long> words)
    {
        foreach ((string word, long count) in words)
        {
            int[] ids = [.. LettersOf(word).Where(_ids.ContainsKey).Select(letter => _ids[letter])];
            if (ids.Length < 2) continue;
            _words.Add(ids);
            _counts.Add(count);
            Count(_words.Count - 1, +1);
        }
        foreach (((int left, int right) pair, long count) in _pairCounts) _queue.Enqueue(pair, (-count, pair.left, pair.right));
    }

    // Adds a word's pairs to the counts, or takes them away.
    private void Count(int word, int sign)
    {
        int[] ids = _words[word];
        for (int i = 0; i + 1 < ids.Length; i++)
        {
            (int, int) pair = (ids[i], ids[i + 1]);
            _pairCounts[pair] = _pairCounts.GetValueOrDefault(pair) + sign * _counts[word];
            if (!_wordsOfPair.TryGetValue(pair, out HashSet<int>? holders)) _wordsOfPair.Add(pair, holders = []);
            if (sign > 0) holders.Add(word);
            else holders.Remove(word);
        }
    }

    private bool MergeNext()
    {
        (int left, int right) = (0, 0);
        long count = 0;
        // An entry whose count has changed since is out of date; the changed count has its own entry.
        while (count == 0 && _queue.TryDequeue(out (int Left, int Right) pair, out (long NegativeCount, int, int) priority))
            if (_pairCounts.GetValueOrDefault(pair) == -priority.NegativeCount) ((left, right), count) = (pair, -priority.NegativeCount);
        if (count <= 0 || count < _minFrequency) return false;

        int merged = Id(_tokens[left] + _tokens[right]);
        _merges.Add((left, right, merged));
        var changed = new HashSet<(int Left, int Right)>();
        foreach (int word in _wordsOfPair[(left, right)].ToArray())
        {
            AddPairs(_words[word], changed);
            Count(word, -1);
            _words[word] = Merge(_words[word], left, right, merged);
            Count(word, +1);
            AddPairs(_words[word], changed);
        }
        foreach ((int Left, int Right) pair in changed)
            if (_pairCounts.GetValueOrDefault(pair) is > 0 and long now) _queue.Enqueue(pair, (-now, pair.Left, pair.Right));
            else Forget(pair);
        return true;
    }

    private void Forget((int, int) pair)
    {
        _pairCounts.Remove(pair);
        _wordsOfPair.Remove(pair);
    }

    private static void AddPairs(int[] ids, HashSet<(int, int)> pairs)
    {
        for (int i = 0; i + 1 < ids.Length; i++) pairs.Add((ids[i], ids[i + 1]));
    }

    private static int[] Merge(int[] ids, int left, int right, int merged)
    {
        var result = new List<int>(ids.Length);
        for (int i = 0; i < ids.Length; i++)
        {
            bool match = ids[i] == left && i + 1 < ids.Length && ids[i + 1] == right;
            result.Add(match ? merged : ids[i]);
            if (match) i++;
        }
        return [.. result];
    }
}
