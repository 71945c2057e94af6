using System.ComponentModel.DataAnnotations;
using Leftover.Runs;

namespace Leftover.Data;

/// <summary>The share of a file that is held out: rows whose number leaves the remainder <see cref="Remainder"/> when divided by <see cref="Modulo"/>.</summary>
public sealed record HoldOut
{
    /// <summary>One row in so many is held out; ≥ 2. Default 5.</summary>
    [Range(2, int.MaxValue)]
    public int Modulo { get; init; } = 5;

    /// <summary>The remainder of the rows held out; in [0, modulo). Default: modulo − 1. In a recipe: <c>equals</c>.</summary>
    [Range(0, int.MaxValue), RecipeKey("equals")]
    public int? Remainder { get; init; }

    /// <summary>What is numbered. Default: the file's lines, from 0.</summary>
    public HoldOutBy By { get; init; } = HoldOutBy.Line;
}

/// <summary>What a held-out share counts.</summary>
public enum HoldOutBy
{
    /// <summary>The file's lines, or a CSV file's records after the header, from 0.</summary>
    Line,

    /// <summary>A hash of the prompt, so that all rows of a prompt fall on one side.</summary>
    Prompt,
}
