using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json.Nodes;
using Leftover.Data;

namespace Leftover.Models;

/// <summary>Reads a model's config.json key by key, gathers what is wrong with it, and refuses settings that nobody asked for but that would change the numbers.</summary>
internal sealed class ConfigReader(JsonObject json, string place)
{
    /// <summary>Keys that never change what a causal model computes in evaluation; dropout is never applied here.</summary>
    private static readonly HashSet<string> s_harmless = new(StringComparer.Ordinal)
    {
        "architectures", "model_type", "dtype", "torch_dtype", "transformers_version", "use_cache", "initializer_range", "tokenizer_class", "prefix",
        "bos_token_id", "eos_token_id", "pad_token_id", "unk_token_id", "sep_token_id", "decoder_start_token_id", "_name_or_path", "_model_name_or_path", "name_or_path",
        "return_dict", "output_hidden_states", "output_attentions", "torchscript", "use_bfloat16", "chunk_size_feed_forward", "gradient_checkpointing",
        "id2label", "label2id", "num_labels", "problem_type", "task_specific_params", "finetuning_task", "is_decoder", "auto_map",
        "attention_dropout", "attn_pdrop", "embd_pdrop", "resid_pdrop", "hidden_dropout", "classifier_dropout", "summary_activation", "summary_first_dropout",
        "summary_proj_to_labels", "summary_type", "summary_use_proj", "pretraining_tp", "reorder_and_upcast_attn", "n_special", "predict_special_tokens",
        "_attn_implementation", "_attn_implementation_autoset", "attn_implementation", "use_flash_attention", "use_flash_attn", "flash_attn",
        "max_length", "min_length", "do_sample", "early_stopping", "num_beams", "num_beam_groups", "diversity_penalty", "temperature", "top_k", "top_p", "typical_p",
        "repetition_penalty", "length_penalty", "no_repeat_ngram_size", "encoder_no_repeat_ngram_size", "bad_words_ids", "num_return_sequences",
        "output_scores", "return_dict_in_generate", "forced_bos_token_id", "forced_eos_token_id", "remove_invalid_values", "exponential_decay_length_penalty",
        "suppress_tokens", "begin_suppress_tokens", "tf_legacy_loss", "head_dropout", "original_tokenizer_len", "transformers.js_config",
    };

    /// <summary>Parts of a key's name that tell of arithmetic: an unknown key with one of them is refused where it is switched on.</summary>
    private static readonly string[] s_arithmetic =
    [
        "attn", "attention", "norm", "rope", "rotary", "bias", "scal", "softcap", "multiplier", "qk", "window", "clip", "moe", "expert", "layer", "mlp", "act",
        "head", "residual", "quant", "embed", "parallel", "logit", "position", "alibi", "factor", "dim", "size", "pruned", "cross", "encoder", "lora", "rank", "skip",
    ];

