using Leftover.Tensors.Kernels;
using Leftover.Tensors.Memory;

namespace Leftover.Tensors;

/// <summary>How the fused LM head uses memory; it changes no result but in the last bits.</summary>
public sealed record HeadOptions
{
    /// <summary>The options in use where none are given.</summary>
    public static HeadOptions Default { get; } = new();

    /// <summary>Bytes of exponentials kept for the backward pass, ≥ 0; what does not fit is computed again there. Default 256 MiB.</summary>
    public long KeepBytes { get; init; } = 256L << 20;

    /// <summary>Bytes of logits held at a time where they are not kept, ≥ 0; at least one row always is. Default 64 MiB.</summary>
    public long BlockBytes { get; init; } = 64L << 20;
}

public sealed partial class Tensor
{
    /// <summary>ln softmax(hidden·headᵀ + bias)[target] of each row, [M]; the LM head, its softmax and the choice of the target in one.</summary>
    /// <param name="hidden">The final hidden states of the rows that predict, [M, C].</param>
    /// <param name="head">The head's weight, [V, C]; it may be the embedding.</param>
    /// <param name="headBias">[V], or null.</param>
    /// <param name="targets">M token ids, each in [0, V).</param>
    /// <param name="options">How memory is used.</param>
    /// <param name="logSumSquares">Where ln Σ_v softmax(…)[v]² of each row goes, [M]: a number of the forward pass that no gradient flows through. Null does not compute it.</param>
    /// <exception cref="ShapeException">The shapes do not fit.</exception>
    /// <exception cref="ArgumentException">A target is outside the vocabulary.</exception>
    public static Tensor TokenLogProbs(Tensor hidden, Tensor head, Tensor? headBias, ReadOnlySpan<int> targets, HeadOptions? options = null, float[]? logSumSquares = null)
    {
        if (hidden.Columns != head.Columns) throw new ShapeException($"TokenLogProbs: hidden {hidden.ShapeText} and head {head.ShapeText} do not fit: their columns must be equal.");
        if (headBias is not null && headBias.Length != head.Rows) throw new ShapeException($"TokenLogProbs: head {head.ShapeText} and bias {headBias.ShapeText} do not fit: the bias must have one number for each of the {head.Rows} tokens.");
        if (targets.Length != hidden.Rows) throw new ShapeException($"TokenLogProbs: hidden {hidden.ShapeText} needs {hidden.Rows} targets, one a row; there are {targets.Length}.");
        if (logSumSquares is not null && logSumSquares.Length != hidden.Rows) throw new ShapeException($"TokenLogProbs: hidden {hidden.ShapeText} has {hidden.Rows} sums of squares, one a row; there is room for {logSumSquares.Length}.");
        CheckRows("TokenLogProbs", "target", head, targets);
        return Tape.Current.Run(new TokenLogProbs(hidden, head, headBias, Indices.Copy(targets), options ?? HeadOptions.Default, logSumSquares));
    }
}

