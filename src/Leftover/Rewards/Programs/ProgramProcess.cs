using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Threading.Channels;
using Leftover.Data;

namespace Leftover.Rewards.Programs;

/// <summary>A running program: lines go in, lines come out, and the last lines of its standard error are remembered.</summary>
internal sealed class ProgramProcess : IDisposable
{
    private const int ErrorLines = 10, LineLength = 65_536, LinesAhead = 4096;
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(2);
    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateBounded<string>(LinesAhead);
    private readonly Queue<string> _errors = new();
    private readonly Task _reading, _readingErrors;

    private ProgramProcess(Process process)
    {
        _process = process;
        _reading = Task.Run(ReadLines);
        _readingErrors = Task.Run(ReadErrors);
    }

    /// <summary>Starts the program, without a shell.</summary>
    /// <param name="words">The program and its arguments; a program with a slash in its name is looked for from the folder on, others in PATH.</param>
    /// <param name="folder">Its working folder.</param>
    /// <exception cref="DataException">It cannot be started.</exception>
    public static ProgramProcess Start(IReadOnlyList<string> words, string folder)
    {
        folder = Path.GetFullPath(folder);
        if (!Directory.Exists(folder)) throw new DataException($"The folder {folder}, in which the program '{words[0]}' is to run, does not exist. Correct 'folder'.");
        string file = words[0].AsSpan().ContainsAny('/', Path.DirectorySeparatorChar) ? Path.GetFullPath(words[0], folder) : words[0];
        var start = new ProcessStartInfo(file, words.Skip(1))
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = s_utf8,
            StandardOutputEncoding = s_utf8,
            StandardErrorEncoding = s_utf8,
        };
        try
        {
            return new ProgramProcess(Process.Start(start)!);
        }
        catch (Win32Exception e)
        {
            string where = file == words[0] && !Path.IsPathFullyQualified(file) ? "It was looked for in PATH; a script beside the recipe is named ./" + words[0] + "." : "Check that it is there and may be executed (chmod +x), or name its interpreter: [python3, score.py].";
            throw new DataException($"The program '{file}' cannot be started: {e.Message}. {where}", e);
        }
    }

    /// <summary>Writes lines to its standard input; a program that no longer reads is no error here, for its end is seen where lines are read.</summary>
    public async Task Send(IEnumerable<string> lines)
    {
        try
        {
            foreach (string line in lines)
            {
                await _process.StandardInput.WriteAsync(line);
                await _process.StandardInput.WriteAsync('\n');
            }
            await _process.StandardInput.FlushAsync();
        }
        catch (IOException)
        {
            // It has ended, or closed its input.
        }
        catch (ObjectDisposedException)
        {
            // It was stopped meanwhile.
        }
    }

    /// <summary>Tells it that there is no more.</summary>
    public void CloseInput()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            // It has ended, or lines are still being written to one that is about to be stopped.
        }
    }

    /// <summary>The next line of its standard output; null at the end of it.</summary>
    /// <exception cref="TimeoutException">None came in time.</exception>
    public async Task<string?> NextLine(TimeSpan limit, TimeProvider clock, CancellationToken cancellation)
    {
        if (_lines.Reader.TryRead(out string? line)) return line;
        using CancellationTokenSource abandoned = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        try
        {
            return await _lines.Reader.WaitToReadAsync(abandoned.Token).AsTask().WaitAsync(limit, clock, cancellation) && _lines.Reader.TryRead(out line) ? line : null;
        }
        finally
        {
            await abandoned.CancelAsync();
        }
    }

    /// <summary>A line that is there already, or null.</summary>
    public string? LineAtHand() => _lines.Reader.TryRead(out string? line) ? line : null;

    /// <summary>Waits a moment for the end of a program whose output has ended, and stops it where it goes on; how it ended, for a message.</summary>
    public async Task<string> Ending()
    {
        await Task.WhenAny(Task.WhenAll(_process.WaitForExitAsync(), _readingErrors), Task.Delay(s_grace));
        if (_process.HasExited) return $"ended with exit code {_process.ExitCode}";
        Kill();
        return "closed its output";
    }

    /// <summary>True where it has ended of itself and reported no failure.</summary>
    public bool EndedWell => _process is { HasExited: true, ExitCode: 0 };

    /// <summary>The last lines of its standard error, for the end of a message.</summary>
    public string LastErrors()
    {
        lock (_errors)
        {
            return _errors.Count == 0 ? "Its standard error is empty." : $"The end of its standard error:\n    {string.Join("\n    ", _errors)}";
        }
    }

    /// <summary>Ends the program, and those it started.</summary>
    public void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It has ended.
        }
    }

    /// <summary>Closes its input and lets it end; stops it where it does not.</summary>
    public void Dispose()
    {
        CloseInput();
        if (!_process.WaitForExit(s_grace)) Kill();
        _lines.Writer.TryComplete();
        _process.Dispose();
    }

    private async Task ReadLines()
    {
        try
        {
            await foreach (string line in Lines(_process.StandardOutput)) await _lines.Writer.WriteAsync(line);
            _lines.Writer.TryComplete();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or ChannelClosedException)
        {
            _lines.Writer.TryComplete();
        }
    }

    private async Task ReadErrors()
    {
        try
        {
            await foreach (string line in Lines(_process.StandardError))
            {
                lock (_errors)
                {
                    _errors.Enqueue(line);
                    if (_errors.Count > ErrorLines) _errors.Dequeue();
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // It was stopped.
        }
    }

    // A program that never ends its line does not fill the memory: what is beyond the limit is left out.
    private static async IAsyncEnumerable<string> Lines(StreamReader reader)
    {
        StringBuilder line = new();
        char[] buffer = new char[4096];
        for (int read; (read = await reader.ReadAsync(buffer)) > 0;)
        {
            for (int i = 0; i < read; i++)
            {
                if (buffer[i] != '\n')
                {
                    if (line.Length < LineLength) line.Append(buffer[i]);
                    continue;
                }
                yield return line.ToString().TrimEnd('\r');
                line.Clear();
            }
        }
        if (line.Length > 0) yield return line.ToString();
    }
}
