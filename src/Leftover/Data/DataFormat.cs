namespace Leftover.Data;

/// <summary>What the columns of a file mean. The file's kind (JSON lines, CSV, TSV, each also as .gz) follows from its name.</summary>
public enum DataFormat
{
    /// <summary>Decided by the columns of the first rows.</summary>
    Auto,

    /// <summary><c>prompt</c> or <c>messages</c>, <c>completion</c>, and <c>reward</c>, <c>rewards</c> or <c>label</c> where there is one.</summary>
    Rewarded,

    /// <summary><c>chosen</c> and <c>rejected</c>, with or without a <c>prompt</c>; also whole transcripts that share their beginning.</summary>
    Preference,

    /// <summary><c>prompt</c> and <c>completions</c>, a list of {completion, reward or rank} or of texts beside <c>rewards</c> or <c>ranks</c>.</summary>
    Ranked,

    /// <summary>The released A-LoL files: <c>prefix</c>, <c>suffix</c>, <c>reward</c> (logits), <c>sft_index</c>.</summary>
    ALol,

    /// <summary><c>instruction</c>, <c>input</c>, <c>output</c>.</summary>
    Alpaca,

    /// <summary><c>conversations</c>, a list of {from, value}.</summary>
    ShareGpt,

    /// <summary><c>text</c> alone, for pre-training: no prompt.</summary>
    Text,

    /// <summary><c>prompt</c> or <c>messages</c> alone, to be answered by a policy; not to be trained on.</summary>
    Prompts,
}
