namespace Leftover.Runs;

/// <summary>A command-line flag and the recipe key it sets.</summary>
/// <param name="Name">The flag without its dashes, in TRL's spelling where TRL has it; dash and underscore are one.</param>
/// <param name="Key">The dotted recipe key.</param>
/// <param name="Help">What it is, for the help text.</param>
public sealed record RecipeFlag(string Name, string Key, string Help)
{
    /// <summary>Other spellings, from other tools.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>The value a bare flag stands for; null where a value must follow.</summary>
    public string? Implied { get; init; }
}

/// <summary>All flags that set a recipe key: the one table the command line is built from.</summary>
public static class RecipeFlags
{
    /// <summary>The flags, in the order of help texts.</summary>
    public static IReadOnlyList<RecipeFlag> All { get; } =
    [
        new("model_name_or_path", "model.path", "Folder of the model to start from") { Aliases = ["model"] },
        new("tokenizer_name_or_path", "model.tokenizer", "Folder or file of the tokenizer") { Aliases = ["tokenizer"] },
        new("vocabulary_size", "model.vocabulary_size", "Entries of a tokenizer trained on the train set") { Aliases = ["vocab_size"] },
        new("ref_model_name_or_path", "model.reference", "Folder of the reference policy") { Aliases = ["ref_model"] },
        new("chat_template", "template", "auto, none, chatml or transcript") { Aliases = ["chat_template_path"] },
        new("dataset_name", "data.train", "Files to learn from; several in brackets: [a.jsonl, b.jsonl]") { Aliases = ["data", "dataset", "train_file"] },
        new("validation_file", "data.validation", "Files whose prompts estimate the value and select checkpoints") { Aliases = ["valid_file"] },
        new("eval_file", "data.held_out", "Files to evaluate on") { Aliases = ["test_file", "held_out"] },
        new("format", "data.format", "What the columns mean, where the first rows do not tell"),
        new("prompt_column", "data.columns.prompt", "The file's name for the prompt") { Aliases = ["prompt_key", "prompt_feature", "input_key"] },
        new("completion_column", "data.columns.completion", "The file's name for the completion") { Aliases = ["completion_key", "completion_feature", "output_key", "response_column"] },
        new("messages_column", "data.columns.messages", "The file's name for the turns") { Aliases = ["messages_key", "chat_feature"] },
        new("reward_column", "data.columns.reward", "The file's name for the reward") { Aliases = ["reward_key", "score_column"] },
        new("chosen_column", "data.columns.chosen", "The file's name for the chosen completion") { Aliases = ["chosen_key", "chosen_feature"] },
        new("rejected_column", "data.columns.rejected", "The file's name for the rejected completion") { Aliases = ["rejected_key", "rejected_feature"] },
        new("weight_column", "data.columns.weight", "The file's name for the weight of a row"),
        new("text_column", "data.columns.text", "The file's name for plain text") { Aliases = ["text_key", "text_feature", "dataset_text_field"] },
        new("skip_invalid", "data.skip_invalid", "Leave rows out that cannot be used, and count them") { Implied = "true" },
        new("max_prompt_length", "truncation.max_prompt_tokens", "Tokens of a prompt, at most"),
        new("max_completion_length", "truncation.max_completion_tokens", "Tokens of a completion, at most"),
        new("max_length", "truncation.max_tokens", "Tokens of prompt and completion, at most") { Aliases = ["sequence_len", "cutoff_len", "max_seq_length"] },
        new("truncation_side", "truncation.side", "The side a prompt is cut on: left or right"),
        new("strict", "truncation.strict", "Make a row that would be cut an error") { Implied = "true" },
        new("rewards", "rewards", "The rewards: [repetition, {type: length, target: 20, width: 10}]; otherwise those the data records") { Aliases = ["reward_funcs"] },
        new("reward_weights", "rewards.*.weight", "Weights of the rewards, in their order: [1, 0.5]"),
        new("reward_norm", "rewards.*.normalizer", "The normaliser of the rewards"),
        new("reward_aggregation", "reward_aggregation", "How several rewards become one: weighted_sum, weighted_mean, minimum or product"),
        new("algorithm", "algorithm", "The algorithm's name") { Aliases = ["method"] },
        new("beta", "algorithm.beta", "The algorithm's β") { Aliases = ["kl_beta"] },
        new("is_clip", "algorithm.clip_range", "ε of the importance weight's clip range") { Aliases = ["ppo_clip", "clip_range", "epsilon"] },
        new("loss_type", "algorithm.loss_type", "The algorithm's form of loss; of dpo also several that are added: [sigmoid, sft]"),
        new("loss_weights", "algorithm.loss_weights", "What each of several losses counts: [1, 0.5]"),
        new("label_smoothing", "algorithm.label_smoothing", "The probability that a preference is wrong"),
        new("use_weighting", "algorithm.use_weighting", "Weigh pairs by how likely the policy itself would write them (WPO)") { Implied = "true" },
        new("learning_rate", "training.learning_rate", "AdamW's step size at its highest") { Aliases = ["lr"] },
        new("lr_scheduler_type", "training.schedule", "constant, linear or cosine") { Aliases = ["lr_schedule"] },
        new("warmup_steps", "training.warmup_steps", "Steps over which the learning rate rises") { Aliases = ["num_warmup_steps"] },
        new("warmup_ratio", "training.warmup_ratio", "The same as a share of all steps"),
        new("per_device_train_batch_size", "training.batch_size", "Completions a batch") { Aliases = ["batch_size", "train_batch_size", "micro_batch_size"] },
        new("max_batch_tokens", "training.max_batch_tokens", "Input tokens computed at once, at most"),
        new("batch_tokens", "training.batch_tokens", "Input tokens a batch, in place of completions a batch") { Aliases = ["tokens_per_batch"] },
        new("gradient_checkpointing", "training.gradient_checkpointing", "Run blocks again in the backward pass: less memory, the same result; otherwise only where it would not fit") { Aliases = ["grad_checkpoint"], Implied = "true" },
        new("gradient_accumulation_steps", "training.gradient_accumulation", "Batches a step") { Aliases = ["grad_accumulation_steps"] },
        new("num_train_epochs", "training.epochs", "Passes over the rows") { Aliases = ["num_epochs", "epochs"] },
        new("max_steps", "training.steps", "Optimizer steps") { Aliases = ["iters", "steps"] },
        new("max_grad_norm", "training.max_grad_norm", "The gradient's norm, at most"),
        new("weight_decay", "training.weight_decay", "AdamW's weight decay"),
        new("adam_beta1", "training.beta1", "AdamW's decay of the first moment"),
        new("adam_beta2", "training.beta2", "AdamW's decay of the second moment"),
        new("adam_epsilon", "training.epsilon", "AdamW's ε"),
        new("sampling", "training.sampling", "uniform, good_random, good_priority or all_priority"),
        new("priority_exponent", "training.priority_exponent", "α of drawing by priority^α"),
        new("advantage_threshold", "training.advantage_threshold", "Rows whose advantage is not above it are dropped"),
        new("logging_steps", "training.logging_steps", "Steps between two lines of metrics") { Aliases = ["steps_per_report"] },
        new("eval_steps", "training.eval_steps", "Steps between two evaluations") { Aliases = ["steps_per_eval"] },
        new("save_steps", "training.save_steps", "Steps between two checkpoints") { Aliases = ["save_every"] },
        new("save_total_limit", "training.save_total_limit", "Checkpoints kept"),
        new("load_best_model_at_end", "training.keep_best", "Keep the checkpoint with the best validation reward") { Implied = "true" },
        new("resume_from_checkpoint", "training.resume", "Continue an interrupted run: true (or auto) or false") { Aliases = ["resume"], Implied = "true" },
        new("max_new_tokens", "generation.max_new_tokens", "Tokens of a reply, at most") { Aliases = ["max_tokens"] },
        new("temperature", "generation.temperature", "Sampling temperature; 0 takes the likeliest token") { Aliases = ["temp"] },
        new("top_p", "generation.top_p", "Probability that sampling covers"),
        new("min_p", "generation.min_p", "Least share of the likeliest token's probability"),
        new("top_k", "generation.top_k", "Likeliest tokens that sampling covers"),
        new("num_beams", "generation.beams", "Beams of a beam search"),
        new("repetition_penalty", "generation.repetition_penalty", "Divides the probability of tokens already used"),
        new("per_device_eval_batch_size", "generation.batch_size", "Replies written at once") { Aliases = ["eval_batch_size"] },
        new("weight_dtype", "generation.weight_dtype", "How weights are read while replies are written: fp32, bf16 or int8"),
        new("preset", "preset", "corrected or paper"),
        new("output_dir", "output", "The run folder") { Aliases = ["output"] },
        new("cache_dir", "cache", "Where stages keep results for later runs"),
        new("run_name", "name", "The run's name in reports"),
        new("report_to", "report_to", "tensorboard or none"),
        new("dtype", "dtype", "Numbers that matrix products multiply: fp32, bf16, or auto, which is bf16 where the processor has it") { Aliases = ["torch_dtype"] },
        new("bf16", "dtype", "The same as --dtype bf16") { Implied = "bf16" },
        new("seed", "seed", "Every random number follows from it"),
        new("threads", "threads", "Threads to compute with; otherwise all cores") { Aliases = ["dataset_num_proc"] },
    ];

