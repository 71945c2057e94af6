using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Leftover.Tensors.Kernels;

/// <summary>A piece of a parallel loop: the indices from <paramref name="start"/> up to, not including, <paramref name="end"/>.</summary>
/// <param name="worker">Which member of the team runs it, from 0 up to <see cref="ThreadTeam.Size"/>; no two run with the same number at a time.</param>
/// <param name="start">The first index.</param>
/// <param name="end">One past the last index.</param>
public delegate void RangeBody(int worker, long start, long end);

/// <summary>Work that the members of a team share, whoever of them comes in time.</summary>
internal interface ITeamJob
{
    /// <summary>One member's share: what is left until nothing is.</summary>
    void Work(int member);
}

/// <summary>A fixed team of threads that share the blocks of a loop; the caller is its member 0.</summary>
/// <remarks>
/// <para>
/// A loop is cut into blocks of a fixed size, and an atomic counter hands them out. So the number of threads decides who computes a block,
/// never what is computed: a body whose blocks write to places of their own gives the same bytes with any team.
/// </para>
/// <para>
/// Workers spin for a moment after a job, since the next one mostly follows within microseconds, then park. Jobs of several callers wait for
/// each other. A job started from inside a job runs on that thread alone.
/// </para>
/// <para>
/// The caller works until nothing is left, then closes the job and waits for those who are in it. A worker that the system has not let run
/// by then finds it closed: on a busy machine a job does not wait for a processor that others have.
/// </para>
/// </remarks>
public sealed class ThreadTeam : IDisposable
{
    private static readonly Lock s_sharedLock = new();
    private static readonly TimeSpan s_spin = TimeSpan.FromMilliseconds(1);
    private static ThreadTeam? s_shared;

    // The team of a plan on this thread: it has members and does nothing.
    [ThreadStatic] private static ThreadTeam? t_withoutWork;

    // The number of this thread in the team whose job it runs, plus one; 0 outside a job.
    [ThreadStatic] private static int t_member;

    private readonly Lock _jobLock = new();
    private readonly Worker[] _workers;
    private readonly bool _spins, _idle;
    private bool _disposed;

    // The job. Written by the caller alone, before the gate opens and _generation moves on.
    private ITeamJob? _job;
    private ExceptionDispatchInfo? _failure;
    private Line _generation, _gate;

    // The gate's value: the workers inside the job, plus this once nobody may enter any more.
    private const long Closed = 1L << 32;

    // The loop that For runs.
    private readonly Loop _loop = new();

    // A counter on cache lines of its own.
    [StructLayout(LayoutKind.Explicit, Size = 192)]
    private struct Line
    {
        [FieldOffset(64)] public long Value;
    }

    private sealed class Loop : ITeamJob
    {
        public RangeBody? Body;
        public long Count, BlockSize;
        public Line Next;

        public void Work(int member)
        {
            try
            {
                while (true)
                {
                    long start = Interlocked.Add(ref Next.Value, BlockSize) - BlockSize;
                    if (start >= Count) return;
                    Body!(member, start, Math.Min(Count, start + BlockSize));
                }
            }
            catch
            {
                Volatile.Write(ref Next.Value, long.MaxValue / 2);       // no more blocks are handed out
                throw;
            }
        }
    }

    private sealed class Worker(Thread thread)
    {
        public readonly Thread Thread = thread;
        public readonly SemaphoreSlim Wake = new(0);
        public int Parked;
    }

    /// <summary>Starts a team.</summary>
    /// <param name="size">How many threads, the caller included; at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The size is less than 1.</exception>
    public ThreadTeam(int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        Size = size;
        _gate.Value = Closed;
        _spins = size <= Environment.ProcessorCount;
        _workers = new Worker[size - 1];
        for (int i = 0; i < _workers.Length; i++)
        {
            int member = i + 1;
            _workers[i] = new Worker(new Thread(() => Work(member)) { IsBackground = true, Name = $"Leftover worker {member}" });
        }
        foreach (Worker worker in _workers) worker.Thread.Start();
    }

    private ThreadTeam(int size, bool idle) => (Size, _idle, _workers) = (size, idle, []);

    /// <summary>The process's team: <c>LEFTOVER_THREADS</c> threads, or one for each processor.</summary>
    /// <exception cref="ArgumentException"><c>LEFTOVER_THREADS</c> is no number of threads.</exception>
    public static ThreadTeam Shared
    {
        get
        {
            if (t_withoutWork is { } idle) return idle;
            if (Volatile.Read(ref s_shared) is { } team) return team;
            lock (s_sharedLock) return s_shared ??= new ThreadTeam(DefaultSize);
        }
    }

    /// <summary>How many threads, the caller included.</summary>
    public int Size { get; }

    /// <summary>The size of the process's team where nobody resizes it: <c>LEFTOVER_THREADS</c>, or one for each processor.</summary>
    /// <exception cref="ArgumentException"><c>LEFTOVER_THREADS</c> is no number of threads.</exception>
    public static int DefaultSize
    {
        get
        {
            string? wanted = Environment.GetEnvironmentVariable("LEFTOVER_THREADS");
            if (string.IsNullOrWhiteSpace(wanted)) return Environment.ProcessorCount;
            return int.TryParse(wanted, out int threads) && threads >= 1
                ? threads
                : throw new ArgumentException($"LEFTOVER_THREADS is '{wanted}'; it must be a whole number, at least 1. Unset it to use all {Environment.ProcessorCount} processors.");
        }
    }

    /// <summary>True on a thread that runs a job of some team, where a further job runs on that thread alone.</summary>
    internal static bool IsInsideJob => t_member != 0;

    /// <summary>This thread's number in the team whose job it runs; 0 outside a job.</summary>
    internal static int CurrentMember => Math.Max(t_member - 1, 0);

