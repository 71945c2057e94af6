using CsvHelper;
using Leftover.Evaluation;
using Leftover.Evaluation.Comparison;
using Leftover.Tensors.Files;

namespace Leftover.Reporting.Comparison;

/// <summary>A comparison's raw figures as CSV, a row a method, seed, prompt, sample and reward: all that its tables can be recomputed from.</summary>
/// <remarks>Numbers are written so that they read back to the same double.</remarks>
public static class CompareCsv
{
    private static readonly string[] s_columns = ["noise", "method", "seed", "prompt", "sample", "reward", "value", "tokens", "log_prob", "reference_log_prob", "kl_k3", "cut", "reply"];

    /// <summary>Writes the file whole, or leaves an older one as it was.</summary>
    public static void Write(string path, IReadOnlyList<ComparedCell> cells) => FileReplacement.Write(path, stream =>
    {
        using CsvWriter csv = CsvWriter.Create(stream, new CsvWriterOptions { NewLine = "\n", TrueValue = "true", FalseValue = "false" }, leaveOpen: true);
        csv.WriteHeader(s_columns);
        foreach (ComparedCell cell in cells)
        {
            int sample = 0, before = -1;
            foreach (ScoredReply reply in cell.Replies)
            {
                sample = reply.Prompt == before ? sample + 1 : 0;
                before = reply.Prompt;
                foreach ((string reward, double value) in reply.Rewards)
                {
                    csv.WriteField(cell.Noise);
                    csv.WriteField(cell.Method);
                    csv.WriteField(cell.Seed);
                    csv.WriteField(reply.Prompt);
                    csv.WriteField(sample);
                    csv.WriteField(reward);
                    csv.WriteField(value);
                    csv.WriteField(reply.Tokens);
                    csv.WriteField(reply.LogProb);
                    csv.WriteField(reply.ReferenceLogProb);
                    csv.WriteField(reply.KlK3);
                    csv.WriteField(reply.Cut);
                    csv.WriteField(reply.Text);
                    csv.EndRecord();
                }
            }
        }
    });
}
