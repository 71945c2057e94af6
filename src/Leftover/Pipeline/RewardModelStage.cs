using System.Text.Json;
using System.Text.Json.Nodes;
using Leftover.Advantages;
using Leftover.Data;
using Leftover.Evaluation;
using Leftover.Models;
using Leftover.Models.Classification;
using Leftover.Reporting;
using Leftover.Reporting.Charts;
using Leftover.RewardModels;
using Leftover.Runs;
using Leftover.Tensors.Safetensors;
using Leftover.Training;

namespace Leftover.Pipeline;

/// <summary>Trains a reward model from labelled texts, scored texts or pairs, measures it on held-out rows beside two baselines, and saves it.</summary>
public sealed class RewardModelStage
{
    private const string Title = "Training the reward model", DoneFile = "training.json";

    private readonly RunPipeline _pipeline;
    private readonly RewardTask _task;
    private readonly IReadOnlyList<string> _classes;
    private readonly TextForm _form;
    private readonly List<RewardItem> _train, _heldOut;
    private readonly string _modelPath;

    /// <summary>Reads and checks all that can be checked before a model is loaded.</summary>
    /// <param name="pipeline">The run; its recipe comes from <see cref="WithHoldOut"/>.</param>
    /// <exception cref="DataException">The rows do not fit the task, or the recipe asks for what this training does not do.</exception>
    public RewardModelStage(RunPipeline pipeline)
    {
        _pipeline = pipeline;
        CheckOptions();
        _modelPath = Recipe.Model.Path ?? throw new DataException("The recipe names no model to start from; give model.path (--model), the folder of an encoder or a causal model.");
        IReadOnlyList<Example> train = pipeline.Data.Train.Examples, heldOut = pipeline.Data.HeldOut.Examples;
        _task = RewardItems.TaskOf(train, Options.Task);
        _classes = _task == RewardTask.Classification ? RewardItems.LabelsOf(train, Options.Labels) : [];
        _form = new TextForm
        {
            Template = train.All(row => row.Prompt.Count == 0) ? TextForm.AnswerAlone : pipeline.Coding.Template.Name,
            MaxTokens = Recipe.Truncation.MaxTokens,
            Side = (Tokenization.TruncationSide)Recipe.Truncation.Side,
        };
        int context;
        using (Checkpoint checkpoint = Checkpoint.Open(_modelPath)) context = ClassifierFolder.ConfigOf(checkpoint, []).ContextLength;
        var encoder = new TextEncoder(pipeline.Coding.Tokenizer, _form, context);
        List<DataProblem> problems = [];
        _train = RewardItems.Of(train, _task, Options, _classes, Encode, Recipe.Data.SkipInvalid, problems);
        _heldOut = RewardItems.Of(heldOut, _task, Options, _classes, Encode, Recipe.Data.SkipInvalid, problems);
        foreach (DataProblem problem in problems.Take(5)) Context.Observer.Warn($"{problem} The row was left out.");
        if (problems.Count > 5) Context.Observer.Warn($"… and {problems.Count - 5} more such rows.");
        if (_train.Count < 2) throw new DataException($"There {(_train.Count == 1 ? "is one item" : "are no items")} to learn from; name more rows under data.train.");
        if (_heldOut.Select(item => item.Example.Group).Distinct().Take(2).Count() < 2)
            throw new DataException($"There are {_heldOut.Count} held-out items of fewer than two prompts; the model is measured on prompts that it was not trained on. Hold out a share of the rows (data.hold_out) or name files under data.held_out.");
        string unit = _task == RewardTask.Preference ? "pairs" : "texts";
        Context.Observer.Say($"Reward model: {_task.ToString().ToLowerInvariant()} on {_train.Count} {unit}, {_heldOut.Count} held out{(encoder.Cut > 0 ? $"; {encoder.Cut} texts cut on the {Recipe.Truncation.Side.ToString().ToLowerInvariant()}" : "")}.");

        int[] Encode(Example row) => row.CompletionIds is { } ids ? [.. row.PromptIds ?? [], .. ids] : encoder.Encode(row.PromptText, row.Completion);
    }

    private RunContext Context => _pipeline.Context;

    private Recipe Recipe => Context.Recipe;

    private RewardModelOptions Options => Recipe.RewardModel;

