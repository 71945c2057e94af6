using Leftover.Advantages;
using Leftover.Algorithms;
using Leftover.Batches;
using Leftover.Data;
using Leftover.Evaluation;
using Leftover.Models;
using Leftover.Runs;
using Leftover.Training;

namespace Leftover.Pipeline;

/// <summary>A run from data to report, stage after stage; each stage is computed when first asked for, out of the cache where it can.</summary>
/// <remarks>A verb of the command line asks for the stage it names; <c>run</c> asks for the report, and so for all.</remarks>
/// <param name="context">The recipe and where things lie.</param>
/// <param name="data">The examples in place of those of the recipe's files; null reads these.</param>
public sealed class RunPipeline(RunContext context, DataReport? data = null) : IDisposable
{
    private const string SftLabel = "sft";

    private RewardStage? _rewards;
    private readonly Dictionary<string, TrainedPolicy> _trained = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, MemoryPlan> _memory = new(StringComparer.Ordinal);

    /// <summary>The recipe and where things lie.</summary>
    public RunContext Context => context;

    /// <summary>What memory each training needs, by the method's label or <c>sft</c>; of those that were planned so far.</summary>
    public IReadOnlyDictionary<string, MemoryPlan> Memory => _memory;

    private Recipe Recipe => context.Recipe;

    /// <summary>The examples, checked.</summary>
    public DataReport Data => field ??= data ?? ExampleReader.Read(Recipe.Data with { Texts = [.. RewardStage.TextsOf(Recipe).Union(JudgeStage.TextsOf(Recipe))] });

    /// <summary>Tokenizer and template.</summary>
    public TextCoding Coding => field ??= ModelStage.Coding(context, () => Data.Train.Examples);

    /// <summary>The model before any training.</summary>
    public PolicySource Base => field ??= ModelStage.Base(context, Coding);

    /// <summary>The train set in token ids.</summary>
    public TokenizedSet Train => field ??= Tokenize("Train", Data.Train.Examples);

    /// <summary>The validation set in token ids: its prompts estimate the reference's value and choose checkpoints.</summary>
    public TokenizedSet Validation => field ??= Tokenize("Validation", Data.Validation.Examples);

    /// <summary>The held-out set in token ids.</summary>
    public TokenizedSet HeldOut => field ??= Tokenize("Held-out", Data.HeldOut.Examples);

    /// <summary>π_ref: the model named, or the base after supervised fine-tuning.</summary>
    public PolicySource Reference => field ??= Recipe.Model.Reference is { } path ? PolicySource.Of(path) : Recipe.Sft.Enabled ? FineTune() : Base;

    /// <summary>The train set's rewards.</summary>
    public RewardStage Rewards => _rewards ??= RewardStage.Fit(context, Data.Train.Examples, [.. Data.HeldOut.Examples, .. Data.Validation.Examples]);

    /// <summary>ln π_ref of the train set, and the prompts' states where the value head wants them.</summary>
    internal ReferenceStage ReferencePass => field ??= new ReferenceStage(context, Reference, Train);

    /// <summary>ln π_ref of each completion token of each training row, in nats; [T] a row.</summary>
    public IReadOnlyList<float[]> ReferenceLogProbs => ReferencePass.LogProbs;

    /// <summary>V(x) of each training row's prompt.</summary>
    public ValueResult Values => field ??= new ValueStage(this).Run();

    /// <summary>Every training row's advantage, as a method judges it.</summary>
    public AdvantageTable Advantages(Algorithm algorithm, TrainingOptions options) =>
        AdvantageTable.Create(ScoredRows(), Values.OfRows, algorithm.Credit, new AdvantageOptions { Threshold = options.AdvantageThreshold });

    /// <summary>The methods of the recipe, each with its algorithm.</summary>
    public IReadOnlyList<(Method Method, string Label, Algorithm Algorithm)> Methods => field ??= [.. Recipe.Methods.Select(method =>
    {
        Algorithm algorithm = method.Algorithm.Bind<Algorithm>();
        return (method, method.Label ?? method.Algorithm["name"]!, algorithm);
    })];

