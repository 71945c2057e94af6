using Leftover.Tests.Golden;

namespace Leftover.Tests;

public class RepositoryTests
{
    [Fact]
    public void The_repository_root_is_found_from_the_source_file() =>
        Assert.True(File.Exists(Path.Combine(SharedData.Repository(), "Leftover.slnx")));
}
