using System.Reflection;
using Leftover.Advantages;
using Leftover.Algorithms;
using Leftover.Tensors;
using Leftover.Tokenization;

namespace Leftover.Tests.Architecture;

/// <summary>References point one way: from the command line to the library to the engine, and inside the library from later stages to earlier ones.</summary>
public class ArchitectureTests
{
    /// <summary>The library's stages; each may use those before it. <c>Runs</c> holds the records that all of them share, and stands outside.</summary>
    private static readonly string[] s_stages =
        ["Data", "Tokenization", "Models", "Rewards", "Generation", "Batches", "Reference", "Advantages", "Algorithms", "Evaluation", "Training", "RewardModels", "Reporting", "Pipeline"];

    private static readonly Assembly s_engine = typeof(Tensor).Assembly, s_library = typeof(Algorithm).Assembly, s_commandLine = Assembly.Load("Leftover.Cli");

    private static readonly (Type From, Type To)[] s_references = [.. TypeReferences.Of(s_library)];

    [Fact]
    public void The_engine_knows_no_library_and_the_library_no_command_line()
    {
        Assert.Empty(Own(s_engine));
        Assert.Equal(["Leftover.Tensors"], Own(s_library));
        Assert.Empty(Own(s_commandLine).Except(["Leftover", "Leftover.Tensors"]));

        static IEnumerable<string> Own(Assembly assembly) => assembly.GetReferencedAssemblies().Select(name => name.Name!).Where(name => name.StartsWith("Leftover", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_folder_of_the_library_is_a_stage_or_the_run_folder()
    {
        string[] found = [.. s_library.GetTypes().Select(StageOf).OfType<string>().Distinct().Order(StringComparer.Ordinal)];
        Assert.Empty(found.Except([.. s_stages, "Runs"]));
    }

    [Fact]
    public void A_stage_uses_no_later_one()
    {
        IEnumerable<string> wrong = s_references.Where(reference => IsStage(reference.From) && Order(reference.To) > Order(reference.From) && !IsTurn(reference.To)).Select(Text);
        Assert.Empty(wrong.Distinct());

        static bool IsStage(Type type) => Order(type) >= 0;
        static int Order(Type type) => Array.IndexOf(s_stages, StageOf(type));

        // A row's prompt is a list of turns, and a turn is what templates write out.
        static bool IsTurn(Type type) => type == typeof(ChatMessage);
    }

    [Fact]
    public void The_shared_records_know_of_the_stages_what_a_recipe_holds_and_how_bad_input_is_told()
    {
        string[] allowed =
        [
            "Leftover.Advantages.SamplingStrategy", "Leftover.Advantages.ValueOptions", "Leftover.Algorithms.Algorithm",
            "Leftover.Rewards.RewardAggregation", "Leftover.Rewards.RewardNormalizer", "Leftover.Rewards.RewardSource", "Leftover.Rewards.Judging.JudgeReward",
            "Leftover.Data.DataOptions", "Leftover.Data.DataSource", "Leftover.Data.HoldOut", "Leftover.Data.ColumnNames",
            "Leftover.Data.DataException", "Leftover.Data.MissingFile", "Leftover.Models.Classification.Pooling",
        ];
        IEnumerable<string> known = s_references.Where(reference => StageOf(reference.From) == "Runs" && s_stages.Contains(StageOf(reference.To))).Select(reference => reference.To.FullName!);
        Assert.Empty(known.Distinct().Except(allowed));
    }

    [Fact]
    public void Algorithms_know_tensors_and_batches_and_no_files_clocks_or_random_numbers()
    {
        string[] allowed =
        [
            "Leftover.Algorithms", "Leftover.Batches", "Leftover.Tensors", "System", "System.Collections.Generic", "System.ComponentModel.DataAnnotations", "System.Diagnostics",
            "System.Linq", "System.Runtime.CompilerServices", "System.Runtime.InteropServices", "System.Text", "System.Text.Json.Serialization",
        ];
        Type[] forbidden = [typeof(Random), typeof(RandomStream), typeof(TimeProvider), typeof(DateTime), typeof(DateTimeOffset), typeof(Environment), typeof(System.Diagnostics.Stopwatch)];
        IEnumerable<string> wrong = s_references
            .Where(reference => StageOf(reference.From) == "Algorithms" && reference.To != typeof(Credit))
            .Where(reference => !reference.To.IsDefined(typeof(System.Runtime.CompilerServices.CompilerGeneratedAttribute), inherit: false))
            .Where(reference => !allowed.Contains(reference.To.Namespace) || forbidden.Contains(reference.To))
            .Select(Text);
        Assert.Empty(wrong.Distinct());
    }

    [Fact]
    public void Kernels_know_memory_and_no_tensor()
    {
        const string kernels = "Leftover.Tensors.Kernels";
        IEnumerable<string> wrong = TypeReferences.Of(s_engine)
            .Where(reference => reference.From.Namespace == kernels)
            .Where(reference => reference.To.Assembly == s_engine && reference.To.Namespace is not (kernels or "Leftover.Tensors.Memory" or null))
            .Select(Text);
        Assert.Empty(wrong.Distinct());
    }

    // The folder of the library that a type lies in; null for other assemblies' types.
    private static string? StageOf(Type type) =>
        type.Assembly == s_library && type.Namespace?.Split('.') is ["Leftover", var stage, ..] ? stage : null;

    private static string Text((Type From, Type To) reference) => $"{reference.From.FullName} uses {reference.To.FullName}";
}
