using System.Globalization;
using System.Text.Json;
using Leftover.Algorithms;
using Leftover.Runs;

namespace Leftover.Pipeline.Comparison;

/// <summary>Gives each method the same to spend.</summary>
/// <remarks>
/// Minutes become steps: each method's speed is measured once, by two short trainings of different lengths, and the number of steps stands in the run
/// folder from then on; a clock that decided while training would give another result each time.
/// </remarks>
internal sealed class CellBudget(RunPipeline pipeline)
{
    private const int ProbeShort = 4, ProbeLong = 12;

    private readonly RunContext _context = pipeline.Context;
    private readonly ComparisonOptions _options = pipeline.Context.Recipe.Compare;

    /// <summary>The budget in words.</summary>
    public string Text => _options.Budget switch
    {
        { Tokens: { } tokens } => string.Create(CultureInfo.InvariantCulture, $"{tokens:N0} input tokens of training each"),
        { Minutes: { } minutes } => string.Create(CultureInfo.InvariantCulture, $"{minutes:0.##} minutes of training each, made into steps by each method's speed, measured once"),
        { Steps: { } steps } => string.Create(CultureInfo.InvariantCulture, $"{steps:N0} steps of training each"),
        _ => "what the recipe's training section says, for each",
    };

    /// <summary>A method within the budget.</summary>
    public Method Of(Method method, string label, Algorithm algorithm)
    {
        TrainingOptions own = method.Training with { Validations = _options.Validations > 0 ? _options.Validations : method.Training.Validations };
        own = _options.Budget switch
        {
            { Tokens: { } tokens } => own with { Steps = null, TotalTokens = tokens },
            { Minutes: { } minutes } => own with { Steps = StepsOf(minutes, method, label, algorithm), TotalTokens = null, ScaleStepsByKept = false },
            { Steps: { } steps } => own with { Steps = steps, TotalTokens = null, ScaleStepsByKept = false },
            _ => own,
        };
        return method with { Training = own };
    }

    private int StepsOf(double minutes, Method method, string label, Algorithm algorithm)
    {
        string path = _context.PathOf("cells", "budget.json"), name = $"{label} {RunContext.Key(("minutes", $"{minutes}"), ("method", RecipeWriter.ToJson(method).ToJsonString()), ("start", pipeline.Reference.Hash))}";
        SortedDictionary<string, int> known = File.Exists(path) ? JsonSerializer.Deserialize<SortedDictionary<string, int>>(File.ReadAllText(path))! : [];
        if (known.TryGetValue(name, out int steps)) return steps;

        double seconds = (Probe(ProbeLong) - Probe(ProbeShort)) / (ProbeLong - ProbeShort);
        known[name] = steps = (int)Math.Clamp(60 * minutes / Math.Max(seconds, 1e-6), 1, int.MaxValue);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        AtomicFile.WriteAllText(path, JsonSerializer.Serialize(known) + "\n");
        _context.Observer.Say(string.Create(CultureInfo.InvariantCulture, $"{label}: {steps} steps in {minutes:0.##} minutes, {seconds:0.###} s a step."));
        return steps;

        double Probe(int length)
        {
            string folder = _context.PathOf("cells", "probe");
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
            long began = _context.Clock.GetTimestamp();
            pipeline.TrainMethod(method with { Training = method.Training with { Steps = length, TotalTokens = null, ScaleStepsByKept = false, EvalSteps = 0, Validations = 0, SaveSteps = 0 } }, $"{label}, {length} steps to time", algorithm, folder);
            double elapsed = _context.Clock.GetElapsedTime(began).TotalSeconds;
            Directory.Delete(folder, recursive: true);
            return elapsed;
        }
    }
}