    private readonly JsonObject _json = (JsonObject)JsonNode.Parse(json.ToJsonString())!;         // all numbers are text inside, whoever made them
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);
    private readonly List<string> _problems = [];
    private readonly List<string> _notes = [];

    /// <summary>What was left unread without harm, for the user to see.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>A whole number ≥ 1; where the key is missing, the fallback, and where there is none that is a problem.</summary>
    public int Count(string name, int? fallback = null) => (int)Math.Min(int.MaxValue, Number(name, fallback, x => x >= 1 && x == Math.Floor(x) && x <= int.MaxValue, "a whole number of at least 1"));

    /// <summary>A finite number above 0.</summary>
    public double Positive(string name, double? fallback = null) => Number(name, fallback, x => x > 0 && double.IsFinite(x), "a finite number above 0");

    /// <summary>A number within bounds.</summary>
    public double Between(string name, double low, double high, double fallback) =>
        Number(name, fallback, x => x >= low && x <= high, string.Create(CultureInfo.InvariantCulture, $"a number from {low} to {high}"));

    /// <summary>A token id or a list of them; empty where there is none.</summary>
    public IReadOnlyList<int> Ids(string name) => List<int>(name, "a token id or a list of them", IsId);

    /// <summary>A row of the embedding, counted from the end where it is negative as PyTorch does; -1 where there is none.</summary>
    public int Row(string name, int rows)
    {
        double row = Number(name, -1 - (double)rows, x => x >= -(double)rows && x < rows && x == Math.Floor(x), $"a whole number below the vocabulary of {rows}");
        return (int)(row < 0 ? row + rows : row);
    }

    /// <summary>A text or a list of them; empty where there is none.</summary>
    public IReadOnlyList<string> Texts(string name) => List<string>(name, "a text or a list of them", IsText);

    /// <summary>Whether a key holds this text.</summary>
    public bool IsText(string name, string text) => IsText(Node(name), out string? found) && found == text;

    /// <summary>True or false.</summary>
    public bool Flag(string name, bool fallback)
    {
        JsonNode? node = Node(name);
        if (node is null) return fallback;
        if (node is JsonValue value && value.TryGetValue(out bool flag)) return flag;
        return Problem(name, $"is {Shown(node)}; it must be true or false.", fallback);
    }

    /// <summary>A text.</summary>
    public string Text(string name, string fallback)
    {
        JsonNode? node = Node(name);
        if (node is null) return fallback;
        if (node is JsonValue value && value.TryGetValue(out string? text)) return text;
        return Problem(name, $"is {Shown(node)}; it must be a text.", fallback);
    }

    /// <summary>The settings nested under a name, or null.</summary>
    public ConfigReader? Nested(string name)
    {
        JsonNode? node = Node(name);
        if (node is null) return null;
        if (node is JsonObject inner) return new ConfigReader(inner, $"{place}: {name}");
        return Problem<ConfigReader?>(name, $"is {Shown(node)}; it must be an object or null.", null);
    }

    /// <summary>Whether a key is there and not null.</summary>
    public bool Has(string name) => _json[name] is not null;

    /// <summary>Takes note that a setting is known and means nothing here.</summary>
    public void Ignore(params ReadOnlySpan<string> names)
    {
        foreach (string name in names) _read.Add(name);
    }

    /// <summary>Takes note that no other setting means anything here.</summary>
    public void IgnoreRest()
    {
        foreach ((string name, _) in _json) _read.Add(name);
    }

    /// <summary>Refuses a setting that is on: this family is not built with it.</summary>
    /// <param name="name">The key.</param>
    /// <param name="harmless">Values that change nothing besides null, false and 0.</param>
    public void Refuse(string name, Func<JsonNode, bool>? harmless = null)
    {
        JsonNode? node = Node(name);
        if (!IsOff(node) && harmless?.Invoke(node!) != true) Problem(name, $"is {Shown(node!)}, which is not supported for this architecture.");
    }

    /// <summary>Adds a problem with a key's value.</summary>
    public void Problem(string name, string what) => _problems.Add($"  {name}  {what}");

    /// <summary>Takes over what a nested reader found.</summary>
    public void Include(ConfigReader nested, string name)
    {
        nested.LookForUnread();
        foreach (string problem in nested._problems) _problems.Add($"  {name}.{problem.TrimStart()}");
        _notes.AddRange(nested._notes);
    }

    /// <summary>Throws where anything was wrong.</summary>
    /// <exception cref="DataException">All problems at once.</exception>
    public void Check()
    {
        LookForUnread();
        if (_problems.Count == 0) return;
        throw new DataException($"{place} has {_problems.Count} problem{(_problems.Count == 1 ? "" : "s")}:\n{string.Join('\n', _problems)}");
    }

    private void LookForUnread()
    {
        foreach ((string name, JsonNode? node) in _json)
        {
            if (!_read.Add(name) || s_harmless.Contains(name) || IsOff(node)) continue;
            if (s_arithmetic.Any(part => name.Contains(part, StringComparison.OrdinalIgnoreCase)))
                Problem(name, $"is {Shown(node!)}; this setting is not known for this architecture and may change its numbers. Set it to null only if you know that it does not.");
            else
                _notes.Add($"{place}: '{name}' is not known and was not used.");
        }
    }

    private double Number(string name, double? fallback, Func<double, bool> fits, string needed)
    {
        JsonNode? node = Node(name);
        if (node is null && fallback is { } given) return given;
        if (node is null) return Problem(name, $"is missing; it must be {needed}.", 1.0);
        if (node is JsonValue value && value.TryGetValue(out double number) && fits(number)) return number;
        return Problem(name, $"is {Shown(node)}; it must be {needed}.", 1.0);
    }

    private delegate bool Is<T>(JsonNode? node, [NotNullWhen(true)] out T? value);

    private List<T> List<T>(string name, string needed, Is<T> read)
    {
        JsonNode? node = Node(name);
        List<T> items = [];
        if (node is null) return items;
        foreach (JsonNode? item in node is JsonArray array ? (IEnumerable<JsonNode?>)array : [node])
        {
            if (read(item, out T? value)) items.Add(value);
            else Problem(name, $"is {Shown(node)}; it must be {needed}.");
        }
        return items;
    }

    private T Problem<T>(string name, string what, T instead)
    {
        Problem(name, what);
        return instead;
    }

    private JsonNode? Node(string name)
    {
        _read.Add(name);
        return _json[name];
    }

    private static bool IsText(JsonNode? node, [NotNullWhen(true)] out string? text)
    {
        text = null;
        return node is JsonValue value && value.TryGetValue(out text);
    }

    private static bool IsId(JsonNode? node, out int id)
    {
        id = -1;
        return node is JsonValue value && value.TryGetValue(out id) && id >= 0;
    }

    private static bool IsOff(JsonNode? node) => node switch
    {
        null => true,
        JsonArray array => array.Count == 0,
        JsonObject inner => inner.Count == 0,
        JsonValue value when value.TryGetValue(out bool flag) => !flag,
        JsonValue value when value.TryGetValue(out double number) => number == 0,
        _ => false,
    };

    private static string Shown(JsonNode node)
    {
        string text = node.ToJsonString();
        return text.Length <= 80 ? text : string.Create(CultureInfo.InvariantCulture, $"{text.AsSpan(0, 77)}...");
    }
}
