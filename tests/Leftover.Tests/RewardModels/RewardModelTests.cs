using System.Text.Json;
using System.Text.Json.Nodes;
using Leftover.Models.Classification;
using Leftover.Pipeline;
using Leftover.Rewards;
using Leftover.Runs;
using Leftover.Tensors.Safetensors;
using Leftover.Tests.CommandLine;

namespace Leftover.Tests.RewardModels;

/// <summary>Small trainings through the command line: each task learns its rule, tells how well, and its folder scores text again.</summary>
public sealed class RewardModelTests : IDisposable
{
    private readonly RewardModelFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Pairs_teach_to_score_the_chosen_answer_higher()
    {
        JsonElement report = Trained("pairs.jsonl");
        Assert.Equal(("preference", "accuracy"), (report.GetProperty("task").GetString(), report.GetProperty("main_metric").GetString()));
        Assert.True(Metric(report, 0, "accuracy") > 0.9);
        Assert.Equal(["reward model", "length only", "bag of words"], report.GetProperty("predictors").EnumerateArray().Select(one => one.GetProperty("name").GetString()));
        Assert.True(Metric(report, 2, "accuracy") > 0.9, "the words tell good answers from bad ones");
        Assert.True(Metric(report, 1, "accuracy") < 0.9, "their length does not");

        double[] scores = new ClassifierReward { Model = _folder.PathOf("out", "model") }.Score([Input(RewardModelFolder.Prompt(3), RewardModelFolder.Good(3)), Input(RewardModelFolder.Prompt(3), RewardModelFolder.Bad(3))]);
        Assert.True(scores[0] > scores[1]);
    }

    [Fact]
    public void Labelled_texts_teach_classes_and_texts_are_then_read_without_a_prompt()
    {
        JsonElement report = Trained("labels.jsonl");
        Assert.Equal(["curt", "polite"], report.GetProperty("labels").EnumerateArray().Select(label => label.GetString()));
        Assert.True(Metric(report, 0, "auc") > 0.9);
        Assert.True(Metric(report, 0, "mcc") > 0.8);

        string model = _folder.PathOf("out", "model");
        RewardInput[] rows = [Input("Where is it?", RewardModelFolder.Good(2)), Input("", RewardModelFolder.Good(2)), Input("", RewardModelFolder.Bad(2))];
        double[] polite = new ClassifierReward { Model = model }.Score(rows), curt = new ClassifierReward { Model = model, Label = "curt" }.Score(rows);
        Assert.Equal(polite[0], polite[1]);                       // the answer alone, as it was trained
        Assert.True(polite[1] > 0.5 && polite[2] < 0.5);
        for (int i = 0; i < rows.Length; i++) Assert.Equal(1, polite[i] + curt[i], 5);
        Assert.Equal(polite, new ClassifierReward { Model = model, Label = "1" }.Score(rows));
        double[] logits = new ClassifierReward { Model = model, Label = "1", Output = ClassifierOutput.Logit }.Score(rows), other = new ClassifierReward { Model = model, Label = "0", Output = ClassifierOutput.Logit }.Score(rows);
        for (int i = 0; i < rows.Length; i++) Assert.Equal(polite[i], 1 / (1 + Math.Exp(other[i] - logits[i])), 5);
    }

    [Fact]
    public void Scored_texts_teach_values_in_their_own_unit()
    {
        JsonElement report = Trained("scores.jsonl");
        Assert.True(Metric(report, 0, "pearson") > 0.9);
        Assert.True(Metric(report, 0, "rmse") < 4, "of a spread of 10");
        double[] scores = new ClassifierReward { Model = _folder.PathOf("out", "model") }.Score([Input(RewardModelFolder.Prompt(6), RewardModelFolder.Good(6)), Input(RewardModelFolder.Prompt(7), RewardModelFolder.Bad(7))]);
        Assert.InRange(scores[0], 124, 136);
        Assert.InRange(scores[1], 104, 116);
    }

