using System.Collections.Concurrent;
using Leftover.Runs;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Leftover.Cli.Progress;

/// <summary>Progress as bars on a terminal, for work that takes longer than a second.</summary>
internal sealed class BarProgress(IAnsiConsole console, TimeProvider clock) : IRunObserver, IDisposable
{
    private static readonly TimeSpan s_quick = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<int, WorkMeter> _meters = new();
    private readonly Lock _lock = new();
    private TaskCompletionSource? _close;
    private Task? _display;
    private ProgressContext? _context;
    private int _open;

    /// <inheritdoc/>
    public IWorkProgress Begin(string title, long total, string unit) => new Work(this, new WorkMeter(title, total, unit, clock));

    /// <inheritdoc/>
    public void Say(string line) => console.WriteLine(line);

    /// <inheritdoc/>
    public void Warn(string line) => console.MarkupLine($"[yellow]warning:[/] {Markup.Escape(line)}");

    // The library's display lives inside a callback; works come and go, so the callback waits for the last of them.
    private ProgressTask Show(WorkMeter meter)
    {
        lock (_lock)
        {
            if (_open++ == 0)
            {
                _close = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                var opened = new TaskCompletionSource<ProgressContext>(TaskCreationOptions.RunContinuationsAsynchronously);
                Spectre.Console.Progress progress = console.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn { Width = 30 }, new PercentageColumn(), new MeterColumn(_meters));
                Task closed = _close.Task;
                _display = Task.Run(() => progress.StartAsync(context =>
                {
                    opened.SetResult(context);
                    return closed;
                }));
                _context = opened.Task.GetAwaiter().GetResult();
            }
            ProgressTask task = _context!.AddTask(Markup.Escape(meter.Title), maxValue: Math.Max(1, meter.Total));
            _meters[task.Id] = meter;
            return task;
        }
    }

    private void Hide()
    {
        lock (_lock)
        {
            if (--_open > 0) return;
            _close!.SetResult();
            _display!.GetAwaiter().GetResult();
            _meters.Clear();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _close?.TrySetResult();
        _display?.GetAwaiter().GetResult();
    }

    private sealed class Work(BarProgress owner, WorkMeter meter) : IWorkProgress
    {
        private ProgressTask? _task;

        public void Advance(long amount, long tokens = 0, string? note = null)
        {
            meter.Advance(amount, tokens, note);
            if (_task is null && meter.Elapsed >= s_quick && meter.Done < meter.Total) _task = owner.Show(meter);
            if (_task is not null) _task.Value = meter.Done;
        }

        public void Dispose()
        {
            if (_task is null) return;
            _task.StopTask();
            _task = null;
            owner.Hide();
        }
    }

    private sealed class MeterColumn(ConcurrentDictionary<int, WorkMeter> meters) : ProgressColumn
    {
        protected override bool NoWrap => true;

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text(meters.TryGetValue(task.Id, out WorkMeter? meter) ? meter.Done < meter.Total ? meter.State() : meter.Summary() : "");
    }
}