    /// <summary>The recipe with a fifth of the prompts held out where it holds out none itself.</summary>
    public static Recipe WithHoldOut(Recipe recipe) =>
        recipe.Data.HoldOut is not null || recipe.Data.HeldOut.Count > 0 || recipe.Data.Train.Any(source => source.HoldOut is not null) ? recipe
            : recipe with { Data = recipe.Data with { HoldOut = new HoldOut { By = HoldOutBy.Prompt } } };

    /// <summary>Hashes of what goes in, for <c>run.json</c>.</summary>
    public IReadOnlyDictionary<string, string> Inputs => field ??= new Dictionary<string, string> { ["base_model"] = PolicySource.Of(_modelPath).Hash, ["tokenizer_and_template"] = _pipeline.Coding.Hash, ["items"] = ItemsHash() };

    /// <summary>Where the model goes.</summary>
    public string ModelFolderPath => Context.PathOf("model");

    /// <summary>Trains, measures and saves; what is done already is taken as it is.</summary>
    /// <exception cref="DataException">The model does not fit the task.</exception>
    public RewardModelReport Run()
    {
        SamplingPlan plan = SamplingPlan.Passes(_train.Count, Recipe.Training.BatchSize * Recipe.Training.GradientAccumulation, Recipe.Seed);
        int steps = Recipe.Training.Steps ?? plan.StepsFor(Recipe.Training.Epochs);
        string fingerprint = RunContext.Key([.. Inputs.Select(input => (input.Key, input.Value)), ("options", $"{Options with { Labels = [] }} {string.Join('\n', _classes)}"), ("text", _form.ToString()),
            ("training", $"{Recipe.Training with { SaveSteps = 0, SaveTotalLimit = 0, LoggingSteps = 1, Resume = true }} {steps} {Recipe.Seed}"), ("dtype", Context.ComputeType.ToString())]);
        if (Recipe.Training.Resume && Done(fingerprint) is { } report)
        {
            Context.Observer.Say($"{Title}: already done ({steps} steps).");
            return report;
        }

        using SequenceClassifier model = SequenceClassifier.LoadForTraining(_modelPath, _task == RewardTask.Classification ? _classes.Count : 1, Options.Pooling, Recipe.Seed);
        model.ComputeType = Context.ComputeType;
        model.CheckVocabulary(_pipeline.Coding.Tokenizer);
        foreach (string note in model.Notes) Context.Observer.Say(note);
        RewardObjective objective = _task switch
        {
            RewardTask.Preference => new PreferenceObjective(Options.Margin, Options.Centering),
            RewardTask.Classification => new ClassificationObjective(_classes),
            _ => RegressionObjective.Of(Options.Loss, [.. _train.Select(item => item.Target)], model.Head.OutputBias is not null),
        };
        objective.Begin(model.Head);
        Train(model, objective, plan, steps, fingerprint);
        objective.Finish(model.Head);
        report = Measure(model, objective);
        Save(model, report, fingerprint);
        return report;
    }

    private void Train(SequenceClassifier model, RewardObjective objective, SamplingPlan plan, int steps, string fingerprint)
    {
        TrainingOptions options = Recipe.Training;
        using var log = new MetricsLog(Recipe.Output, Recipe.ReportTo, Context.Clock);
        new RewardModelTraining
        {
            Title = Title,
            Model = model,
            Objective = objective,
            Items = _train,
            Plan = plan,
            Steps = steps,
            Settings = TrainingStage.SettingsOf(options, steps) with { Checkpoint = options.GradientCheckpointing == GradientCheckpointing.True },
            Checkpoints = new CheckpointFolder(Context.PathOf("checkpoints"), fingerprint, options.SaveTotalLimit),
            Fingerprint = fingerprint,
            SaveSteps = options.SaveSteps,
            LoggingSteps = options.LoggingSteps,
            Resume = options.Resume,
        }.Run(log, Context.Observer, Context.Cancellation);
    }

    private RewardModelReport Measure(SequenceClassifier model, RewardObjective objective)
    {
        int[][] texts = [.. _heldOut.SelectMany(item => item.Texts)];
        float[][] logits;
        using (IWorkProgress progress = Context.Observer.Begin("Held-out rows", texts.Length, "texts"))
            logits = TextPass.Logits(model, texts, (count, tokens) => progress.Advance(count, tokens), Context.Cancellation);
        int at = 0;
        double[][] predictions = [.. _heldOut.Select(item => objective.Predict([.. item.Texts.Select(_ => logits[at++])]))];
        WritePredictions(predictions);
        Context.Observer.Say("Fitting the baselines: length only, and a bag of words.");
        return RewardModelReport.Of(objective, _train.Count, _heldOut, predictions, Baselines.Of(objective, _train, _heldOut), Recipe.Seed);
    }

