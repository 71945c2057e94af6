using Leftover.Data;
using Leftover.Pipeline;

namespace Leftover.Cli;

/// <summary>Rows to evaluate on.</summary>
internal static class HeldOut
{
    /// <summary>Throws, before any training, where there are none.</summary>
    /// <exception cref="DataException">There are none.</exception>
    public static void Require(RunPipeline pipeline)
    {
        if (pipeline.Data.HeldOut.Examples.Count == 0)
            throw new DataException("There are no held-out rows to evaluate on; name files under data.held_out (--eval_file), or a share of the train rows under data.hold_out. `leftover train` trains without them.");
    }
}