    /// <summary>Flags of other tools that ask for what is always so here.</summary>
    public static IReadOnlyDictionary<string, string> AlwaysOn { get; } = new Dictionary<string, string>
    {
        ["precompute_ref_log_probs"] = "the reference's log-probabilities are always computed once and cached",
        ["mask_prompt"] = "only completion tokens are ever trained on",
        ["completion_only_loss"] = "only completion tokens are ever trained on",
        ["packing"] = "batches are always packed, and no row sees another",
        ["use_cpu"] = "there is nothing but the CPU",
    };

    /// <summary>Flags of other tools for what is not in this version, with what to do instead.</summary>
    public static IReadOnlyDictionary<string, string> NotHere { get; } = new Dictionary<string, string>
    {
        ["use_peft"] = "adapters are not in this version: the whole model is trained",
        ["lora_r"] = "adapters are not in this version: the whole model is trained",
        ["lora_rank"] = "adapters are not in this version: the whole model is trained",
        ["lora_alpha"] = "adapters are not in this version: the whole model is trained",
        ["lora_dropout"] = "adapters are not in this version: the whole model is trained",
        ["lora_target_modules"] = "adapters are not in this version: the whole model is trained",
        ["load_in_4bit"] = "weights are held in 32 bits in this version; use a smaller model",
        ["load_in_8bit"] = "weights are held in 32 bits in this version; use a smaller model",
        ["fp16"] = "products are computed in fp32 or bf16; see --dtype",
        ["dropout"] = "the policy is trained without dropout, which would put noise into the importance weights",
    };

    private static readonly Dictionary<string, RecipeFlag> _byName =
        All.SelectMany(f => f.Aliases.Prepend(f.Name).Select(name => (name, f))).ToDictionary(p => p.name, p => p.f);

    /// <summary>The flag of a name or alias, with or without dashes in front, or null.</summary>
    public static RecipeFlag? Find(string name) => _byName.GetValueOrDefault(ConfigSchema.Normalize(name.TrimStart('-')));

    /// <summary>The recipe key that a flag sets, or null.</summary>
    public static string? KeyOf(string name) => Find(name)?.Key;

    /// <summary>Every name and alias, for "did you mean".</summary>
    public static IReadOnlyCollection<string> Names => _byName.Keys;
}
