using Leftover.Batches;

namespace Leftover.Training;

/// <summary>Where the rows of a training's steps come from.</summary>
public interface IStepSource
{
    /// <summary>The rows of a step's updates of the weights, one after another; each is asked for after the one before was made.</summary>
    /// <param name="step">Its number, from 1.</param>
    IEnumerable<IReadOnlyList<TrainingRow>> Updates(int step);

    /// <summary>What was measured of the last step's rows, by the names of metrics.</summary>
    IReadOnlyDictionary<string, double> Figures { get; }

    /// <summary>Seconds that the last step took for what is not the update of the weights, by what it was.</summary>
    IReadOnlyDictionary<string, double> Seconds { get; }

    /// <summary>Floating-point operations that the last step's rows took to make; 0 for rows that were there already.</summary>
    double Operations => 0;

    /// <summary>What the steps so far left behind for later ones; a checkpoint holds it.</summary>
    IReadOnlyDictionary<string, double> Memory { get; set; }
}

/// <summary>Steps of one update, on rows that are there already.</summary>
/// <param name="rowsOfStep">The rows of a step, given its number from 1; the same each time it is asked.</param>
public sealed class LoggedSteps(Func<int, IReadOnlyList<TrainingRow>> rowsOfStep) : IStepSource
{
    private static readonly Dictionary<string, double> s_none = [];

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, double> Figures => s_none;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, double> Seconds => s_none;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, double> Memory { get; set; } = s_none;

    /// <inheritdoc/>
    public IEnumerable<IReadOnlyList<TrainingRow>> Updates(int step) => [rowsOfStep(step)];
}
