using Leftover.Runs;

namespace Leftover.Tests.Runs;

public sealed class StageCacheTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("leftover-cache").FullName;
    private readonly StageCache _cache;

    public StageCacheTests() => _cache = new StageCache(_root);

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private static void Make(string folder) => File.WriteAllText(Path.Combine(folder, "result.txt"), "result");

    private static void Fail(string folder) => throw new InvalidOperationException("must not be made");

    [Fact]
    public void A_result_is_made_once()
    {
        Assert.Null(_cache.Find("reference", "abc"));
        string folder = _cache.GetOrCreate("reference", "abc", Make);
        Assert.Equal(Path.Combine(_root, "reference", "abc"), folder);
        Assert.Equal("result", File.ReadAllText(Path.Combine(folder, "result.txt")));
        Assert.Equal(folder, _cache.GetOrCreate("reference", "abc", Fail));
        Assert.Equal(folder, _cache.Find("reference", "abc"));
        Assert.Null(_cache.Find("reference", "abd"));
        Assert.Equal([folder], Directory.EnumerateFileSystemEntries(Path.Combine(_root, "reference")));
    }

    [Fact]
    public void A_changed_input_has_another_address()
    {
        Dictionary<string, string> inputs = new() { ["model"] = "m1", ["rows"] = "r1" };
        string folder = _cache.GetOrCreate("value", inputs, Make);
        Assert.Equal(folder, _cache.Find("value", new Dictionary<string, string> { ["rows"] = "r1", ["model"] = "m1" }));
        Assert.Null(_cache.Find("value", new Dictionary<string, string> { ["rows"] = "r2", ["model"] = "m1" }));
    }

    [Theory]
    [InlineData("manifest.json")]
    [InlineData("result.txt")]
    public void A_result_with_a_file_missing_or_cut_is_made_again(string file)
    {
        string folder = _cache.GetOrCreate("value", "k", Make);
        File.WriteAllText(Path.Combine(folder, file), "{");
        Assert.Null(_cache.Find("value", "k"));
        Assert.Equal("result", File.ReadAllText(Path.Combine(_cache.GetOrCreate("value", "k", Make), "result.txt")));

        File.Delete(Path.Combine(folder, file));
        Assert.Null(_cache.Find("value", "k"));
        Assert.Equal(folder, _cache.GetOrCreate("value", "k", Make));
        Assert.Equal(folder, _cache.Find("value", "k"));
    }

    [Fact]
    public void A_making_that_fails_leaves_nothing()
    {
        Assert.Throws<InvalidOperationException>(() => _cache.GetOrCreate("value", "k", folder =>
        {
            Make(folder);
            throw new InvalidOperationException();
        }));
        Assert.DoesNotContain(Directory.EnumerateDirectories(Path.Combine(_root, "value")), e => !e.EndsWith(".lock", StringComparison.Ordinal));
        Assert.Null(_cache.Find("value", "k"));
    }

    [Fact]
    public void An_interrupted_making_can_go_on()
    {
        Assert.Throws<OperationCanceledException>(() => _cache.GetOrCreate("sft", "k", folder =>
        {
            File.WriteAllText(Path.Combine(folder, "checkpoint"), "step 3");
            throw new OperationCanceledException();
        }, keepPartial: true));
        Assert.Null(_cache.Find("sft", "k"));

        string seen = "";
        string result = _cache.GetOrCreate("sft", "k", folder => seen = File.ReadAllText(Path.Combine(folder, "checkpoint")), keepPartial: true);
        Assert.Equal("step 3", seen);
        Assert.Equal(result, _cache.Find("sft", "k"));
    }

    [Fact]
    public void A_result_that_was_moved_is_refused_loudly()
    {
        string folder = _cache.GetOrCreate("value", "k1", Make);
        Directory.Move(folder, Path.Combine(_root, "value", "k2"));
        string message = Assert.Throws<IOException>(() => _cache.Find("value", "k2")).Message;
        Assert.Contains("its manifest is that of value/k1", message);
        Assert.Contains("Delete the folder, then run again.", message);
    }

    [Fact]
    public void A_result_of_other_inputs_is_refused_loudly()
    {
        Dictionary<string, string> inputs = new() { ["model"] = "m1", ["rows"] = "r1" };
        string folder = _cache.GetOrCreate("value", inputs, Make);
        string manifest = Path.Combine(folder, Manifest.FileName);
        File.WriteAllText(manifest, File.ReadAllText(manifest).Replace("\"m1\"", "\"m0\"", StringComparison.Ordinal));
        string message = Assert.Throws<IOException>(() => _cache.Find("value", inputs)).Message;
        Assert.Contains("model: cached with m0, wanted with m1", message);
        Assert.DoesNotContain("rows:", message);
    }

    [Fact]
    public void Two_runs_do_not_make_one_result_at_once()
    {
        _cache.GetOrCreate("value", "k", folder =>
        {
            Assert.Contains("in use by another run", Assert.Throws<IOException>(() => new StageCache(_root).GetOrCreate("value", "k", Fail)).Message);
            Make(folder);
        });
        Assert.NotNull(_cache.Find("value", "k"));
    }

    [Theory]
    [InlineData("..", "k")]
    [InlineData("a/b", "k")]
    [InlineData("value", "")]
    public void An_address_cannot_leave_the_cache(string stage, string key) => Assert.Throws<ArgumentException>(() => _cache.Find(stage, key));
}
