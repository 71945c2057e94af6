namespace Leftover.Data;

/// <summary>What is wrong with one row; its reader adds the file and the line.</summary>
internal sealed class RowException(string message) : Exception(message);
