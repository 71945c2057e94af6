using Leftover.Generation;
using Leftover.Tensors;

namespace Leftover.Tests.Generation;

public class TokenDrawTests
{
    [Theory]
    [InlineData(1), InlineData(7), InlineData(1024), InlineData(5000)]
    public void A_point_falls_on_the_token_that_holds_its_part_of_the_mass(int vocabulary)
    {
        // Every third token has no mass; the others 1, 2, 3 or 4 parts.
        float[] shares = [.. Enumerable.Range(0, vocabulary).Select(id => vocabulary > 1 && id % 3 == 1 ? 0f : id % 4 + 1)];
        double total = shares.Sum(share => (double)share), before = 0;
        int[] some = [.. Enumerable.Range(0, vocabulary).Where(id => id % 2 == 0)];
        for (int id = 0; id < vocabulary; id++)
        {
            if (shares[id] == 0) continue;
            Assert.Equal(id, TokenDraw.FromAll(shares, (before + 0.5) / total));
            before += shares[id];
        }
        double ofSome = some.Sum(id => (double)shares[id]);
        before = 0;
        foreach (int id in some)
        {
            if (shares[id] == 0) continue;
            Assert.Equal(id, TokenDraw.FromSome(shares, some, (before + 0.5) / ofSome));
            before += shares[id];
        }
    }

    [Fact]
    public void Points_at_the_ends_fall_on_the_first_and_the_last_token_with_mass()
    {
        float[] shares = [0, 0, 0.1f, 0.3f, 0, 0.2f, 0];
        Assert.Equal(2, TokenDraw.FromAll(shares, 0));
        Assert.Equal(5, TokenDraw.FromAll(shares, 1 - 1e-16));
        Assert.Equal(2, TokenDraw.FromSome(shares, [1, 2, 5], 0));
        Assert.Equal(5, TokenDraw.FromSome(shares, [1, 2, 5, 6], 1 - 1e-16));
    }
}
