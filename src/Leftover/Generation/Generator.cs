using Leftover.Models;
using Leftover.Runs;
using Leftover.Tensors;
using Leftover.Tensors.Kernels;
using Leftover.Tensors.Memory;
using Leftover.Tokenization;

namespace Leftover.Generation;

/// <summary>Writes completions with a model: many at once, or one as a stream of text.</summary>
/// <remarks>
/// A prompt is computed once for all its completions. What a completion says follows from the model, its prompt, the options and its
/// numbers alone: not from the other prompts, their order, the batch size or the threads. Rounded copies of the weights
/// (<see cref="GenerationOptions.WeightDtype"/>) are made at the first call; of weights that are trained, at each.
/// </remarks>
public sealed class Generator : IDisposable
{
    private const long CacheBytes = 4L << 30;           // keys and values of all sequences at once, at most (unless one needs more)

    private readonly LanguageModel _model;
    private readonly Tokenizer? _tokenizer;
    private readonly Arena _arena = new();
    private KeyValueCache? _cache;
    private PackedWeights? _packed;

    /// <summary>A generator over a model, which it does not own.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tokenizer">The model's tokenizer; without it there is no text and there are no stop strings.</param>
    /// <exception cref="Data.DataException">The tokenizer knows more tokens than the model.</exception>
    public Generator(LanguageModel model, Tokenizer? tokenizer = null)
    {
        if (tokenizer is not null) model.CheckVocabulary(tokenizer);
        (_model, _tokenizer) = (model, tokenizer);
    }

