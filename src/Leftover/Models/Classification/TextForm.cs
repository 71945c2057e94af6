using System.Text.Json.Nodes;
using Leftover.Data;
using Leftover.Tokenization;

namespace Leftover.Models.Classification;

/// <summary>How a prompt and an answer become the one text that a classifier reads. It is saved beside the model, since scores mean nothing over other texts.</summary>
public sealed record TextForm
{
    /// <summary>The file beside the model that holds it, and what the training measured.</summary>
    public const string FileName = "reward_model.json";

    /// <summary>The name of the form without the prompt.</summary>
    public const string AnswerAlone = "answer";

    /// <summary><c>answer</c> for the answer alone, or the template that writes prompt and answer: <c>transcript</c>, <c>chatml</c> or <c>plain</c>. Default answer.</summary>
    public string Template { get; init; } = AnswerAlone;

    /// <summary>Tokens of a text, special ones included, at most; ≥ 3. Default: the model's limit.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Which side of a longer text is dropped. Default right.</summary>
    public TruncationSide Side { get; init; } = TruncationSide.Right;

    /// <summary>The form that lies in a model's folder, or null where none does.</summary>
    /// <exception cref="DataException">The file is malformed.</exception>
    public static TextForm? Of(string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (Checkpoint.ReadJson(path)?["text"] is not JsonObject text) return null;
        string template = text["template"]?.ToString() ?? AnswerAlone, side = text["truncation_side"]?.ToString() ?? "right";
        if (side is not ("left" or "right")) throw new DataException($"{path}: text.truncation_side is \"{side}\"; it must be left or right.");
        int? most = text["max_tokens"] is JsonValue value && value.TryGetValue(out int tokens) ? tokens : null;
        return new TextForm { Template = template, MaxTokens = most, Side = side == "left" ? TruncationSide.Left : TruncationSide.Right };
    }

    /// <summary>The form as it is saved.</summary>
    public JsonObject ToJson() => new() { ["template"] = Template, ["max_tokens"] = MaxTokens, ["truncation_side"] = Side == TruncationSide.Left ? "left" : "right" };
}

/// <summary>Turns prompts and answers into a classifier's token ids.</summary>
/// <remarks>A prompt of several turns is one text here, their contents with blank lines between: that is what rewards see of a row, wherever it comes from.</remarks>
public sealed class TextEncoder
{
    private readonly Tokenizer _tokenizer;
    private readonly PromptTemplate? _template;
    private readonly TruncationSide _side;
    private readonly int[] _before, _after;
    private readonly int _room;

    /// <summary>An encoder for one model.</summary>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="form">How texts are written and cut.</param>
    /// <param name="context">The model's context, in tokens.</param>
    /// <exception cref="DataException">The form asks for more tokens than the model has, or leaves no room for any.</exception>
    public TextEncoder(Tokenizer tokenizer, TextForm form, int context)
    {
        (_tokenizer, _side) = (tokenizer, form.Side);
        _template = form.Template == TextForm.AnswerAlone ? null : PromptTemplate.For(tokenizer, form.Template);
        int most = form.MaxTokens ?? context;
        if (most > context) throw new DataException($"A text may have {most} tokens (truncation.max_tokens, --max_length); the model's context is {context} tokens. Set it to at most that, or leave it out to use all of it.");
        int[] around = tokenizer.Encode("", addSpecialTokens: true);
        _before = [.. tokenizer.LeadingSpecialTokens];
        _after = around[_before.Length..];
        _room = most - around.Length;
        if (_room < 1) throw new DataException($"A text may have {most} tokens (truncation.max_tokens, --max_length), and the tokenizer puts {around.Length} special ones around it: none is left for its words. Raise the limit.");
    }

    /// <summary>Texts that were longer than allowed, so far.</summary>
    public int Cut { get; private set; }

    /// <summary>The ids of an answer, after its prompt where the form takes one.</summary>
    /// <param name="prompt">What stands before the answer; empty for nothing.</param>
    /// <param name="answer">The answer, or a text alone.</param>
    public int[] Encode(string prompt, string answer)
    {
        string text = _template is null || prompt.Length == 0 ? answer : _template.RenderPrompt([new ChatMessage("user", prompt)]) + _template.RenderCompletion(answer);
        int[] ids = _tokenizer.Encode(text);
        if (ids.AsSpan().StartsWith(_before)) ids = ids[_before.Length..];                // the template wrote it out: once is enough
        if (ids.Length > _room)
        {
            Cut++;
            ids = _side == TruncationSide.Left ? ids[^_room..] : ids[.._room];
        }
        int[] whole = [.. _before, .. ids, .. _after];
        return whole.Length > 0 ? whole : _tokenizer.Encode(" ") is { Length: > 0 } blank ? blank[..1] : [0];   // an empty text of a tokenizer without special tokens
    }
}
