using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Leftover.Tests.Rewards.Judging;

/// <summary>A judge on the loopback that answers as the test says: also late, never, wrongly or half.</summary>
internal sealed class JudgeStub : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<StubRequest, StubReply> _answer;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<StubRequest> _requests = new();
    private int _count, _underWay, _mostUnderWay;

    /// <param name="answer">The answer to a request; called by several at once.</param>
    public JudgeStub(Func<StubRequest, StubReply> answer)
    {
        _answer = answer;
        _listener.Start();
        _ = Accept();
    }

    /// <summary>Always the same words.</summary>
    public JudgeStub(string words) : this(_ => StubReply.Says(words)) { }

    public string Endpoint => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/v1";

    public IReadOnlyList<StubRequest> Requests => [.. _requests];

    public int MostUnderWay => _mostUnderWay;

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Stop();
        _stop.Dispose();
    }

    private async Task Accept()
    {
        try
        {
            while (true) _ = Serve(await _listener.AcceptTcpClientAsync(_stop.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task Serve(TcpClient client)
    {
        using (client)
        {
            try
            {
                NetworkStream stream = client.GetStream();
                if (await Read(stream) is not { } request) return;
                _requests.Enqueue(request);
                int now = Interlocked.Increment(ref _underWay);
                lock (_requests) _mostUnderWay = Math.Max(_mostUnderWay, now);
                StubReply reply = _answer(request);
                if (reply.Holds is { } hold) await hold;
                Interlocked.Decrement(ref _underWay);
                if (reply.Stalls) await Task.Delay(Timeout.Infinite, _stop.Token);
                if (reply.HangsUp) return;
                await stream.WriteAsync(Bytes(reply), _stop.Token);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
            {
                // The client hung up.
            }
        }
    }

    private async Task<StubRequest?> Read(NetworkStream stream)
    {
        List<byte> bytes = [];
        byte[] buffer = new byte[4096];
        int end;
        while ((end = Encoding.Latin1.GetString([.. bytes]).IndexOf("\r\n\r\n", StringComparison.Ordinal)) < 0)
        {
            int read = await stream.ReadAsync(buffer, _stop.Token);
            if (read == 0) return null;
            bytes.AddRange(buffer.AsSpan(0, read));
        }
        string[] head = Encoding.Latin1.GetString([.. bytes[..end]]).Split("\r\n");
        var headers = head.Skip(1).Select(line => line.Split(": ", 2)).ToDictionary(parts => parts[0], parts => parts[1], StringComparer.OrdinalIgnoreCase);
        int length = int.Parse(headers["Content-Length"]);
        while (bytes.Count < end + 4 + length)
        {
            int read = await stream.ReadAsync(buffer, _stop.Token);
            if (read == 0) return null;
            bytes.AddRange(buffer.AsSpan(0, read));
        }
        return new StubRequest(Interlocked.Increment(ref _count), head[0], headers, JsonNode.Parse(Encoding.UTF8.GetString([.. bytes[(end + 4)..(end + 4 + length)]]))!);
    }

    private static byte[] Bytes(StubReply reply)
    {
        byte[] body = Encoding.UTF8.GetBytes(reply.Body);
        StringBuilder head = new($"HTTP/1.1 {reply.Status} {reply.Reason}\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {body.Length + reply.MissingBytes}\r\n");
        foreach ((string name, string value) in reply.Headers) head.Append($"{name}: {value}\r\n");
        return [.. Encoding.Latin1.GetBytes(head.Append("\r\n").ToString()), .. body];
    }
}

/// <summary>What a judge was asked.</summary>
internal sealed record StubRequest(int Number, string Line, IReadOnlyDictionary<string, string> Headers, JsonNode Body)
{
    /// <summary>The first question.</summary>
    public string Question => (string)Body["messages"]![0]!["content"]!;

    public int Turns => Body["messages"]!.AsArray().Count;
}

/// <summary>What a judge answers.</summary>
internal sealed record StubReply(int Status, string Reason, string Body)
{
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Bytes that are promised and do not come.</summary>
    public int MissingBytes { get; init; }

    /// <summary>It never answers.</summary>
    public bool Stalls { get; init; }

    /// <summary>It closes the connection without a word.</summary>
    public bool HangsUp { get; init; }

    /// <summary>It answers after this.</summary>
    public Task? Holds { get; init; }

    public static StubReply Says(string words, int input = 10, int output = 2) => new(200, "OK", new JsonObject
    {
        ["id"] = "x",
        ["object"] = "chat.completion",
        ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["message"] = new JsonObject { ["role"] = "assistant", ["content"] = words }, ["finish_reason"] = "a reason nobody knows" }),
        ["usage"] = new JsonObject { ["prompt_tokens"] = input, ["completion_tokens"] = output, ["total_tokens"] = input + output },
    }.ToJsonString());

    public static StubReply Fails(int status, string reason, string body = "", string? retryAfter = null) =>
        new(status, reason, body) { Headers = retryAfter is null ? new Dictionary<string, string>() : new Dictionary<string, string> { ["Retry-After"] = retryAfter } };
}