    [Fact]
    public void The_folder_is_one_that_hugging_face_and_sentence_transformers_read()
    {
        Trained("pairs.jsonl", steps: 2);
        JsonObject config = (JsonObject)JsonNode.Parse(File.ReadAllText(_folder.PathOf("out", "model", "config.json")))!;
        Assert.Equal(("BertModel", "mean", "reward"), (config["architectures"]![0]!.ToString(), config["classifier_pooling"]!.ToString(), config["id2label"]!["0"]!.ToString()));
        using var model = SafetensorsFile.Open(_folder.PathOf("out", "model", "model.safetensors"));
        using var dense = SafetensorsFile.Open(_folder.PathOf("out", "model", "2_Dense", "model.safetensors"));
        Assert.Equal(model.ReadValues<float>("classifier.weight"), dense.ReadValues<float>("linear.weight"));
        Assert.Equal(model.ReadValues<float>("classifier.bias"), dense.ReadValues<float>("linear.bias"));
        foreach (string file in (string[])["tokenizer.json", "modules.json", "1_Pooling/config.json", "2_Dense/config.json", "README.md", "reliability.svg", "reward_model.json"])
            Assert.True(File.Exists(_folder.PathOf("out", "model", file)), file);

        // Of the first token it is the family's own class.
        CliRun.Of([.. _folder.Flags("pairs.jsonl", "first", steps: 2), "reward_model.pooling=first"]).Worked();
        config = (JsonObject)JsonNode.Parse(File.ReadAllText(_folder.PathOf("first", "model", "config.json")))!;
        Assert.Equal(("BertForSequenceClassification", null), (config["architectures"]![0]!.ToString(), config["classifier_pooling"]));
        using SequenceClassifier again = SequenceClassifier.Load(_folder.PathOf("first", "model"));
        Assert.Equal((1, Pooling.First), (again.Labels, again.Pooling));
    }

    [Fact]
    public void A_training_that_is_stopped_and_continued_ends_with_the_same_bytes()
    {
        Run("whole", CancellationToken.None);
        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => Run("parts", stop.Token, new StoppingObserver(stop, afterSteps: 3)));
        Assert.True(Directory.Exists(_folder.PathOf("parts", "checkpoints", "checkpoint-3")));
        Run("parts", CancellationToken.None);
        foreach (string file in (string[])["model/model.safetensors", "metrics.jsonl", "held_out.json", "held_out.jsonl"])
            Assert.Equal(File.ReadAllBytes(_folder.PathOf("whole", file)), File.ReadAllBytes(_folder.PathOf("parts", file)));

