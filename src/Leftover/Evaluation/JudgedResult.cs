namespace Leftover.Evaluation;

/// <summary>Two policies' replies to the same prompts, compared by a judge that read each pair in both orders.</summary>
/// <param name="A">One policy.</param>
/// <param name="B">The other.</param>
/// <param name="Judge">The judge's name.</param>
/// <param name="Wins">Pairs in which a's reply is better, in either order.</param>
/// <param name="Ties">Pairs without a winner; those of <paramref name="ByOrder"/> are among them.</param>
/// <param name="Losses">Pairs in which b's reply is better.</param>
/// <param name="ByOrder">Pairs in which the order decided: with the two swapped the judge said otherwise.</param>
/// <param name="Without">Pairs without a verdict; they are in none of the other counts.</param>
/// <param name="WinRate">The share of pairs that a wins, a tie being half a win, as a mean over prompts with its interval; null where fewer than two prompts have a verdict.</param>
public sealed record JudgedResult(string A, string B, string Judge, int Wins, int Ties, int Losses, int ByOrder, int Without, Estimate? WinRate);
