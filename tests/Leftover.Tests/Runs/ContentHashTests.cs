using Leftover.Runs;

namespace Leftover.Tests.Runs;

public class ContentHashTests
{
    [Fact]
    public void A_text_and_a_file_have_the_published_sha_256_of_abc()
    {
        const string abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";      // FIPS 180-4, example B.1
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, "abc");
            Assert.Equal(abc, ContentHash.OfText("abc"));
            Assert.Equal(abc, ContentHash.OfFile(path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_key_is_short_and_does_not_depend_on_the_order()
    {
        string key = ContentHash.Key([new("model", "m"), new("seed", "1")]);
        Assert.Equal(key, ContentHash.Key([new("seed", "1"), new("model", "m")]));
        Assert.Matches("^[0-9a-f]{16}$", key);
    }

    [Fact]
    public void A_key_changes_with_every_name_every_value_and_where_they_part()
    {
        KeyValuePair<string, string>[][] lists =
        [
            [], [new("a", "1")], [new("a", "2")], [new("b", "1")], [new("a1", "")], [new("", "a1")], [new("a", "1"), new("b", "")],
            [new("a", "1"), new("b", "2")], [new("a", "2"), new("b", "1")], [new("a", "1b2")],
        ];
        Assert.Equal(lists.Length, lists.Select(ContentHash.Key).Distinct().Count());
    }

    [Fact]
    public void A_name_that_occurs_twice_is_an_error() =>
        Assert.Throws<ArgumentException>(() => ContentHash.Key([new("a", "1"), new("a", "1")]));
}
