namespace Leftover.Evaluation.Statistics;

/// <summary>One comparison of two players.</summary>
/// <param name="First">The place of one.</param>
/// <param name="Second">The place of the other.</param>
/// <param name="Score">What the first won: 1, 0, or ½ of a tie.</param>
public readonly record struct Game(int First, int Second, double Score);

/// <summary>Strengths by which P(i beats j) = σ(s_i − s_j), of maximum likelihood (Bradley &amp; Terry 1952); a tie is half a win for each.</summary>
/// <param name="Strengths">In nats, their mean 0.</param>
/// <param name="LogLikelihood">Σ over games of score·ln P + (1 − score)·ln(1 − P).</param>
public sealed record BradleyTerry(double[] Strengths, double LogLikelihood)
{
    /// <summary>Elo points a nat: 400 points are a factor of ten in the odds.</summary>
    public static double EloPointsPerNat { get; } = 400 / Math.Log(10);

    /// <summary>The strengths in Elo points.</summary>
    /// <param name="mean">The mean of all players.</param>
    public double[] EloPoints(double mean = 1000) => Array.ConvertAll(Strengths, x => mean + EloPointsPerNat * x);

    /// <summary>The probability that one beats another.</summary>
    public double WinProbability(int player, int other) => Sigmoid(Strengths[player] - Strengths[other]);

    /// <summary>Fits strengths.</summary>
    /// <param name="players">How many players there are; at least 2.</param>
    /// <param name="games">In any order.</param>
    /// <exception cref="ArgumentException">
    /// A game names a player who is not there, or a score outside [0, 1]; or some group of players never lost a point to the rest, so that no strength is large enough.
    /// </exception>
    public static BradleyTerry Fit(int players, IReadOnlyList<Game> games)
    {
        double[,] scores = Scores(players, games);
        CheckMaximum(scores, players);

        // Newton's steps with the last strength held at 0; the log-likelihood is concave, and a step that lowers it is halved.
        double[] strengths = new double[players];
        double likelihood = LikelihoodOf(scores, strengths);
        for (int round = 0; round < 100; round++)
        {
            double[] step = NewtonStep(scores, strengths);
            double scale = 1, next;
            double[] tried;
            do
            {
                tried = [.. strengths.Zip(step, (x, y) => x + scale * y)];
                next = LikelihoodOf(scores, tried);
                scale /= 2;
            }
            while (next < likelihood && scale > 1e-12);
            if (!(next > likelihood)) break;
            (strengths, likelihood) = (tried, next);
        }
        double mean = Descriptive.MeanOf(strengths);
        return new BradleyTerry(Array.ConvertAll(strengths, x => x - mean), likelihood);
    }

    /// <summary>[i, j]: what i won from j.</summary>
    /// <exception cref="ArgumentException">A game names a player who is not there, or a score outside [0, 1].</exception>
    public static double[,] Scores(int players, IReadOnlyList<Game> games)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(players, 2);
        double[,] scores = new double[players, players];
        foreach (Game game in games)
        {
            Elo.Check(game, players);
            scores[game.First, game.Second] += game.Score;
            scores[game.Second, game.First] += 1 - game.Score;
        }
        return scores;
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    private static double LikelihoodOf(double[,] scores, double[] strengths)
    {
        double sum = 0;
        for (int i = 0; i < strengths.Length; i++)
            for (int j = 0; j < strengths.Length; j++)
                if (scores[i, j] > 0) sum -= scores[i, j] * SoftPlus(strengths[j] - strengths[i]);
        return sum;
    }

    private static double SoftPlus(double x) => Math.Max(x, 0) + NearZero.LogOnePlus(Math.Exp(-Math.Abs(x)));

    // Gradient g_i = Σ_j (score_ij − n_ij·P_ij); −Hessian: H_ii = Σ_j n_ij·P_ij·P_ji, H_ij = −n_ij·P_ij·P_ji. Solved for all but the last player.
    private static double[] NewtonStep(double[,] scores, double[] strengths)
    {
        int free = strengths.Length - 1;
        double[,] matrix = new double[free, free];
        double[] gradient = new double[free];
        for (int i = 0; i < free; i++)
            for (int j = 0; j < strengths.Length; j++)
            {
                double games = scores[i, j] + scores[j, i];
                if (i == j || games == 0) continue;
                double win = Sigmoid(strengths[i] - strengths[j]), weight = games * win * (1 - win);
                gradient[i] += scores[i, j] - games * win;
                matrix[i, i] += weight;
                if (j < free) matrix[i, j] -= weight;
            }
        var solution = MathNet.Numerics.LinearAlgebra.Matrix<double>.Build.DenseOfArray(matrix)
            .Solve(MathNet.Numerics.LinearAlgebra.Vector<double>.Build.Dense(gradient));
        return [.. solution, 0];
    }

    /// <summary>The maximum exists where everyone has won a point from everyone, if by way of others (Ford 1957).</summary>
    private static void CheckMaximum(double[,] scores, int players)
    {
        for (int start = 0; start < players; start++)
        {
            bool[] reached = new bool[players];
            Stack<int> open = new([start]);
            reached[start] = true;
            while (open.TryPop(out int i))
                for (int j = 0; j < players; j++)
                    if (!reached[j] && scores[i, j] > 0)
                    {
                        reached[j] = true;
                        open.Push(j);
                    }
            int missing = Array.IndexOf(reached, false);
            if (missing >= 0)
                throw new ArgumentException($"Player {start} has won no point from player {missing}, not by way of others either: there is no strength of maximum likelihood. Play more games, or leave one of them out.");
        }
    }
}
