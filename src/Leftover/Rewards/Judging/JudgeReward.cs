using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Leftover.Runs;

namespace Leftover.Rewards.Judging;

/// <summary>Scores by a language model behind an OpenAI-compatible endpoint, which reads a rubric with the row in it.</summary>
/// <remarks>
/// Also the settings of <c>evaluation.judge</c>, which compares answers in pairs; <see cref="Min"/>, <see cref="Max"/> and <see cref="Missing"/> do not count there.
/// Answers are kept by the rubric, the row, the endpoint and the model: nothing is asked twice. Limits and the budget hold for one run.
/// </remarks>
public sealed partial record JudgeReward() : RewardSource("judge")
{
    private const double LongestTimeout = 86_400;       // seconds

    /// <summary>The endpoint's address, without <c>/chat/completions</c>: <c>http://localhost:8080/v1</c>.</summary>
    public required string Endpoint { get; init; }

    /// <summary>The model's name there.</summary>
    public required string Model { get; init; }

    /// <summary>The name of the environment variable that holds the key; the key itself is written nowhere. Default: none is sent.</summary>
    public string? ApiKeyEnv { get; init; }

    /// <summary>A file with what the judge is asked, in which <c>{prompt}</c>, <c>{completion}</c>, <c>{min}</c>, <c>{max}</c> and columns of text such as <c>{reference}</c> stand for the row's; for pairs <c>{a}</c> and <c>{b}</c> in place of the completion. Default: a rubric for helpful and correct replies.</summary>
    [RecipePath]
    public string? Rubric { get; init; }

    /// <summary>The least score; below <see cref="Max"/>. Default 1.</summary>
    public double Min { get; init; } = 1;

    /// <summary>The greatest score. Default 10.</summary>
    public double Max { get; init; } = 10;

    /// <summary>The score of rows to which the judge twice answered without a verdict; in [min, max]. Default: such rows are an error, once all others are scored.</summary>
    public double? Missing { get; init; }

    /// <summary>Tokens of an answer, at most; ≥ 1. Default 512.</summary>
    public int MaxReplyTokens { get; init; } = 512;

    /// <summary>More keys of the request, as the endpoint knows them: <c>{seed: 1}</c>; one that is null is left out of it: <c>{max_tokens: null, max_completion_tokens: 512}</c>. Default none.</summary>
    public JsonObject? Request { get; init; }

    /// <summary>Seconds to wait for an answer, at most; > 0. Default 120.</summary>
    public double Timeout { get; init; } = 120;

    /// <summary>How often a request is sent again after 408, 409, 425, 429, any 5xx, a time-out, a broken connection or an answer that cannot be read; ≥ 0. Default 6.</summary>
    public int Retries { get; init; } = 6;

    /// <summary>Requests under way at once, at most; in [1, 256]. Default 4.</summary>
    public int Parallel { get; init; } = 4;

    /// <summary>Requests sent in any minute, at most; ≥ 1. Default no limit.</summary>
    public int? RequestsPerMinute { get; init; }

    /// <summary>Tokens of questions and answers in any minute, at most; ≥ 1. Default no limit.</summary>
    public int? TokensPerMinute { get; init; }

    /// <summary>The budget of a run in requests, repeated ones counted; ≥ 1. Default no limit.</summary>
    public int? MaxRequests { get; init; }

    /// <summary>The budget of a run in tokens of questions and answers; ≥ 1. Default no limit.</summary>
    public long? MaxTokens { get; init; }

    /// <summary>The budget of a run in the money of the prices; > 0. Default no limit.</summary>
    public double? MaxCost { get; init; }

    /// <summary>The price of a million tokens of questions; ≥ 0. Default 0.</summary>
    public double InputPrice { get; init; }

