using System.ClientModel;
using System.ClientModel.Primitives;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Leftover.Rewards.Text;
using Leftover.Tensors;
using OpenAI;
using OpenAI.Chat;

namespace Leftover.Rewards.Judging;

/// <summary>Asks a judge over HTTP, as often as it takes: within its limits and its budget, and again after failures that may pass.</summary>
/// <remarks>See docs/decisions/0018-programs-and-judges.md for what the package does here and what it does not.</remarks>
internal sealed class JudgeClient : IDisposable
{
    private static readonly TimeSpan s_firstPause = TimeSpan.FromSeconds(1), s_longestPause = TimeSpan.FromMinutes(1), s_longestAsked = TimeSpan.FromMinutes(15);
    private const int LettersPerToken = 3;                                  // on the safe side of what tokenizers do

    private readonly JudgeReward _settings;
    private readonly string _name;
    private readonly RewardContext _context;
    private readonly ChatClient _chat;
    private readonly RequestPace _pace;
    private readonly string? _key;

    /// <summary>Nothing is sent yet.</summary>
    /// <param name="settings">The judge.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="context">Clock, cancellation, seed.</param>
    /// <exception cref="JudgeException">The environment variable of the key is not set.</exception>
    public JudgeClient(JudgeReward settings, string name, RewardContext context)
    {
        (_settings, _name, _context) = (settings, name, context);
        if (settings.ApiKeyEnv is { } variable)
        {
            _key = Environment.GetEnvironmentVariable(variable)?.Trim();
            if (string.IsNullOrEmpty(_key)) throw new JudgeException($"The environment variable {variable}, which is to hold the key of the judge '{name}', is not set. Set it, or leave api_key_env out where the endpoint wants none.");
        }
        var options = new OpenAIClientOptions
        {
            Endpoint = new Uri(settings.Endpoint.TrimEnd('/')),
            RetryPolicy = new ClientRetryPolicy(maxRetries: 0),             // here, with the limits and the budget
            NetworkTimeout = System.Threading.Timeout.InfiniteTimeSpan,     // likewise, by the context's clock
        };
        if (_key is null) options.AddPolicy(new NoKey(), PipelinePosition.BeforeTransport);
        _chat = new ChatClient(settings.Model, new ApiKeyCredential(_key ?? "none"), options);
        _pace = new RequestPace(settings.RequestsPerMinute, settings.TokensPerMinute, context);
        Budget = new JudgeBudget(settings);
    }

    /// <summary>What it has cost.</summary>
    public JudgeBudget Budget { get; }

    /// <summary>The judge's answer.</summary>
    /// <param name="turns">What was said so far, the user's and the judge's turns by turns.</param>
    /// <param name="question">The question's number, which seeds its waiting times.</param>
    /// <param name="stop">Ends waiting before a request; one under way is waited for.</param>
    /// <exception cref="BudgetException">The budget does not hold it.</exception>
    /// <exception cref="JudgeException">The judge cannot be asked, or failed too often.</exception>
    /// <exception cref="QuestionException">The judge refuses this question.</exception>
    public async Task<string> Ask(IReadOnlyList<string> turns, long question, CancellationToken stop)
    {
        BinaryData body = BinaryData.FromString(BodyOf(turns).ToJsonString());
        long input = turns.Sum(turn => turn.Length) / LettersPerToken + 1, output = _settings.MaxReplyTokens;
        var random = new RandomStream(_context.Seed, "judge retries", question);
        for (int attempt = 0; ; attempt++)
        {
            Budget.Reserve(input, output);
            RequestPace.Sent sent;
            try
            {
                sent = await _pace.Enter(input + output, stop);
            }
            catch
            {
                Budget.Settle(input, output, 0, 0);
                throw;
            }
            Attempt result = await Send(body);
            (long usedInput, long usedOutput) = result.Usage ?? (result.Text is { } text ? (input, text.Length / LettersPerToken + 1L) : (0L, 0L));
            Budget.Settle(input, output, usedInput, usedOutput);
            _pace.Settle(sent, result.Text is null ? input : usedInput + usedOutput);
            if (result.Text is { } answer) return answer;

            string fault = $"The judge '{_name}' ({_settings.Model} at {_settings.Endpoint}) {Redacted(result.Fault!)}";
            if (result.IsOfQuestion) throw new QuestionException(fault);
            if (!result.MayPass) throw new JudgeException(fault);
            if (attempt >= _settings.Retries) throw new JudgeException($"{fault} It was asked {attempt + 1} {(attempt == 0 ? "time" : "times")}.");
            if (result.RetryAfter > s_longestAsked) throw new JudgeException($"{fault} It asks for a pause of {result.RetryAfter.Value.TotalSeconds:F0} seconds, and no pause is longer than {s_longestAsked.TotalSeconds:F0}. Run again later.");
            TimeSpan pause = result.RetryAfter ?? s_firstPause * Math.Min(Math.Pow(2, attempt), s_longestPause / s_firstPause) * (0.5 + random.NextDouble() / 2);
            if (result.RetryAfter is { } asked) _pace.PauseFor(asked);
            await _context.Wait(pause, stop);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _pace.Dispose();

    private JsonObject BodyOf(IReadOnlyList<string> turns)
    {
        var body = new JsonObject
        {
            ["model"] = _settings.Model,
            ["messages"] = new JsonArray([.. turns.Select((turn, i) => new JsonObject { ["role"] = i % 2 == 0 ? "user" : "assistant", ["content"] = turn })]),
            ["temperature"] = 0,
            ["max_tokens"] = _settings.MaxReplyTokens,
        };
        foreach ((string key, JsonNode? value) in _settings.Request ?? [])
        {
            if (value is null) body.Remove(key);
            else body[key] = value.DeepClone();
        }
        return body;
    }

    private async Task<Attempt> Send(BinaryData body)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(_settings.Timeout), _context.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _context.Cancellation);
        try
        {
            ClientResult result = await _chat.CompleteChatAsync(BinaryContent.Create(body), new RequestOptions { CancellationToken = either.Token, ErrorOptions = ClientErrorBehaviors.NoThrow });
            return Read(result.GetRawResponse());
        }
        catch (OperationCanceledException) when (!_context.Cancellation.IsCancellationRequested)
        {
            return Attempt.Failed($"has not answered for {_settings.Timeout} seconds.", mayPass: true);
        }
        catch (Exception e) when (e is ClientResultException or HttpRequestException or IOException)
        {
            return Attempt.Failed($"cannot be reached: {e.Message.TrimEnd('.')}. Check endpoint, and that the server runs.", mayPass: true);
        }
    }