    /// <summary>Keeps what memory a training was found to need.</summary>
    internal void Remember(string label, MemoryPlan plan) => _memory[label] = plan;

    /// <summary>Trains a method's policy, or takes it where it is done.</summary>
    public TrainedPolicy TrainMethod(Method method, string label, Algorithm algorithm) =>
        _trained.TryGetValue(label, out TrainedPolicy? trained) ? trained : _trained[label] = TrainMethod(method, label, algorithm, context.PathOf("methods", label));

    /// <summary>Trains a method's policy into a folder of its own, or takes it where it is done there.</summary>
    internal TrainedPolicy TrainMethod(Method method, string label, Algorithm algorithm, string folder) =>
        new TrainingStage(context).Run(algorithm is OnlineAlgorithm online ? new OnlineStage(this, method, label, online).Job(folder) : OfflineJob(method, label, algorithm, folder));

    private TrainingJob OfflineJob(Method method, string label, Algorithm algorithm, string folder)
    {
        TrainingOptions options = method.Training;
        long seed = options.Seed ?? Recipe.Seed;
        AdvantageTable table = Advantages(algorithm, options);
        table.EnsureTrainable();
        float[][]? logProbs = algorithm.UsesReference ? ReferencePass.LogProbs : null;
        TrainingRow[] rows = [.. Train.Rows.Select((row, i) => row with
        {
            Reward = (float)table.Rows[i].Scored.Reward,
            Advantage = (float)table.Rows[i].Advantage,
            Weight = (float)Data.Train.Examples[i].Weight,
            ReferenceTokenLogProbs = logProbs?[i],
        })];
        int stepSize = StepPlan.SampledTogether(options);
        int? evalSteps = null;
        StepPlan steps;
        string told;
        if (algorithm.Grouping is { } grouping)
        {
            if (options.Sampling != SamplingStrategy.Uniform) throw new DataException($"{label}: training.sampling is {ConfigSchema.Name(options.Sampling)}; a method that compares answers draws its groups uniformly. Leave it uniform.");
            var stage = new GroupStage(this, label);
            IReadOnlyList<IReadOnlyList<TrainingRow>> groups = stage.Make(grouping, rows);
            if (algorithm.ReadsPads) groups = stage.Padded(groups);
            string unit = grouping switch { Grouping.Pairs => "pairs", Grouping.Rankings => "ranked lists", _ => "answers" };
            steps = StepPlan.Of(SamplingPlan.Passes(groups.Count, stepSize, seed), groups, options, unit);
            if (algorithm.NeedsWholeStep) stage.EnsureWholeSteps(steps, options);
            rows = [.. groups.SelectMany(group => group)];
            told = $"{groups.Count} {unit} of {table.Summary.Rows} rows";
        }
        else
        {
            SamplingPlan plan = SamplingPlan.For(table, new SamplingOptions { Strategy = options.Sampling, PriorityExponent = options.PriorityExponent, CorrectForPriority = options.CorrectForPriority }, stepSize, seed);
            if (options.ScaleStepsByKept && options.EvalSteps > 0 && options.Validations == 0) evalSteps = plan.Scaled(options.EvalSteps);
            rows = [.. rows.Select((row, i) => row with { Weight = (float)(Data.Train.Examples[i].Weight * plan.WeightOf(i)) })];
            steps = StepPlan.Of(plan, rows, options);
            told = $"{table.Summary.Kept} of {table.Summary.Rows} rows kept";
        }
        context.Observer.Say($"{label}: {told}, {steps.Steps} steps of {steps.StepText}.");
        evalSteps ??= options.EvalStepsOf(steps.Steps);
        table.SaveJsonLines(System.IO.Path.Combine(Directory.CreateDirectory(folder).FullName, "advantages.jsonl"));
        return new TrainingJob
        {
            Title = $"Training {label}",
            Folder = folder,
            Fingerprint = RunContext.Key(
                ("reference", Reference.Hash), ("coding", Coding.Hash), ("algorithm", method.Algorithm.ToJson().ToJsonString()), ("rows", HashOf(rows)),
                ("plan", $"{options.Sampling} {stepSize} {steps.Steps} {evalSteps} {seed}"), ("options", OptionsThatMatter(options)), ("dtype", context.ComputeType.ToString()), ("validation", ValidationHash(options))),
            Start = Reference,
            Coding = Coding,
            Algorithm = algorithm,
            Options = options,
            Section = "training",
            Steps = steps.Steps,
            Source = _ => new LoggedSteps(steps.RowsOf),
            LargestSteps = steps.All,
            Planned = memory => _memory[label] = memory,
            EvalSteps = evalSteps.Value,
            NameOfExample = NameOfExample,
            Validate = Validator(label, options),
        };
    }

