using Leftover.Data;
using Leftover.Rewards;
using Leftover.Rewards.Programs;
using Leftover.Runs;

namespace Leftover.Tests.Rewards.Programs;

/// <summary>Programs here are scripts of sh, which every system has that these tests run on.</summary>
public sealed class ProgramRewardTests : IDisposable
{
    /// <summary>Answers each line with the completion in it.</summary>
    private const string Echo = """while IFS= read -r line; do rest=${line#*'"completion":"'}; rest=${rest%%'"'*}; echo "$rest"; done""";

    private readonly string _folder = Directory.CreateTempSubdirectory("program").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_program_answers_each_row_with_a_number_or_an_object()
    {
        Assert.Equal([1, -2.5, 3e-3], Score(Program(Echo), "1", "-2.5", "3e-3"));
        Assert.Equal([7, 7], Score(Program("""while read -r line; do echo '{"score": 7, "why": "fine"}'; done"""), "a", "b"));
    }

    [Fact]
    public void A_row_goes_in_as_one_line_of_json()
    {
        ProgramReward program = Program("""cat > got; while read -r line; do echo 1; done < got""") with { KeepAlive = false, Columns = ["votes", "reference"] };
        RewardInput row = new("Wie geht’s?\nTell \"me\".", "a\\b\u0001", new Dictionary<string, double> { ["votes"] = 0.1, ["other"] = 2 })
        {
            Id = "log.jsonl:3",
            Texts = new Dictionary<string, string> { ["reference"] = "ja" },
        };
        Assert.Equal([1], program.Score([row]));
        Assert.Equal("""{"id":"log.jsonl:3","prompt":"Wie geht’s?\nTell \"me\".","completion":"a\\b\u0001","votes":0.1,"reference":"ja"}""" + "\n", File.ReadAllText(PathOf("got")));
    }

    [Fact]
    public void A_column_that_a_row_lacks_is_named()
    {
        ProgramReward program = Program(Echo) with { Columns = ["refrence"] };
        RewardInput row = new("", "1", new Dictionary<string, double> { ["votes"] = 1 }) { Id = "log.jsonl:3" };
        Assert.Contains("is to be given the column 'refrence', which row log.jsonl:3 (completion \"1\") does not have; it has: votes.", Assert.Throws<DataException>(() => program.Score([row])).Message);
    }

    [Fact]
    public void It_is_started_once_and_kept_for_all_batches_and_later_calls()
    {
        using RewardScoring scoring = new(new RewardContext());
        ProgramReward program = Program("echo x >> starts; " + Echo) with { RowsAtOnce = 2 };
        Assert.Equal([1, 2, 3, 4, 5], scoring.Score(program, Rows("1", "2", "3", "4", "5")).Values);
        Assert.Equal(1, Starts());
        // The first call ended with the program's end, to see that it printed no line too many; from now on it stays.
        Assert.Equal([6], scoring.Score(program, Rows("6")).Values);
        Assert.Equal([7, 8], scoring.Score(program, Rows("7", "8")).Values);
        Assert.Equal(2, Starts());
    }

