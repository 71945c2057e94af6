namespace Leftover.Tensors.Files;

/// <summary>The error for a tensor that a file should have and has not.</summary>
internal static class MissingTensor
{
    private const int NamesShown = 8;

    public static InvalidDataException In(string path, string name, IEnumerable<string> names)
    {
        // The names that end alike first: a prefix too many or too few is the usual cause.
        string[] known = [.. names];
        IEnumerable<string> nearest = known.OrderByDescending(other => CommonEnd(other, name)).ThenBy(other => other, StringComparer.Ordinal).Take(NamesShown);
        string shown = known.Length == 0 ? "It has none" : $"It has {known.Length}, among them {string.Join(", ", nearest.Select(other => $"'{other}'"))}";
        return new($"{path}: there is no tensor '{name}'. {shown}. Is this the model that the configuration describes?");
    }

    private static int CommonEnd(string a, string b)
    {
        int length = 0;
        while (length < a.Length && length < b.Length && a[^(length + 1)] == b[^(length + 1)]) length++;
        return length;
    }
}
