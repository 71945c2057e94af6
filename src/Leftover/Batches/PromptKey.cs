namespace Leftover.Batches;

/// <summary>A prompt's token ids as a dictionary key: equal where the ids are.</summary>
public readonly struct PromptKey : IEquatable<PromptKey>
{
    private readonly int[] _ids;

    /// <summary>The key of these ids, which must not change.</summary>
    public PromptKey(int[] ids) => _ids = ids;

    /// <inheritdoc/>
    public bool Equals(PromptKey other) => ReferenceEquals(_ids, other._ids) || _ids.AsSpan().SequenceEqual(other._ids);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is PromptKey other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (int id in _ids) hash.Add(id);
        return hash.ToHashCode();
    }
}
