namespace Leftover.Evaluation.Statistics;

/// <summary>An estimate and the interval around it.</summary>
/// <param name="Estimate">The estimate itself.</param>
/// <param name="Low">The lower end.</param>
/// <param name="High">The upper end.</param>
/// <param name="Confidence">The share of such intervals that hold the true value, in (0, 1).</param>
public readonly record struct Interval(double Estimate, double Low, double High, double Confidence);
