using System.CommandLine;

namespace Leftover.Cli.Arguments;

/// <summary>The flags that name a model and how it is spoken to.</summary>
internal sealed class ModelFlags
{
    private readonly Option<string?> _model = Flag.Text("model", "PATH", "A folder in Hugging Face layout, or a .gguf file", "model_name_or_path");
    private readonly Option<string?> _tokenizer = Flag.Text("tokenizer", "PATH", "The tokenizer's folder or .gguf file; otherwise the model's own", "tokenizer_name_or_path");
    private readonly Option<string?> _template = Flag.Text("chat_template", "NAME", "How prompts are written: auto (the model's own), chatml, transcript, none");

    public ModelFlags(Command verb)
    {
        foreach (Option flag in (Option[])[_model, _tokenizer, _template]) verb.Add(flag);
    }

    /// <summary>Loads the model they name.</summary>
    /// <exception cref="UsageException">They name none.</exception>
    public LoadedModel Load(Session session)
    {
        string path = session.Parse.GetValue(_model) ?? throw new UsageException("No model is named; give --model PATH, a folder in Hugging Face layout or a .gguf file.");
        LoadedModel loaded = LoadedModel.Load(path, session.Parse.GetValue(_tokenizer), session.Parse.GetValue(_template));
        foreach (string note in loaded.Model.Notes) session.Observer.Say(note);
        return loaded;
    }
}
