using System.CommandLine;
using Leftover.Batches;
using Leftover.Cli.Arguments;
using Leftover.Data;
using Leftover.Models;
using Leftover.Pipeline;

namespace Leftover.Cli.Verbs;

/// <summary>The frozen pass over the data: token ids and ln π_ref of each completion token, row by row.</summary>
internal static class Reference
{
    public static Command Create(Host host)
    {
        var verb = new Command("reference", "Write token ids and ln π of each completion token under the reference policy, a line a row");
        var recipe = new RecipeArguments(verb, "output");
        Option<string?> output = Flag.Text("output", "FILE", "Where the lines go; otherwise reference.jsonl in the run folder");
        verb.Add(output);
        return host.On(verb, session =>
        {
            RunPipeline pipeline = RecipeVerb.Open(session, recipe.Load(session));
            using var target = StageFile.Open(pipeline, session.Parse.GetValue(output), "reference.jsonl");
            LanguageModel.Check(pipeline.Base.Path, pipeline.Coding.Tokenizer);
            IReadOnlyList<TrainingRow> rows = pipeline.Train.Rows;
            IReadOnlyList<float[]> logProbs = pipeline.ReferenceLogProbs;
            double[] sums = [.. logProbs.Select(row => row.Sum(value => (double)value))];
            target.Write(rows.Select((row, i) => Line(pipeline.Data.Train.Examples[i], row, logProbs[i], sums[i])));

            long tokens = rows.Sum(row => (long)row.Completion.Length);
            var result = new
            {
                output = target.Path,
                model = pipeline.Reference.Path,
                modelHash = pipeline.Reference.Hash,
                rows = rows.Count,
                prompts = pipeline.Train.Prompts.Count,
                pipeline.Train.PromptsCut,
                pipeline.Train.CompletionsCut,
                completionTokens = tokens,
                meanLogProb = sums.Average(),
                perplexity = Math.Exp(-sums.Sum() / tokens),
            };
            session.Show(result, page =>
            {
                var table = Tables.Of("rows", "prompts", "completion tokens", "mean ln π(y|x)", "perplexity", "prompts cut", "completions cut");
                table.Row(Tables.Number(result.rows), Tables.Number(result.prompts), Tables.Number(tokens), Tables.Number(result.meanLogProb), Tables.Number(result.perplexity), Tables.Number(result.PromptsCut), Tables.Number(result.CompletionsCut));
                page.Table(table);
                page.Line($"Written: {target.Path}");
            });
            return 0;
        });
    }

    private static ReferenceLine Line(Example example, TrainingRow row, float[] logProbs, double sum) =>
        new(example.Id, example.File, example.Line, row.Prompt, row.Completion, logProbs, sum);

    /// <summary>A row's line.</summary>
    /// <param name="Id">The row's name.</param>
    /// <param name="File">Its file.</param>
    /// <param name="Line">Its line there, from 1.</param>
    /// <param name="PromptIds">The prompt's token ids.</param>
    /// <param name="CompletionIds">The completion's token ids, its end token last unless it was cut.</param>
    /// <param name="LogProbs">ln π of each completion token, in nats.</param>
    /// <param name="LogProb">Their sum, ln π(y|x).</param>
    private sealed record ReferenceLine(string Id, string File, int Line, int[] PromptIds, int[] CompletionIds, float[] LogProbs, double LogProb);
}
