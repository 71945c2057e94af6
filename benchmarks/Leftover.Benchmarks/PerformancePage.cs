namespace Leftover.Benchmarks;

internal static class PerformancePage
{
    public static int Run(string[] args) => throw new InvalidOperationException($"{args.Length}");
}
