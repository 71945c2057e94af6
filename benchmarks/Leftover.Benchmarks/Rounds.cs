namespace Leftover.Benchmarks;

/// <summary>One measurement.</summary>
/// <param name="Value">In the unit of what is measured.</param>
/// <param name="Others">The share of the machine that other processes took meanwhile; in [0, 1].</param>
internal readonly record struct Sample(double Value, double Others)
{
    /// <summary>Above this share of the machine in others' hands a sample counts as disturbed.</summary>
    public const double MostOthers = 0.05;

    /// <summary>Whether others took so much of the machine that the value says little.</summary>
    public bool Disturbed => Others > MostOthers;
}

/// <summary>Measures contenders in turns, round by round, so that what slows one slows the others.</summary>
internal static class Rounds
{
    private static readonly TimeSpan s_countable = TimeSpan.FromSeconds(0.5);        // the system counts in hundredths of a second: less is too short to tell who took how much

    /// <summary>A sample of each contender in each round.</summary>
    /// <param name="rounds">How many.</param>
    /// <param name="contenders">Each measures itself once and returns the value.</param>
    /// <returns>Contender by contender, its rounds.</returns>
    public static Sample[][] Run(int rounds, params Func<double>[] contenders)
    {
        Sample[][] samples = [.. contenders.Select(_ => new Sample[rounds])];
        List<(int Contender, int Round)> shortOnes = [];
        OtherProcesses all = OtherProcesses.Watch();
        for (int round = 0; round < rounds; round++)
        {
            for (int i = 0; i < contenders.Length; i++)
            {
                OtherProcesses watch = OtherProcesses.Watch();
                double value = contenders[i]();
                samples[i][round] = new Sample(value, watch.Share);
                if (watch.Elapsed < s_countable) shortOnes.Add((i, round));
            }
        }
        double meanwhile = all.Share;
        foreach ((int i, int round) in shortOnes) samples[i][round] = samples[i][round] with { Others = meanwhile };
        return samples;
    }

    /// <summary>Samples made of two contenders' of the same rounds.</summary>
    public static Sample[] Combine(Sample[] a, Sample[] b, Func<double, double, double> value) =>
        [.. a.Zip(b, (x, y) => new Sample(value(x.Value, y.Value), Math.Max(x.Others, y.Others)))];

    /// <summary>The samples with each value changed.</summary>
    public static Sample[] Select(Sample[] samples, Func<double, double> value) => [.. samples.Select(sample => sample with { Value = value(sample.Value) })];
}
