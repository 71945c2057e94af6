namespace Leftover.Tensors;

/// <summary>Thrown where the shapes of an operation's operands do not fit; the message gives the shapes whole.</summary>
public sealed class ShapeException(string message) : ArgumentException(message);
