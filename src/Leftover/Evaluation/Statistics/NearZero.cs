namespace Leftover.Evaluation.Statistics;

/// <summary>e^x − 1 and ln(1 + x) without the loss of digits near 0 (Kahan); the framework's own subtract, and MathNet's are off by 1e-9.</summary>
internal static class NearZero
{
    /// <summary>e^x − 1: what rounding did to e^x it did to its logarithm too, so it cancels in the quotient.</summary>
    public static double ExpMinusOne(double x)
    {
        double power = Math.Exp(x);
        if (power == 1) return x;
        double difference = power - 1;
        return difference == -1 || double.IsPositiveInfinity(power) ? difference : difference * x / Math.Log(power);
    }

    /// <summary>ln(1 + x), by the same cancellation.</summary>
    public static double LogOnePlus(double x)
    {
        double sum = 1 + x;
        return sum == 1 ? x : sum == 0 ? double.NegativeInfinity : Math.Log(sum) * x / (sum - 1);
    }
}