    [Fact]
    public void One_that_dies_is_started_again_with_the_rows_that_are_left()
    {
        ScoringObserver observer = new();
        ProgramReward program = Program($"echo x >> starts; n=0; {Echo.Replace("echo \"$rest\";", "echo \"$rest\"; n=$((n+1)); if [ $n = 3 ]; then echo 'out of luck' >&2; exit 7; fi;")}");
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], ScoreIn(null, observer, program, "1", "2", "3", "4", "5", "6", "7", "8"));
        Assert.Equal(3, Starts());
        Assert.Contains("ended with exit code 7 with no answer to row 3 (completion \"4\"); 8 rows were sent to it and 3 answered; it is started again (1 of 3).", observer.Lines);
        Assert.Contains("out of luck", observer.Lines);
    }

    [Fact]
    public void Restarts_are_bounded_and_a_rerun_goes_on()
    {
        ProgramReward program = Program($"echo x >> starts; n=0; {Echo.Replace("echo \"$rest\";", "echo \"$rest\"; n=$((n+1)); if [ $n = 2 ]; then echo 'out of luck' >&2; exit 7; fi;")}") with { Name = "luck", Restarts = 1 };
        string cache = PathOf("cache");
        string message = Assert.Throws<DataException>(() => ScoreIn(cache, null, program, "1", "2", "3", "4", "5", "6")).Message;
        Assert.Contains("The program of the reward 'luck' (sh score.sh) ended with exit code 7 with no answer to row 4 (completion \"5\")", message);
        Assert.Contains("It had been started again 1 time before.", message);
        Assert.Contains("The end of its standard error:\n    out of luck", message);
        Assert.EndsWith("4 of 6 rows are scored and kept: a rerun goes on from there.", message);
        Assert.Equal(2, Starts());
        Assert.Equal([1, 2, 3, 4, 5, 6], ScoreIn(cache, null, program, "1", "2", "3", "4", "5", "6"));
        Assert.Equal(3, Starts());
    }

    [Fact]
    public void One_that_never_answered_is_a_mistake_and_not_started_again()
    {
        string message = Assert.Throws<DataException>(() => Score(Program("echo x >> starts; echo 'no module named torch' >&2; exit 1"), "1", "2")).Message;
        Assert.Contains("ended with exit code 1 with no answer to row 0 (completion \"1\"); 2 rows were sent to it and 0 answered.", message);
        Assert.Contains("no module named torch", message);
        Assert.Equal(1, Starts());
    }

    [Fact]
    public void Only_the_last_lines_of_its_standard_error_are_shown()
    {
        string message = Assert.Throws<DataException>(() => Score(Program("i=0; while [ $i -lt 30 ]; do echo \"line $i.\" >&2; i=$((i+1)); done; exit 1"), "1")).Message;
        Assert.Contains("line 29.", message);
        Assert.Contains("line 20.", message);
        Assert.DoesNotContain("line 19.", message);
    }

    [Theory]
    [InlineData("nan", "answered NaN for row 1")]
    [InlineData("-inf", "answered \"-inf\"")]
    [InlineData("Infinity", "answered Infinity, which is not finite for row 1")]
    [InlineData("", "answered an empty line for row 1")]
    [InlineData("I would say 7", "answered \"I would say 7\" for row 1")]
    [InlineData("{", "which begins like an object and is none for row 1")]
    public void What_is_no_number_is_shown_with_its_row(string answer, string expected)
    {
        string cache = PathOf("cache");
        ProgramReward program = Program(Echo.Replace("echo \"$rest\"", "if [ \"$rest\" = bad ]; then cat bad; else echo \"$rest\"; fi"));
        File.WriteAllText(PathOf("bad"), answer + "\n");
        string message = Assert.Throws<DataException>(() => ScoreIn(cache, null, program, "5", "bad", "6")).Message;
        Assert.Contains(expected, message);
        Assert.Contains("it must print a finite number, or an object {\"score\": …}, on one line for each row.", message);
        Assert.Contains("1 of 3 rows are scored and kept", message);
    }

    [Theory]
    [InlineData("""{"reward": 3}""", "the object \"{\"reward\": 3}\", which has no 'score'")]
    [InlineData("""{"score": null}""", "the score \"null\"")]
    [InlineData("""{"score": "high"}""", "\"high\"")]
    [InlineData("""{"score": "nan"}""", "NaN")]
    public void An_object_needs_a_finite_score(string answer, string instead)
    {
        Assert.Equal(instead, ProgramLines.Read(answer, Rows("x")[0], out _));
    }

    [Fact]
    public void A_line_too_many_makes_all_scores_of_the_call_doubtful()
    {
        string cache = PathOf("cache");
        ProgramReward program = Program("while read -r line; do echo 1; echo 2; done");
        string message = Assert.Throws<DataException>(() => ScoreIn(cache, null, program, "a", "b", "c")).Message;
        Assert.Contains("printed more than one line a row: after its answer to row 2 (completion \"c\") it printed", message);
        Assert.Contains("No score of this call was kept.", message);
        using RewardScoring scoring = new(new RewardContext { Cache = cache });
        Assert.Equal(0, scoring.Score(Program(Echo), Rows("1")).Cached);
    }

    [Fact]
    public void An_answer_with_another_rows_id_is_an_error()
    {
        string message = Assert.Throws<DataException>(() => Score(Program("""read -r a; read -r b; echo '{"id": "1", "score": 1}'; echo '{"id": "0", "score": 0}'; cat > /dev/null"""), "a", "b")).Message;
        Assert.Contains("it answered with the id '1' where that of row 0 (completion \"a\") was due: lines out must stand in the order of lines in.", message);
    }

    [Fact]
    public void One_that_answers_at_the_end_is_run_for_each_batch()
    {
        ProgramReward program = new() { Folder = _folder, Command = ["awk", "{ sub(/.*\"completion\":\"/, \"\"); sub(/\".*/, \"\"); print }"], KeepAlive = false, RowsAtOnce = 2 };
        Assert.Equal([1, 2, 3], Score(program, "1", "2", "3"));
    }

    [Fact]
    public void Too_few_lines_are_told_with_the_row_that_is_due()
    {
        string message = Assert.Throws<DataException>(() => Score(Program("echo 1; echo 2; cat > /dev/null") with { KeepAlive = false }, "a", "b", "c", "d")).Message;
        Assert.Contains("ended with exit code 0 with no answer to row 2 (completion \"c\"); 4 rows were sent to it and 2 answered.", message);
    }

    [Fact]
    public void One_that_is_silent_from_the_start_is_given_up()
    {
        string message = Assert.Throws<DataException>(() => Score(Program("exec sleep 1000") with { StartTimeout = 0.2 }, "a")).Message;
        Assert.Contains("has printed nothing for 0.2 seconds with no answer to row 0 (completion \"a\")", message);
        Assert.Contains("needs keep_alive: false", message);
    }

    [Fact]
    public async Task One_that_falls_silent_is_started_again()
    {
        TimerClock clock = new();
        Lock gate = new();
        bool restarted = false;
        long answered = 0;
        ScoringObserver observer = new()
        {
            OnAdvance = done => Interlocked.Exchange(ref answered, done),
            OnLine = _ =>
            {
                lock (gate) restarted = true;
            },
        };
        ProgramReward program = Program(Echo.Replace("echo \"$rest\"", "if [ \"$rest\" = 3 ] && [ ! -e stalled ]; then touch stalled; exec sleep 1000; fi; echo \"$rest\"")) with { Timeout = 30 };
        using RewardScoring scoring = new(new RewardContext { Clock = clock, Observer = observer });
        Task<double[]> scores = Task.Run(() => scoring.Score(program, Rows("1", "2", "3", "4")).Values);
        // Once the program stands still and its first answers are read, only the wait for the third can be under way.
        while (!scores.IsCompleted)
        {
            lock (gate)
                if (!restarted && File.Exists(PathOf("stalled")) && Interlocked.Read(ref answered) == 2) clock.Advance(TimeSpan.FromSeconds(30));
            await Task.Delay(5);
        }
        double[] expected = [1, 2, 3, 4];
        Assert.Equal(expected, await scores);
        Assert.Contains("has printed nothing for 30 seconds with no answer to row 2 (completion \"3\")", observer.Lines);
    }

    [Fact]
    public void No_shell_reads_the_command_or_the_rows()
    {
        ProgramReward program = Program("printf '%s' \"$1\" > argument; " + Echo) with { Command = ["sh", "score.sh", "$(touch made); touch made"] };
        Assert.Equal([1], Score(program, "1"));
        Assert.Equal("$(touch made); touch made", File.ReadAllText(PathOf("argument")));
        Assert.Throws<DataException>(() => Score(program, "$(touch made)`touch made`; touch made"));
        Assert.False(File.Exists(PathOf("made")));
    }

    [Fact]
    public void A_program_that_is_not_there_is_told_with_the_next_step()
    {
        Assert.Contains("The program 'no-such-program' cannot be started", Assert.Throws<DataException>(() => Score(new ProgramReward { Command = ["no-such-program", "x"] }, "1")).Message);
        string message = Assert.Throws<DataException>(() => Score(Program(Echo) with { Command = ["./score.sh", "x"] }, "1")).Message;
        Assert.Contains(PathOf("score.sh"), message);
        Assert.Contains("chmod +x", message);
    }

    [Fact]
    public void A_changed_script_is_run_again_and_an_unchanged_one_is_not()
    {
        string cache = PathOf("cache");
        ProgramReward program = Program("echo x >> starts; while read -r line; do echo 1; done");
        Assert.Equal([1], ScoreIn(cache, null, program, "a"));
        Assert.Equal([1], ScoreIn(cache, null, program with { Timeout = 7, Restarts = 0, Name = "other" }, "a"));
        Assert.Equal(1, Starts());
        File.AppendAllText(PathOf("score.sh"), "# changed\n");
        Assert.Equal([1], ScoreIn(cache, null, program, "a"));
        Assert.Equal(2, Starts());
    }

    [Theory]
    [InlineData("python3 score.py --top 5", new[] { "python3", "score.py", "--top", "5" })]
    [InlineData("""a 'b c' "d 'e' \" f" g\ h ''""", new[] { "a", "b c", "d 'e' \" f", "g h", "" })]
    [InlineData("""C:\tools\run.exe --x='y z'""", new[] { @"C:\tools\run.exe", "--x=y z" })]
    [InlineData("""awk -F '|' '{print $1; exit}'""", new[] { "awk", "-F", "|", "{print $1; exit}" })]
    public void A_text_is_split_as_a_shell_splits_it(string command, string[] words)
    {
        Assert.Equal(words, CommandWords.Split([command], out string? problem));
        Assert.Null(problem);
    }

    [Fact]
    public void Settings_tell_all_that_is_wrong_with_them()
    {
        ProgramReward bad = new() { Command = ["sort | uniq"], RowsAtOnce = 0, Timeout = 0, StartTimeout = double.NaN, Restarts = -1, Columns = ["prompt"] };
        Assert.Equal(
        [
            "command has '|', which only a shell understands, and none is involved. Write [sh, -c, '…'] for one, or put the command into a script.",
            "batch_rows is 0; it must be at least 1.",
            "timeout is 0; it must be above 0 and at most 86400 seconds.",
            "start_timeout is NaN; it must be above 0 and at most 86400 seconds.",
            "restarts is -1; it must be at least 0.",
            "columns names 'prompt', which every row has; leave it out.",
        ], bad.Problems());
        Assert.Equal(["command opens a ' that it does not close."], new ProgramReward { Command = ["a 'b"] }.Problems());
        Assert.Single(new ProgramReward { Command = [] }.Problems());
    }

    [Fact]
    public void In_a_recipe_its_folder_is_the_recipes_where_none_is_named()
    {
        Recipe recipe = RecipeLoader.Parse("rewards:\n  - {type: program, command: sh score.sh}\n  - {type: program, name: b, command: [sh, b.sh], folder: tools, files: [words.txt]}", _folder);
        ProgramReward[] programs = [.. recipe.Rewards.Select(term => (ProgramReward)term.Reward.Bind<RewardSource>())];
        Assert.Equal([_folder, PathOf("tools")], programs.Select(program => program.Folder));
        Assert.Equal(PathOf("words.txt"), Assert.Single(programs[1].Files));
        Assert.Contains("did you mean 'batch_rows'?", Assert.Throws<RecipeException>(() => RecipeLoader.Parse("rewards: [{type: program, command: x, batch_row: 3}]", _folder)).Message);
        Assert.Contains("'progam' is unknown; did you mean 'program'?", Assert.Throws<RecipeException>(() => RecipeLoader.Parse("rewards: [{type: progam, command: x}]", _folder)).Message);
    }

    private ProgramReward Program(string script)
    {
        File.WriteAllText(PathOf("score.sh"), script + "\n");
        return new ProgramReward { Folder = _folder, Command = ["sh", "score.sh"] };
    }

    private static double[] Score(ProgramReward program, params string[] completions) => ScoreIn(null, null, program, completions);

    private static double[] ScoreIn(string? cache, IRunObserver? observer, ProgramReward program, params string[] completions)
    {
        using RewardScoring scoring = new(new RewardContext { Observer = observer ?? SilentObserver.Instance, Cache = cache });
        return scoring.Score(program, Rows(completions)).Values;
    }

    private static RewardInput[] Rows(params string[] completions) => [.. completions.Select((completion, i) => new RewardInput("p", completion, new Dictionary<string, double>()) { Id = i.ToString() })];

    private int Starts() => File.ReadAllLines(PathOf("starts")).Length;

    private string PathOf(string name) => Path.Combine(_folder, name);
}