        DateTime written = File.GetLastWriteTimeUtc(_folder.PathOf("whole", "model", "model.safetensors"));
        Run("whole", CancellationToken.None);                  // done already
        Assert.Equal(written, File.GetLastWriteTimeUtc(_folder.PathOf("whole", "model", "model.safetensors")));
    }

    public static TheoryData<string> BadInput() => [.. s_bad.Keys];

    [Theory, MemberData(nameof(BadInput))]
    public void Bad_input_is_refused_with_its_place_and_what_was_needed(string name)
    {
        (Action<RewardModelFolder> spoil, string data, string[] more, string[] says) = s_bad[name];
        spoil(_folder);
        CliRun run = CliRun.Of([.. _folder.Flags(data, steps: 1), .. more]);
        Assert.Equal(1, run.Code);
        foreach (string part in says) Assert.Contains(part, run.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.PathOf("out", "run.json")));
    }

    private static readonly Dictionary<string, (Action<RewardModelFolder> Spoil, string Data, string[] More, string[] Says)> s_bad = new()
    {
        ["equal answers"] = (f => f.Append("pairs.jsonl", """{"prompt": "x", "chosen": "same", "rejected": "same"}"""), "pairs.jsonl", [], ["pairs.jsonl(41)", "the two answers of the pair are equal: \"same\"", "--skip-invalid"]),
        ["a label that is missing"] = (f => f.Append("labels.jsonl", """{"text": "Well."}"""), "labels.jsonl", [], ["labels.jsonl(41)", "there is no 'label'", "data.columns"]),
        ["a label of no class"] = (_ => { }, "labels.jsonl", ["reward_model.labels=[polite, curt, rude]"], ["names rude, of which the train set has no row", "polite"]),
        ["one class"] = (f => f.Write("labels.jsonl", i => new JsonObject { ["text"] = $"text {i}", ["label"] = "same" }), "labels.jsonl", [], ["All rows are of one class, 'same'"]),
        ["a score that is missing"] = (_ => { }, "labels.jsonl", ["reward_model.task=regression"], ["there is no reward; regression needs one a row", "rows cannot be used"]),
        ["texts that are no pairs"] = (_ => { }, "scores.jsonl", ["reward_model.task=preference"], ["there is one answer; a preference needs two"]),
        ["a margin without scores"] = (_ => { }, "pairs.jsonl", ["reward_model.margin=true"], ["the answers have no scores of their own", "chosen_score"]),
        ["nothing to learn"] = (f => f.Write("plain.jsonl", i => new JsonObject { ["text"] = $"text {i}" }), "plain.jsonl", [], ["nothing that a reward model could learn"]),
        ["more tokens than the model's context"] = (_ => { }, "pairs.jsonl", ["truncation.max_tokens=500"], ["A text may have 500 tokens", "the model's context is 64 tokens"]),
        ["a setting of other trainings"] = (_ => { }, "pairs.jsonl", ["training.batch_tokens=64"], ["training.batch_tokens is set", "Leave it out"]),
        ["targets that are no probabilities"] = (_ => { }, "scores.jsonl", ["reward_model.loss=cross_entropy"], ["it must lie in [0, 1]"]),
    };

    [Fact]
    public void A_classifier_of_other_labels_is_refused_as_a_start()
    {
        Trained("labels.jsonl", steps: 1);
        CliRun run = CliRun.Of(["reward-model", "--model", _folder.PathOf("out", "model"), "--data", _folder.PathOf("pairs.jsonl"), "--output", _folder.PathOf("second"), "--max_length", "48"]);
        Assert.Equal(1, run.Code);
        Assert.Contains("holds a head of 2 labels", run.Error, StringComparison.Ordinal);
        Assert.Contains("this training needs 1", run.Error, StringComparison.Ordinal);
    }

    private JsonElement Trained(string data, int steps = 60) => CliRun.Of(_folder.Flags(data, steps: steps)).Worked().Json.GetProperty("report");

    private static double Metric(JsonElement report, int predictor, string metric) => report.GetProperty("predictors")[predictor].GetProperty("metrics").GetProperty(metric).GetProperty("mean").GetDouble();

    private static RewardInput Input(string prompt, string completion) => new(prompt, completion, new Dictionary<string, double>());

    private void Run(string output, CancellationToken cancellation, IRunObserver? observer = null)
    {
        Recipe recipe = RewardModelStage.WithHoldOut(RecipeLoader.Parse($$"""
            model: model
            data: {train: pairs.jsonl}
            truncation: {max_tokens: 48, side: left}
            training: {steps: 7, batch_size: 8, learning_rate: 1.0e-2, save_steps: 2}
            output: {{output}}
            cache: cache
            """, _folder.Root));
        new RewardModelStage(new RunPipeline(new RunContext { Recipe = recipe, Cancellation = cancellation, Observer = observer ?? SilentObserver.Instance })).Run();
    }

    private sealed class StoppingObserver(CancellationTokenSource stop, int afterSteps) : IRunObserver, IWorkProgress
    {
        private string _title = "";
        private int _steps;

        public IWorkProgress Begin(string title, long total, string unit)
        {
            _title = title;
            return this;
        }

        public void Advance(long amount, long tokens = 0, string? note = null)
        {
            if (!_title.StartsWith("Training", StringComparison.Ordinal) || amount == 0 || ++_steps < afterSteps) return;
            stop.Cancel();
        }

        public void Say(string line) { }

        public void Warn(string line) { }

        public void Dispose() { }
    }
}