/// <summary>y[i] = z[target] − ln Σ e^z with z = hidden[i]·headᵀ + bias, in blocks of rows: no matrix [M, V] is held beyond the options' bounds.</summary>
/// <remarks>
/// Keeps ln Σ e^z of each row, and e^(z−max) of as many rows as may be kept; the others' logits are computed again. In bf16 the three products round
/// hidden, head and dz; the softmax stays float32.
/// </remarks>
internal sealed unsafe class TokenLogProbs(Tensor hidden, Tensor head, Tensor? bias, Indices targets, HeadOptions options, float[]? logSumSquares)
    : Op(bias is null ? [hidden, head] : [hidden, head, bias])
{
    private const int ChannelsOfTask = 128;

    private readonly int _vocabulary = head.Rows, _channels = head.Columns;
    private readonly int _stride = (head.Rows + 15) / 16 * 16;                      // each row of logits begins on a cache line
    private readonly Block _logSumExp = Block.Rent(hidden.Rows);                    // [M]
    private readonly Block _inverseSum = Block.Rent(hidden.Rows);                   // [M]: 1/Σ e^(z−max), of kept rows
    private readonly ComputeType _type = Tape.Current.ComputeType;
    private Block _kept;                                                            // [keptRows, stride]: e^(z−max)
    private int _keptRows;

    public override (int Rows, int Columns) Shape => (1, hidden.Rows);

    private int RowsOfBlock => Math.Max(1, RowsIn(options.BlockBytes));

    private int RowsIn(long bytes) => (int)Math.Min(hidden.Rows, Math.Min(bytes / sizeof(float), int.MaxValue) / _stride);

    protected override void Forward(Span<float> y)
    {
        _keptRows = Output.NeedsGradient ? RowsIn(options.KeepBytes) : 0;
        _kept = Block.Rent(_keptRows * _stride);
        if (_keptRows > 0) ForwardBlock(0, _keptRows, _kept.Pointer, keep: true);
        if (_keptRows == hidden.Rows) return;

        Block logits = Block.Rent(Math.Min(RowsOfBlock, hidden.Rows - _keptRows) * _stride);
        for (int row = _keptRows; row < hidden.Rows; row += RowsOfBlock)
            ForwardBlock(row, Math.Min(RowsOfBlock, hidden.Rows - row), logits.Pointer, keep: false);
        logits.Return();
    }

    private void ForwardBlock(int first, int rows, float* logits, bool keep)
    {
        Logits(first, rows, logits);
        float* y = Output.Pointer, b = bias is null ? null : bias.Pointer, logSumExp = _logSumExp.Pointer, inverseSum = _inverseSum.Pointer;
        RowKernel.ForRows(rows, _vocabulary, (_, start, end) =>
        {
            for (long i = start; i < end; i++)
            {
                float* z = logits + i * _stride;
                long row = first + i;
                if (b != null) RowKernel.AddVector(z, b, _vocabulary, 0, 1);
                float chosen = z[targets.Pointer[row]];
                (float max, double sum) = SoftmaxKernel.Exponentials(z, _vocabulary, keep || logSumSquares is not null);
                logSumExp[row] = (float)(max + Math.Log(sum));
                inverseSum[row] = (float)(1 / sum);
                y[row] = (float)(chosen - max - Math.Log(sum));
                if (logSumSquares is not null) logSumSquares[row] = (float)(Math.Log(SoftmaxKernel.SumOfSquares(z, _vocabulary)) - 2 * Math.Log(sum));    // z is e^(z−max) by now
            }
        });
    }

    // With p = softmax(z) and δ the target's one-hot row:   dz = dy·(δ − p),   dhead += dzᵀ·hidden,   dhidden += dz·head,   dbias += Σ dz.
    protected override void Backward(ReadOnlySpan<float> dy)
    {
        bool addHidden = false, addHead = false, addBias = false;
        float* dHidden = hidden.NeedsGradient ? hidden.GradientForStore(out addHidden) : null;
        float* dHead = head.NeedsGradient ? head.GradientForStore(out addHead) : null;
        float* dBias = bias is { NeedsGradient: true } ? bias.GradientForStore(out addBias) : null;

        Block logits = Block.Rent(Math.Min(RowsOfBlock, hidden.Rows - _keptRows) * _stride);
        bool scaledOutside = _keptRows > 0 && dBias == null && _type == ComputeType.Float32;
        if (scaledOutside) BackwardOfKept(dHidden, addHidden, dHead, addHead);
        for (int row = scaledOutside ? _keptRows : 0, rows; row < hidden.Rows; row += rows)
        {
            bool kept = row < _keptRows;
            rows = kept ? _keptRows : Math.Min(RowsOfBlock, hidden.Rows - row);
            float* dz = kept ? _kept.Pointer : logits.Pointer;
            if (!kept) Logits(row, rows, dz);
            LogitGradients(row, rows, dz, kept);
            if (dHead != null) MatMulKernel.Multiply(true, false, _vocabulary, _channels, rows, dz, _stride, hidden.Pointer + (long)row * _channels, _channels, dHead, _channels, addHead || row > 0, _type);
            if (dHidden != null) MatMulKernel.Multiply(false, false, rows, _channels, _vocabulary, dz, _stride, head.Pointer, _channels, dHidden + (long)row * _channels, _channels, addHidden, _type);
            if (dBias != null) SoftmaxKernel.SumColumns(dz, rows, _stride, _vocabulary, dBias, addBias || row > 0);
        }
        logits.Return();
        _kept.Return();
    }

    // With e the kept exponentials and f = −dy/Σe, dz is f ∘ e and dy at the targets. Where the factors stay outside of the products, no pass over [M, V]
    // is needed:   dhead += eᵀ·(f ∘ hidden), + dy·hidden at the targets' rows,   dhidden += f ∘ (e·head) + dy·head[target].
    // Not in bf16: of a target's e, rounded to 8 bits, too little would be left of 1 − p where p is near 1.
    private void BackwardOfKept(float* dHidden, bool addHidden, float* dHead, bool addHead)
    {
        float* dy = Output.GradientPointer, inverseSum = _inverseSum.Pointer, x = hidden.Pointer, w = head.Pointer;
        int* target = targets.Pointer;
        int rows = _keptRows, channels = _channels;
        Block aside = Block.Rent(rows * channels);
        float* a = aside.Pointer;
        if (dHead != null)
        {
            RowKernel.ForRows(rows, channels, (_, start, end) =>
            {
                for (long i = start; i < end; i++) AttentionTiles.Move(x + i * channels, -dy[i] * inverseSum[i], a + i * channels, channels, accumulate: false);
            });
            MatMulKernel.Multiply(true, false, _vocabulary, channels, rows, _kept.Pointer, _stride, a, channels, dHead, channels, addHead);
            ThreadTeam.Shared.For(channels, ChannelsOfTask, (_, start, end) =>
            {
                for (int i = 0; i < rows; i++) AttentionTiles.Move(x + (long)i * channels + start, dy[i], dHead + (long)target[i] * channels + start, (int)(end - start), accumulate: true);
            });
        }
        if (dHidden != null)
        {
            MatMulKernel.Multiply(false, false, rows, channels, _vocabulary, _kept.Pointer, _stride, w, channels, a, channels, accumulate: false);
            RowKernel.ForRows(rows, channels, (_, start, end) =>
            {
                for (long i = start; i < end; i++)
                {
                    AttentionTiles.Move(a + i * channels, -dy[i] * inverseSum[i], dHidden + i * channels, channels, addHidden);
                    AttentionTiles.Move(w + (long)target[i] * channels, dy[i], dHidden + i * channels, channels, accumulate: true);
                }
            });
        }
        aside.Return();
    }

    private void Logits(int first, int rows, float* logits) =>
        MatMulKernel.Multiply(false, true, rows, _vocabulary, _channels, hidden.Pointer + (long)first * _channels, _channels, head.Pointer, _channels, logits, _stride, accumulate: false, _type);

    private void LogitGradients(int first, int rows, float* z, bool areExponentials)
    {
        float* dy = Output.GradientPointer, b = bias is null ? null : bias.Pointer, logSumExp = _logSumExp.Pointer, inverseSum = _inverseSum.Pointer;
        RowKernel.ForRows(rows, _vocabulary, (_, start, end) =>
        {
            for (long i = start; i < end; i++)
            {
                float* dz = z + i * _stride;
                long row = first + i;
                if (areExponentials) SoftmaxKernel.Scale(dz, -dy[row] * inverseSum[row], _vocabulary);
                else
                {
                    if (b != null) RowKernel.AddVector(dz, b, _vocabulary, 0, 1);
                    SoftmaxKernel.ScaledProbabilities(dz, logSumExp[row], -dy[row], _vocabulary);
                }
                dz[targets.Pointer[row]] += dy[row];
            }
        });
    }
}
