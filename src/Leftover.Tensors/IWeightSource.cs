namespace Leftover.Tensors;

/// <summary>Weights by name, whatever the files hold them in: values come out as float32, row-major.</summary>
public interface IWeightSource
{
    /// <summary>Every tensor's name.</summary>
    IEnumerable<string> Names { get; }

    /// <summary>Whether there is a tensor of this name.</summary>
    bool Contains(string name);

    /// <summary>A tensor's sizes, the slowest dimension first; empty for a single number.</summary>
    /// <exception cref="InvalidDataException">There is no such tensor.</exception>
    long[] ShapeOf(string name);

    /// <summary>Writes a tensor's values, converted to float32.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="destination">Room for the product of <see cref="ShapeOf"/>.</param>
    /// <exception cref="InvalidDataException">There is no such tensor, its type cannot be read as numbers, or the file was cut.</exception>
    unsafe void Read(string name, float* destination);
}