    private void Save(SequenceClassifier model, RewardModelReport report, string fingerprint)
    {
        model.ConfigJson = ClassifierFolder.ConfigJson(model, report.Labels, isRegression: _task != RewardTask.Classification);
        if (_pipeline.Coding.Tokenizer.Pad is { } pad && model.ConfigJson["pad_token_id"] is null) model.ConfigJson["pad_token_id"] = pad;
        JsonNode held = JsonSerializer.SerializeToNode(report, RunResults.Json)!;
        string chart = ChartSvg.Document(ReliabilityChart.Of(report)), name = Recipe.Name ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(Recipe.Output));
        ModelFolder.Save(model, ModelFolderPath, _pipeline.Coding.Tokenizer, ElementType.F32, folder =>
        {
            var description = new JsonObject { ["format"] = 1, ["task"] = report.Task, ["loss"] = _task == RewardTask.Regression ? ConfigSchema.Name(Options.Loss) : null, ["text"] = _form.ToJson(), ["held_out"] = held.DeepClone() };
            File.WriteAllText(Path.Combine(folder, TextForm.FileName), RecipeWriter.Indented(description) + "\n");
            File.WriteAllText(Path.Combine(folder, "README.md"), RewardModelCard.Text(name, Path.GetFileName(Path.TrimEndingDirectorySeparator(_modelPath)), report));
            File.WriteAllText(Path.Combine(folder, "reliability.svg"), chart);
            SentenceEncoderFiles.Write(model, folder);
        });
        AtomicFile.WriteAllText(Context.PathOf("held_out.json"), RecipeWriter.Indented((JsonObject)held) + "\n");
        AtomicFile.WriteAllText(Context.PathOf("reliability.svg"), chart);
        AtomicFile.WriteAllText(Context.PathOf(DoneFile), JsonSerializer.Serialize(new DoneRecord(fingerprint)) + "\n");
        if (Directory.Exists(Context.PathOf("checkpoints"))) Directory.Delete(Context.PathOf("checkpoints"), recursive: true);
    }

    private void WritePredictions(double[][] predictions) =>
        AtomicFile.WriteAllText(Context.PathOf("held_out.jsonl"), string.Concat(_heldOut.Select((item, i) => JsonSerializer.Serialize(
            new { item.Example.Id, item.Example.File, item.Example.Line, item.Example.Label, Target = _task == RewardTask.Regression ? item.Target : (double?)null, Predictions = predictions[i] }, s_line) + "\n")));

    private static readonly JsonSerializerOptions s_line = new(RunResults.Json) { WriteIndented = false };

    private RewardModelReport? Done(string fingerprint)
    {
        string done = Context.PathOf(DoneFile), report = Context.PathOf("held_out.json");
        if (!File.Exists(done) || !File.Exists(report) || !File.Exists(Path.Combine(ModelFolderPath, "config.json"))) return null;
        try
        {
            return JsonSerializer.Deserialize<DoneRecord>(File.ReadAllText(done))?.Fingerprint == fingerprint ? JsonSerializer.Deserialize<RewardModelReport>(File.ReadAllText(report), RunResults.Json) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // What the loop of policies does and this one does not is refused, not passed over.
    private void CheckOptions()
    {
        TrainingOptions training = Recipe.Training, usual = new();
        string? not = training.BatchTokens is not null ? "batch_tokens" : training.Sampling != usual.Sampling ? "sampling" : training.EvalSteps != 0 ? "eval_steps" : training.AdvantageThreshold != 0 ? "advantage_threshold"
            : training.ScaleStepsByKept ? "scale_steps_by_kept" : training.AccumulationReduction != usual.AccumulationReduction ? "accumulation_reduction" : null;
        if (not is not null) throw new DataException($"training.{not} is set; a reward model is trained in shuffled passes over its rows, without it. Leave it out.");
    }

    private string ItemsHash()
    {
        var hash = new RowHash();
        foreach (RewardItem item in _train.Concat(_heldOut))
        {
            foreach (int[] ids in item.Texts) hash.Add<int>(ids);
            hash.Add<double>([item.Label, item.Target, item.Margin, item.Weight]);
        }
        return hash.End();
    }

    private sealed record DoneRecord(string Fingerprint);
}