    /// <summary>Gives the process a team of another size; a job of the old one is waited for.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The size is less than 1.</exception>
    /// <exception cref="InvalidOperationException">Called from inside a job.</exception>
    public static void Resize(int threads)
    {
        if (IsInsideJob) throw new InvalidOperationException("ThreadTeam.Resize: called from inside a job of the team; resize before or after it.");
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        ThreadTeam? old;
        lock (s_sharedLock)
        {
            if (s_shared?.Size == threads) return;
            old = s_shared;
            Volatile.Write(ref s_shared, new ThreadTeam(threads));
        }
        old?.Dispose();
    }

    /// <summary>Runs an action on this thread during which its loops and jobs of the shared team are not run: what is left is how they are called.</summary>
    /// <remarks>The team has at least two members then, so that a matrix product is always a job of it.</remarks>
    internal static void WithoutWork(Action action)
    {
        ThreadTeam? outer = t_withoutWork;
        t_withoutWork = outer ?? new ThreadTeam(Math.Max(2, Shared.Size), idle: true);
        try
        {
            action();
        }
        finally
        {
            t_withoutWork = outer;
        }
    }

    /// <summary>Runs <paramref name="body"/> over 0 … <paramref name="count"/> in blocks of <paramref name="blockSize"/> (the last may be shorter).</summary>
    /// <remarks>
    /// On the calling thread alone when there is one block, or from inside a job; the blocks are the same. The first exception of a body
    /// stops the handing out of blocks and is thrown here.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative or the block size is less than 1.</exception>
    public void For(long count, long blockSize, RangeBody body)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfLessThan(blockSize, 1);
        if (_idle) return;
        if (count <= blockSize || Size == 1 || IsInsideJob)
        {
            int member = CurrentMember;
            for (long start = 0; start < count; start += blockSize) body(member, start, Math.Min(count, start + blockSize));
            return;
        }
        lock (_jobLock)
        {
            (_loop.Body, _loop.Count, _loop.BlockSize, _loop.Next.Value) = (body, count, blockSize, 0);
            try { RunLocked(_loop); }
            finally { _loop.Body = null; }
        }
    }

    /// <summary>Runs <paramref name="job"/> on the caller and on each member that comes before the caller is done, and throws the first exception of one.</summary>
    /// <remarks>A job must not wait for its other members: the caller may be the only one.</remarks>
    internal void Run(ITeamJob job)
    {
        Debug.Assert(!IsInsideJob);
        if (_idle) return;
        lock (_jobLock) RunLocked(job);
    }

    /// <summary>Ends the workers once the running job is done. Loops started later run on their callers alone.</summary>
    public void Dispose()
    {
        lock (_jobLock)
        {
            if (_disposed) return;
            _disposed = true;
            StartJob();
        }
        foreach (Worker worker in _workers)
        {
            worker.Thread.Join();
            worker.Wake.Dispose();
        }
    }

    private void RunLocked(ITeamJob job)
    {
        _job = job;
        _failure = null;
        if (!_disposed)
        {
            Volatile.Write(ref _gate.Value, 0);
            StartJob();
        }
        RunMember(0);
        Interlocked.Or(ref _gate.Value, Closed);
        for (int spins = 1; Volatile.Read(ref _gate.Value) != Closed; spins++)
        {
            Thread.SpinWait(1);
            if (!_spins || spins % 4096 == 0) Thread.Yield();
        }
        _job = null;
        _failure?.Throw();
    }

    // A worker parks in two steps: it sets Parked, then looks at the generation once more. Here the generation moves on first, then Parked is
    // looked at. Both sides have a full fence between their two steps, so at least one of them sees the other's: no wake-up is lost.
    private void StartJob()
    {
        Interlocked.Increment(ref _generation.Value);
        foreach (Worker worker in _workers)
            if (Interlocked.Exchange(ref worker.Parked, 0) == 1) worker.Wake.Release();
    }

    private void Work(int member)
    {
        Worker self = _workers[member - 1];
        for (long seen = 0; ;)
        {
            AwaitJob(self, seen);
            if (_disposed) return;
            seen = Volatile.Read(ref _generation.Value);
            if (!Enter()) continue;
            RunMember(member);
            Interlocked.Decrement(ref _gate.Value);
        }
    }

    // Whoever is inside keeps the caller from starting another job, so the one that is entered is the one that is run. It may be a later one
    // than the generation that was seen: then that generation's news finds the gate closed, or the member does another share of it.
    private bool Enter()
    {
        for (long inside = Volatile.Read(ref _gate.Value); (inside & Closed) == 0;)
        {
            long found = Interlocked.CompareExchange(ref _gate.Value, inside + 1, inside);
            if (found == inside) return true;
            inside = found;
        }
        return false;
    }

    private void AwaitJob(Worker self, long seen)
    {
        long began = Stopwatch.GetTimestamp();
        for (int spins = 1; Volatile.Read(ref _generation.Value) == seen; spins++)
        {
            Thread.SpinWait(1);
            if (_spins && (spins % 256 != 0 || Stopwatch.GetElapsedTime(began) < s_spin)) continue;

            Interlocked.Exchange(ref self.Parked, 1);
            bool started = Volatile.Read(ref _generation.Value) != seen;
            // Taken back before anyone saw it: nothing was released. Otherwise a release is there or on its way, and is used up here.
            if (started && Interlocked.Exchange(ref self.Parked, 0) == 1) return;
            self.Wake.Wait();
            began = Stopwatch.GetTimestamp();
        }
    }

    private void RunMember(int member)
    {
        t_member = member + 1;
        try { _job!.Work(member); }
        catch (Exception e) { Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(e), null); }
        finally { t_member = 0; }
    }
}
