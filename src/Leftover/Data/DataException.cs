namespace Leftover.Data;

/// <summary>Thrown where a file given by the user cannot be read as what it should be; the message names the file, the place in it, what was found, what was needed and the next step.</summary>
public sealed class DataException : Exception
{
    /// <summary>An error with its full message.</summary>
    public DataException(string message) : base(message) { }

    /// <summary>An error with its full message and what caused it.</summary>
    public DataException(string message, Exception inner) : base(message, inner) { }
}