    /// <summary>Completes prompts.</summary>
    /// <param name="prompts">Token ids of each prompt, special tokens included; at least one.</param>
    /// <param name="options">How to write.</param>
    /// <param name="observer">Who is told how far it is.</param>
    /// <param name="cancellation">Stops between tokens.</param>
    /// <param name="promptNumbers">The number by which each prompt's random streams are named; null takes its place in the list. A part of a larger list gives its numbers there, and the same completions.</param>
    /// <returns>Prompt by prompt, each with <see cref="GenerationOptions.NumReturnSequences"/> completions.</returns>
    /// <exception cref="ArgumentException">The options contradict each other; a prompt is empty, fills the context, or has an id outside the vocabulary.</exception>
    public IReadOnlyList<Completion> Generate(IReadOnlyList<int[]> prompts, GenerationOptions options, IRunObserver? observer = null, CancellationToken cancellation = default,
        IReadOnlyList<int>? promptNumbers = null)
    {
        options.Check(_tokenizer is not null);
        for (int i = 0; i < prompts.Count; i++) Check(prompts[i], i);
        if (prompts.Count == 0) return [];

        List<Decoding> decodings = [.. prompts.SelectMany((prompt, number) => DecodingsOf(prompt, number, promptNumbers?[number] ?? number, options))];
        var completions = new Completion[prompts.Count * options.NumReturnSequences];
        using IWorkProgress progress = (observer ?? SilentObserver.Instance).Begin("Generating", completions.Length, "completions");
        var loop = new DecodingLoop(_model, _arena, CacheFor(decodings, options), PackedFor(options.WeightDtype), decodings);
        while (!loop.Done)
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (Completion completion in loop.Step().SelectMany(decoding => decoding.Completions()))
            {
                completions[completion.Prompt * options.NumReturnSequences + completion.Sample] = completion;
                progress.Advance(1, completion.Tokens.Length);
            }
        }
        return completions;
    }

    /// <summary>Completes one prompt and gives its text out piece by piece, as soon as a piece can no longer change.</summary>
    /// <param name="prompt">The prompt's token ids.</param>
    /// <param name="options">How to write: one beam, one completion.</param>
    /// <param name="finished">Told the whole completion at the end.</param>
    /// <param name="cancellation">Stops between tokens.</param>
    /// <exception cref="ArgumentException">There is no tokenizer, or more than one completion is asked for.</exception>
    public IEnumerable<string> Stream(int[] prompt, GenerationOptions options, Action<Completion>? finished = null, CancellationToken cancellation = default)
    {
        options.Check(_tokenizer is not null);
        Check(prompt, 0);
        if (_tokenizer is null) throw new ArgumentException("A stream of text needs a tokenizer; give one.");
        if (options.NumBeams > 1 || options.NumReturnSequences > 1) throw new ArgumentException("A stream is one completion: num_beams and num_return_sequences must be 1.");
        return StreamChecked(prompt, options, finished, cancellation);
    }

    private IEnumerable<string> StreamChecked(int[] prompt, GenerationOptions options, Action<Completion>? finished, CancellationToken cancellation)
    {
        var sequence = (SampledSequence)DecodingsOf(prompt, 0, 0, options).Single();
        var loop = new DecodingLoop(_model, _arena, CacheFor([sequence], options), PackedFor(options.WeightDtype), [sequence]);
        while (!loop.Done)
        {
            cancellation.ThrowIfCancellationRequested();
            loop.Step();
            string piece = sequence.Text!.TakeNew();
            if (piece.Length > 0) yield return piece;
        }
        finished?.Invoke(sequence.Completions().Single());
    }

    private IEnumerable<Decoding> DecodingsOf(int[] prompt, int number, int stream, GenerationOptions options)
    {
        int room = _model.Config.ContextLength - prompt.Length;
        int limit = Math.Min(options.MaxNewTokens, room);
        bool contextLimit = room < options.MaxNewTokens;
        if (options.NumBeams > 1) return [new BeamSearch(number, prompt, limit, contextLimit, options, _tokenizer)];
        return Enumerable.Range(0, options.NumReturnSequences).Select(sample =>
            new SampledSequence(number, stream, sample, prompt, limit, contextLimit, options, _tokenizer is null ? null : new CompletionText(_tokenizer, options.StopStrings)));
    }

    /// <summary>A cache with room for the longest sequence in each place; the last one again where it is large enough.</summary>
    private KeyValueCache CacheFor(IReadOnlyList<Decoding> decodings, GenerationOptions options)
    {
        int longest = decodings.Max(decoding => decoding.PromptTokens.Length + decoding.Limit);
        int capacity = Math.Min(_model.Config.ContextLength, (longest + 63) / 64 * 64);             // so that the next call's may fit too
        int each = decodings[0].SlotsNeeded;
        bool narrow = options.WeightDtype != WeightStorage.Float32;
        long bytes = 2L * (narrow ? sizeof(ushort) : sizeof(float)) * _model.Config.Layers * capacity * _model.Config.KeyValueHeads * _model.Config.HeadDimension;
        long fitting = Math.Min(CacheBytes / bytes, Math.Min(options.BatchSize, (long)each * decodings.Count));
        int slots = (int)Math.Max(each, fitting / each * each);
        if (_cache is null || _cache.Slots != slots || _cache.Capacity < capacity || _cache.IsNarrow != narrow)
        {
            _cache?.Dispose();
            _cache = _model.NewCache(slots, capacity, narrow);
        }
        for (int slot = 0; slot < slots; slot++) _cache.Truncate(slot);
        return _cache;
    }

    /// <summary>Copies of the weights to read; null where they are read as they are. Trained weights may have changed since the last call.</summary>
    private PackedWeights? PackedFor(WeightStorage storage)
    {
        if (_packed is not null && _packed.Storage == storage)
        {
            if (_model.Weights.Trainable) _packed.Refresh();
            return _packed;
        }
        _packed?.Dispose();
        return _packed = storage == WeightStorage.Float32 ? null : new PackedWeights(_model.Weights, storage);
    }

    private void Check(int[] prompt, int number)
    {
        if (prompt.Length == 0) throw new ArgumentException($"Prompt {number} is empty; it needs a token to begin with (the tokenizer's bos token where there is one).");
        if (prompt.Length >= _model.Config.ContextLength)
            throw new ArgumentException($"Prompt {number} has {prompt.Length} tokens, and the model's context is {_model.Config.ContextLength}: there is no room for a completion. Cut it shorter (--max_length).");
        foreach (int id in prompt)
        {
            if ((uint)id >= (uint)_model.Config.VocabularySize) throw new ArgumentException($"Prompt {number} holds the id {id}; ids are from 0 to {_model.Config.VocabularySize - 1}. Does the tokenizer belong to the model?");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _cache?.Dispose();
        _packed?.Dispose();
        _arena.Dispose();
    }
}
