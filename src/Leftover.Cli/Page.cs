using Spectre.Console;

namespace Leftover.Cli;

/// <summary>Where a verb shows its result to a person.</summary>
/// <param name="console">Draws tables, to the width there is.</param>
/// <param name="writer">Takes lines as they are: a path is never broken.</param>
internal sealed class Page(IAnsiConsole console, TextWriter writer)
{
    /// <summary>Writes a line.</summary>
    public void Line(string text = "") => writer.WriteLine(text);

    /// <summary>Draws a table.</summary>
    public void Table(Table table) => console.Write(table);
}
