using Leftover.Tensors.Kernels;

namespace Leftover.Tensors.Tests.Kernels;

public sealed class ThreadTeamTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Every_index_is_visited_once_in_blocks_of_the_given_size(int threads)
    {
        using var team = new ThreadTeam(threads);
        foreach ((long count, long blockSize) in new (long, long)[] { (0, 1), (1, 1), (7, 7), (8, 7), (100, 7), (1000, 1), (3, 100) })
        {
            int[] visits = new int[count];
            team.For(count, blockSize, (worker, start, end) =>
            {
                Assert.InRange(worker, 0, threads - 1);
                Assert.Equal(0, start % blockSize);
                Assert.Equal(Math.Min(start + blockSize, count), end);
                for (long i = start; i < end; i++) Interlocked.Increment(ref visits[i]);
            });
            Assert.All(visits, visit => Assert.Equal(1, visit));
        }
    }

    [Fact]
    public void Two_workers_with_one_number_never_run_at_a_time()
    {
        using var team = new ThreadTeam(3);
        int[] inside = new int[3];
        team.For(3000, 1, (worker, _, _) =>
        {
            Assert.Equal(1, Interlocked.Increment(ref inside[worker]));
            Thread.SpinWait(20);
            Interlocked.Decrement(ref inside[worker]);
        });
    }

    [Fact]
    public void A_loop_inside_a_loop_runs_on_its_thread()
    {
        using var team = new ThreadTeam(3);
        int inner = 0;
        team.For(10, 1, (worker, _, _) =>
        {
            int thread = Environment.CurrentManagedThreadId;
            team.For(10, 1, (innerWorker, _, _) =>
            {
                Assert.Equal(worker, innerWorker);
                Assert.Equal(thread, Environment.CurrentManagedThreadId);
                Interlocked.Increment(ref inner);
            });
        });
        Assert.Equal(100, inner);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(499)]
    [InlineData(999)]
    public void An_exception_in_any_block_reaches_the_caller_and_the_team_lives_on(int failing)
    {
        using var team = new ThreadTeam(2);
        for (int round = 0; round < 20; round++)
        {
            var thrown = Assert.Throws<InvalidOperationException>(() => team.For(1000, 1, (_, start, _) =>
            {
                if (start == failing) throw new InvalidOperationException($"block {start}");
            }));
            Assert.Equal($"block {failing}", thrown.Message);
            Assert.Equal(1000, CountIndices(team, 1000));
        }
    }

    [Fact]
    public void Many_tiny_jobs_with_and_without_pauses_in_which_workers_park_all_finish()
    {
        using var team = new ThreadTeam(2);
        for (int job = 0; job < 20_000; job++)
        {
            Assert.Equal(4, CountIndices(team, 4));
            if (job % 1000 == 0) Thread.Sleep(job % 3000 / 1000);        // 0, 1, 2 ms: about the time after which a worker parks
        }
    }

    [Fact]
    public void Workers_that_park_at_once_miss_no_job()
    {
        using var team = new ThreadTeam(Environment.ProcessorCount + 2);  // more than processors: no spinning
        for (int job = 0; job < 3000; job++) Assert.Equal(8, CountIndices(team, 8));
    }

    [Fact]
    public void Callers_on_several_threads_wait_for_each_other()
    {
        using var team = new ThreadTeam(2);
        Thread[] callers = [.. Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            for (int job = 0; job < 500; job++) Assert.Equal(50, CountIndices(team, 50));
        }))];
        foreach (Thread caller in callers) caller.Start();
        foreach (Thread caller in callers) caller.Join();
    }

    [Fact]
    public void A_disposed_team_runs_loops_on_the_caller()
    {
        var team = new ThreadTeam(3);
        team.Dispose();
        team.Dispose();

        int caller = Environment.CurrentManagedThreadId;
        team.For(100, 1, (worker, _, _) =>
        {
            Assert.Equal(0, worker);
            Assert.Equal(caller, Environment.CurrentManagedThreadId);
        });
    }

    [Fact]
    public void A_size_or_a_block_that_cannot_be_is_refused()
    {
        using var team = new ThreadTeam(1);
        Assert.Throws<ArgumentOutOfRangeException>(() => new ThreadTeam(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => ThreadTeam.Resize(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => team.For(-1, 1, (_, _, _) => { }));
        Assert.Throws<ArgumentOutOfRangeException>(() => team.For(1, 0, (_, _, _) => { }));
    }

    private static long CountIndices(ThreadTeam team, long count)
    {
        long total = 0;
        team.For(count, 1, (_, start, end) => Interlocked.Add(ref total, end - start));
        return total;
    }
}