    private Attempt Read(PipelineResponse response)
    {
        string content = response.Content.ToString();
        if (response.Status is >= 200 and < 300) return ReadAnswer(content);

        string what = $"answered {response.Status} {response.ReasonPhrase}".TrimEnd() + $": {Excerpt(content)}.";
        bool mayPass = response.Status is 408 or 409 or 425 or 429 or >= 500 && !content.Contains("insufficient_quota", StringComparison.Ordinal);
        return response.Status switch
        {
            401 or 403 => Attempt.Failed($"{what} {(_settings.ApiKeyEnv is { } name ? $"Check the key in {name}." : "Name the environment variable that holds a key in api_key_env.")}", mayPass: false),
            404 => Attempt.Failed($"{what} Check endpoint (it ends before /chat/completions) and model.", mayPass: false),
            400 or 413 or 422 => Attempt.Failed(what, mayPass: false) with { IsOfQuestion = true },
            _ => Attempt.Failed(what, mayPass) with { RetryAfter = mayPass ? RetryAfter(response) : null },
        };
    }

    private static Attempt ReadAnswer(string content)
    {
        try
        {
            JsonNode? json = JsonNode.Parse(content);
            JsonNode? message = json?["choices"]?[0]?["message"]?["content"];
            string? text = message switch
            {
                JsonValue value => value.TryGetValue(out string? plain) ? plain : null,
                JsonArray parts => string.Concat(parts.Select(part => (string?)part?["text"])),
                _ => null,
            };
            (long, long)? usage = json?["usage"] is JsonObject used && used["prompt_tokens"] is JsonValue input && used["completion_tokens"] is JsonValue output ? ((long)input, (long)output) : null;
            if (text is not null) return new Attempt { Text = text, Usage = usage };
            return Attempt.Failed($"answered without a message: {Excerpt(content)}.", mayPass: true) with { Usage = usage };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or ArgumentOutOfRangeException)
        {
            return Attempt.Failed($"answered what is no chat completion: {Excerpt(content)}.", mayPass: true);
        }
    }

    private TimeSpan? RetryAfter(PipelineResponse response)
    {
        if (response.Headers.TryGetValue("retry-after-ms", out string? milliseconds) && double.TryParse(milliseconds, CultureInfo.InvariantCulture, out double ms) && ms is >= 0 and < 1e12) return TimeSpan.FromMilliseconds(ms);
        if (!response.Headers.TryGetValue("Retry-After", out string? after)) return null;
        if (double.TryParse(after, CultureInfo.InvariantCulture, out double seconds)) return seconds is >= 0 and < 1e9 ? TimeSpan.FromSeconds(seconds) : null;
        if (!DateTimeOffset.TryParse(after, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset date)) return null;
        TimeSpan until = date - _context.Clock.GetUtcNow();
        return until > TimeSpan.Zero ? until : TimeSpan.Zero;
    }

    private string Redacted(string text) => _key is null ? text : text.Replace(_key, "(the key)", StringComparison.Ordinal);

    private static string Excerpt(string content) => content.Length == 0 ? "nothing" : TextUnits.Excerpt(TextUnits.CollapseWhiteSpace(content), 200);

    /// <summary>What became of one request.</summary>
    private sealed record Attempt
    {
        public string? Text { get; init; }

        public (long Input, long Output)? Usage { get; init; }

        public string? Fault { get; init; }

        public bool MayPass { get; init; }

        public bool IsOfQuestion { get; init; }

        public TimeSpan? RetryAfter { get; init; }

        public static Attempt Failed(string fault, bool mayPass) => new() { Fault = fault, MayPass = mayPass };
    }

    /// <summary>The package always sends a key; an endpoint that wants none is sent none.</summary>
    private sealed class NoKey : PipelinePolicy
    {
        public override void Process(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex)
        {
            message.Request.Headers.Remove("Authorization");
            ProcessNext(message, pipeline, currentIndex);
        }

        public override ValueTask ProcessAsync(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex)
        {
            message.Request.Headers.Remove("Authorization");
            return ProcessNextAsync(message, pipeline, currentIndex);
        }
    }
}
