using Leftover.Advantages;
using Leftover.Data;

namespace Leftover.Pipeline;

/// <summary>V(x) by the value head.</summary>
internal static class HeadStage
{
    public static ValueEstimate Estimate(RunPipeline pipeline, ValueOptions options) =>
        throw new DataException("value.kind: head is not built yet; set value.kind to decodes_mean, logged_mean, leave_one_out or constant.");
}