    /// <summary>Trains every method, measures all policies on the held-out prompts and writes the report.</summary>
    public RunResults Run() => ReportStage.Write(this);

    /// <summary>Refuses, before anything is computed, what would not fit into memory: plans every training over one pass of the rows.</summary>
    /// <param name="withMethods">False where fine-tuning alone is wanted.</param>
    /// <exception cref="DataException">A training does not fit; the message tells what would.</exception>
    public void CheckMemory(bool withMethods)
    {
        bool fineTunes = Recipe.Model.Reference is null && Recipe.Sft.Enabled;
        if (fineTunes)
        {
            TrainingOptions options = Recipe.Sft.ToTraining();
            _memory[SftLabel] = new MemoryStage(context, SftLabel, Base.Config(), new NegativeLogLikelihood(), OnePass(FineTuningRows(), options)).Plan(options);
        }
        if (!withMethods) return;
        ModelConfig config = Recipe.Model.Reference is { } path ? PolicySource.Of(path).Config() : Base.Config();
        foreach ((Method method, string label, Algorithm algorithm) in Methods)
            _memory[label] = algorithm is OnlineAlgorithm online
                ? new OnlineStage(this, method, label, online).PlanMemory(config)
                : new MemoryStage(context, "training", config, algorithm, algorithm.Grouping is { } grouping ? GroupStage.OnePass(grouping, Train, method.Training, Recipe.Seed, algorithm.ReadsPads) : OnePass([.. Train.Rows], method.Training)).Plan(method.Training);

        IEnumerable<IReadOnlyList<TrainingRow>> OnePass(TrainingRow[] rows, TrainingOptions options) =>
            PassesOver(rows, options with { Steps = null, TotalTokens = null, Epochs = Math.Min(options.Epochs, 1) }).All;
    }

    /// <summary>Ends the programs and connections of rewards.</summary>
    public void Dispose() => _rewards?.Dispose();

    /// <summary>Rows with their combined rewards, as the advantages need them.</summary>
    internal ScoredRow[] ScoredRows() =>
    [
        .. Data.Train.Examples.Select((example, i) => new ScoredRow(example.Id, example.File, example.Line, Train.PromptOf[i], Rewards.Totals[i])
        {
            Source = example.Source,
            Weight = example.Weight,
            IsWorse = example.SftTarget == false,
        }),
    ];

    private TokenizedSet Tokenize(string name, IReadOnlyList<Example> examples)
    {
        TokenizedSet set = TokenizedSet.Of(examples, Coding, Recipe.Truncation, Base.ContextLength());
        string cut = set.PromptsCut + set.CompletionsCut == 0 ? "" : $"; {set.PromptsCut} prompts cut on the {Recipe.Truncation.Side.ToString().ToLowerInvariant()}, {set.CompletionsCut} completions cut";
        if (cut.Length > 0 && Recipe.Truncation.Strict)
            throw new DataException($"{name}: {set.PromptsCut} prompts and {set.CompletionsCut} completions are longer than truncation allows (max_prompt_tokens {Recipe.Truncation.MaxPromptTokens}, max_completion_tokens {Recipe.Truncation.MaxCompletionTokens}). Raise the limits, or leave out --strict to cut them.");
        context.Observer.Say($"{name}: {examples.Count} rows, {set.Prompts.Count} prompts, {set.Tokens} tokens{cut}.");
        return set;
    }

