using System.Text.Json.Serialization;

namespace Leftover.Benchmarks;

/// <summary>One line of a result: our figure, the floor that no program can pass, and a peer's figure. Values are medians over rounds.</summary>
internal sealed record BenchmarkLine
{
    private const int FewestQuiet = 3;

    /// <summary>What was measured.</summary>
    public required string Name { get; init; }

    /// <summary>The unit of ours, floor and peer.</summary>
    public required string Unit { get; init; }

    /// <summary><c>more</c> or <c>less</c>: which is better.</summary>
    public required string Better { get; init; }

    /// <summary>Our figure.</summary>
    public required double Ours { get; init; }

    /// <summary>The least of the rounds used.</summary>
    public required double Min { get; init; }

    /// <summary>The most of the rounds used.</summary>
    public required double Max { get; init; }

    /// <summary>What the machine allows at best.</summary>
    public double? Floor { get; init; }

    /// <summary>How much of the machine's best is reached: 1 is all.</summary>
    public double? ShareOfFloor { get; init; }

    /// <summary>Whom we are compared with.</summary>
    public string? Peer { get; init; }

    /// <summary>The peer's figure.</summary>
    public double? PeerValue { get; init; }

    /// <summary>Ours over the peer's.</summary>
    public double? Ratio { get; init; }

    /// <summary>Rounds that were run.</summary>
    public int Rounds { get; init; } = 1;

    /// <summary>Rounds left out because other processes computed meanwhile.</summary>
    public int Dropped { get; init; }

    /// <summary>True where too few rounds were quiet, so that disturbed ones are among those used.</summary>
    public bool Disturbed { get; init; }

    /// <summary>The mean share of the machine that other processes took in the rounds used.</summary>
    public double Others { get; init; }

    /// <summary>What else there is to know.</summary>
    public string? Note { get; init; }

    /// <summary>True where more is better.</summary>
    [JsonIgnore]
    public bool MoreIsBetter => Better == "more";

    /// <summary>A line out of samples of the same rounds; shares and ratios are medians of the rounds' own.</summary>
    public static BenchmarkLine Of(string name, string unit, bool moreIsBetter, Sample[] ours, Sample[]? floor = null, (string Name, Sample[] Values)? peer = null, string? note = null)
    {
        Sample[]?[] involved = [ours, floor, peer?.Values];
        int[] all = [.. Enumerable.Range(0, ours.Length)];
        int[] quiet = [.. all.Where(round => involved.All(samples => samples is null || !samples[round].Disturbed))];
        int[] used = quiet.Length >= Math.Min(FewestQuiet, ours.Length) ? quiet : all;
        double Median(Func<int, double> value) => Measure.Median(used.Select(value));
        return new BenchmarkLine
        {
            Name = name,
            Unit = unit,
            Better = moreIsBetter ? "more" : "less",
            Ours = Median(round => ours[round].Value),
            Min = used.Min(round => ours[round].Value),
            Max = used.Max(round => ours[round].Value),
            Floor = floor is null ? null : Median(round => floor[round].Value),
            ShareOfFloor = floor is null ? null : Median(round => moreIsBetter ? ours[round].Value / floor[round].Value : floor[round].Value / ours[round].Value),
            Peer = peer?.Name,
            PeerValue = peer is { } values ? Median(round => values.Values[round].Value) : null,
            Ratio = peer is { } theirs ? Median(round => ours[round].Value / theirs.Values[round].Value) : null,
            Rounds = ours.Length,
            Dropped = ours.Length - used.Length,
            Disturbed = used.Length > quiet.Length,
            Others = used.Average(round => involved.Max(samples => samples?[round].Others ?? 0)),
            Note = note,
        };
    }

    /// <summary>A line of something that is counted once and not timed.</summary>
    public static BenchmarkLine Counted(string name, string unit, bool moreIsBetter, double ours, double? floor = null, string? note = null) => new()
    {
        Name = name,
        Unit = unit,
        Better = moreIsBetter ? "more" : "less",
        Ours = ours,
        Min = ours,
        Max = ours,
        Floor = floor,
        ShareOfFloor = floor is { } best ? moreIsBetter ? ours / best : best / ours : null,
        Note = note,
    };
}