    /// <summary>The price of a million tokens of answers; ≥ 0. Default 0.</summary>
    public double OutputPrice { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override RewardRange Range => new(Min, Max);

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool IsCostly => true;

    /// <inheritdoc/>
    [JsonIgnore]
    public override double? MissingScore => Missing;

    /// <inheritdoc/>
    [JsonIgnore]
    public override IReadOnlyList<string> Files => Rubric is null ? [] : [Rubric];

    /// <inheritdoc/>
    [JsonIgnore]
    public override IReadOnlyList<string> ReadColumns => Judging.Rubric.OfScores(this).Columns;

    /// <inheritdoc/>
    protected internal override RewardSource Identity => new JudgeReward
    {
        Endpoint = Endpoint.TrimEnd('/'),
        Model = Model,
        Rubric = Rubric is null ? null : "file",
        Min = Min,
        Max = Max,
        MaxReplyTokens = MaxReplyTokens,
        Request = Request,
    };

    /// <inheritdoc/>
    protected internal override string ScoreVersion => "1";              // of the built-in rubric and of how verdicts are read

    /// <inheritdoc/>
    public override IReadOnlyList<string> Problems()
    {
        List<string> problems = [];
        if (!Uri.TryCreate(Endpoint, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("http" or "https")) problems.Add($"endpoint is '{Endpoint}'; it must be an address such as http://localhost:8080/v1.");
        else if (uri.UserInfo.Length > 0) problems.Add("endpoint holds a name or password, which would be written into run.json; name an environment variable in api_key_env.");
        else if (uri.AbsolutePath.TrimEnd('/').EndsWith("/chat/completions", StringComparison.Ordinal)) problems.Add("endpoint ends with /chat/completions, which is added to it; leave that out.");
        if (string.IsNullOrWhiteSpace(Model)) problems.Add("model is empty; it must be the model's name at the endpoint.");
        // What is there may be a key: it is not shown.
        if (ApiKeyEnv is not null && !VariableName().IsMatch(ApiKeyEnv)) problems.Add("api_key_env is no name of an environment variable (letters, digits and _). A key itself never belongs into a recipe: put it into a variable and name that.");
        if (!(double.IsFinite(Min) && double.IsFinite(Max) && Min < Max)) problems.Add($"min is {Min} and max {Max}; both must be finite, and min the lesser.");
        else if (Missing is { } missing && !(missing >= Min && missing <= Max)) problems.Add($"missing is {missing}; it must lie in [{Min}, {Max}].");
        if (!(Timeout > 0 && Timeout <= LongestTimeout)) problems.Add($"timeout is {Timeout}; it must be above 0 and at most {LongestTimeout} seconds.");
        if (Parallel is < 1 or > 256) problems.Add($"parallel is {Parallel}; it must lie in [1, 256].");
        if (Retries < 0) problems.Add($"retries is {Retries}; it must be at least 0.");
        foreach ((string key, double? value) in new (string, double?)[] { ("max_reply_tokens", MaxReplyTokens), ("requests_per_minute", RequestsPerMinute), ("tokens_per_minute", TokensPerMinute), ("max_requests", MaxRequests), ("max_tokens", MaxTokens) })
            if (value < 1) problems.Add($"{key} is {value}; it must be at least 1.");
        foreach ((string key, double value) in new[] { ("input_price", InputPrice), ("output_price", OutputPrice) })
            if (!(value >= 0 && double.IsFinite(value))) problems.Add($"{key} is {value}; it must be at least 0.");
        if (MaxCost is { } cost && !(cost > 0)) problems.Add($"max_cost is {cost}; it must be above 0.");
        else if (MaxCost is not null && InputPrice == 0 && OutputPrice == 0) problems.Add("max_cost is given without prices; give input_price and output_price, for a million tokens.");
        return problems;
    }

    /// <inheritdoc/>
    protected internal override RewardScorer Open(RewardContext context) => new JudgeScorer(this, Name, new ScoreQuestion(this), context);

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]*$")]
    private static partial Regex VariableName();
}