    private PolicySource FineTune()
    {
        SftOptions sft = Recipe.Sft;
        TrainingRow[] rows = FineTuningRows();
        StepPlan steps = PassesOver(rows, sft.ToTraining());
        string key = RunContext.Key(("base", Base.Hash), ("coding", Coding.Hash), ("rows", HashOf(rows)), ("options", $"{sft with { GradientCheckpointing = GradientCheckpointing.Auto }} {steps.Steps}"), ("dtype", context.ComputeType.ToString()), ("seed", Recipe.Seed.ToString()));
        string folder = context.Cache.GetOrCreate("sft", key, target => _ = new TrainingStage(context).Run(new TrainingJob
        {
            Title = "Supervised fine-tuning",
            Folder = target,
            Fingerprint = key,
            Start = Base,
            Coding = Coding,
            Algorithm = new NegativeLogLikelihood(),
            Options = sft.ToTraining(),
            Section = SftLabel,
            Steps = steps.Steps,
            Source = _ => new LoggedSteps(steps.RowsOf),
            LargestSteps = steps.All,
            Planned = memory => _memory[SftLabel] = memory,
            NameOfExample = NameOfExample,
        }), keepPartial: true);
        return PolicySource.Of(System.IO.Path.Combine(folder, "model"));
    }

    // Rows of weight 0 cost nothing: they are no part of any step.
    private TrainingRow[] FineTuningRows()
    {
        TrainingRow[] rows = [.. Train.Rows.Where((row, i) => row.Weight != 0 && (!Recipe.Sft.TargetsOnly || Data.Train.Examples[i].SftTarget != false))];
        return rows.Length > 0 ? rows : throw new DataException($"None of the {Train.Rows.Count} rows can be fine-tuned on: each has weight 0, or its data calls another answer better. Check the 'weight' column, or set sft.targets_only: false.");
    }

    private StepPlan PassesOver(TrainingRow[] rows, TrainingOptions options) =>
        StepPlan.Of(SamplingPlan.Passes(rows.Length, StepPlan.SampledTogether(options), Recipe.Seed), rows, options);

    internal string NameOfExample(int example) => $"{Data.Train.Examples[example].Id} ({Data.Train.Examples[example].File}:{Data.Train.Examples[example].Line})";

    internal Func<LanguageModel, int, ValidationReport>? Validator(string label, TrainingOptions options) =>
        Validates(options) ? new ValidationStage(this, label).Score : null;

    private bool Validates(TrainingOptions options) => options.KeepBest && options.EvalStepsOf(1) > 0 && Data.Validation.Examples.Count > 0;

    internal string ValidationHash(TrainingOptions options) =>
        Validates(options) ? HashOf(Validation.Rows) + Rewards.Hash + $"{Recipe.Generation} {Recipe.Evaluation.MaxValidationPrompts}" : "";

    internal static string OptionsThatMatter(TrainingOptions options) =>
        (options with { GradientCheckpointing = GradientCheckpointing.Auto, SaveSteps = 0, SaveTotalLimit = 0, LoggingSteps = 1, Resume = true }).ToString();

    internal static string HashOf(IReadOnlyList<TrainingRow> rows)
    {
        var hash = new RowHash();
        foreach (TrainingRow row in rows)
        {
            hash.Add<int>(row.Prompt).Add<int>(row.Completion).Add<float>([row.Reward, row.Advantage, row.Weight]);
            if (row.Group != TrainingRow.Alone) hash.Add<int>(row.IsBest ? [row.Group, -1] : [row.Group]);
            if (row.ReferenceTokenLogProbs is { } reference) hash.Add<float>(reference);
        }
        return hash.End();
    }
}
