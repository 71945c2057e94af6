namespace Leftover.Evaluation.Statistics;

/// <summary>Elo ratings, game by game: the first moves by k·(score − expected), the second by as much the other way. They depend on the order of the games.</summary>
public static class Elo
{
    /// <summary>The ratings after the last game.</summary>
    /// <param name="players">How many players there are.</param>
    /// <param name="games">In the order they were played.</param>
    /// <param name="k">The most points a game moves. Default 32.</param>
    /// <param name="start">Everyone's rating before the first game. Default 1000.</param>
    /// <exception cref="ArgumentException">A game names a player who is not there, or a score outside [0, 1].</exception>
    public static double[] Sequential(int players, IReadOnlyList<Game> games, double k = 32, double start = 1000)
    {
        double[] ratings = new double[players];
        Array.Fill(ratings, start);
        foreach (Game game in games)
        {
            Check(game, players);
            double expected = 1 / (1 + Math.Pow(10, (ratings[game.Second] - ratings[game.First]) / 400));
            double points = k * (game.Score - expected);
            ratings[game.First] += points;
            ratings[game.Second] -= points;
        }
        return ratings;
    }

    internal static void Check(Game game, int players)
    {
        if (game.First < 0 || game.First >= players || game.Second < 0 || game.Second >= players || game.First == game.Second)
            throw new ArgumentException($"A game is of players {game.First} and {game.Second}; it needs two of the {players}, from 0.");
        if (game.Score is not (>= 0 and <= 1)) throw new ArgumentException($"A game's score is {game.Score}; it must lie in [0, 1].");
    }
}
