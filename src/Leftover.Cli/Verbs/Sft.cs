using System.CommandLine;
using Leftover.Models;
using Leftover.Pipeline;
using Leftover.Runs;
using Leftover.Tensors.Safetensors;

namespace Leftover.Cli.Verbs;

/// <summary>Supervised fine-tuning on the completions: makes the reference policy, or pre-trains a new model.</summary>
internal static class Sft
{
    public static Command Create(Host host) =>
        RecipeVerb.Create(host, "sft", "Fine-tune a model on the completions of the data (NLL); its result is the reference policy", Execute, new RecipeOverride("sft.enabled", "true", "sft"));

    private static int Execute(Session session, RunPipeline pipeline)
    {
        Recipe recipe = pipeline.Context.Recipe;
        if (recipe.Model.Reference is { } given)
            throw new UsageException($"The recipe names its reference policy already (model.reference: {given}); there is nothing to fine-tune. Leave it out, or go on with `leftover train`.");
        using OutputFolder folder = OutputFolder.Take(pipeline);
        folder.Begin();
        PolicySource reference = pipeline.Reference;
        string target = pipeline.Context.PathOf("sft");
        using (LanguageModel model = reference.Load(trainable: false)) ModelFolder.Save(model, target, pipeline.Coding.Tokenizer, ElementType.F32);
        session.Show(new { model = target, hash = reference.Hash, rows = pipeline.Train.Rows.Count, pipeline.Train.Tokens, memory = pipeline.Memory.GetValueOrDefault("sft") }, page =>
            page.Line($"The fine-tuned model: {target}"));
        return 0;
    }
}
