namespace Leftover.Tensors.Kernels;

/// <summary>A weight matrix laid out for reading: panels of columns, [panel][step of k][width], in one of the storages.</summary>
/// <remarks>
/// In bfloat16 a 32-bit word holds the columns j (lower half) and j + width/2 (upper half) of a step. The last panel is filled up with zeros.
/// The memory is another's (<see cref="PackedWeights"/>).
/// </remarks>
internal sealed unsafe class PackedWeight
{
    /// <param name="kernel">Whose panels they are.</param>
    /// <param name="storage">How a weight is held.</param>
    /// <param name="outputs">Columns of the product.</param>
    /// <param name="inputs">k, the length of each sum.</param>
    /// <param name="memory"><see cref="Bytes"/> bytes, 64-byte aligned.</param>
    public PackedWeight(PackedKernel kernel, WeightStorage storage, int outputs, int inputs, byte* memory)
    {
        (Kernel, Storage, Outputs, Inputs) = (kernel, storage, outputs, inputs);
        Data = memory;
        if (storage == WeightStorage.Int8) Scales = (float*)(memory + Panels * PanelBytes);
    }

    /// <summary>The kernels that read it.</summary>
    public PackedKernel Kernel { get; }

    /// <summary>How a weight is held.</summary>
    public WeightStorage Storage { get; }

    /// <summary>Columns of the product.</summary>
    public int Outputs { get; }

    /// <summary>k, the length of each sum.</summary>
    public int Inputs { get; }

    /// <summary>All panels, one after another.</summary>
    public byte* Data { get; }

    /// <summary>The factor of each output, [panels · width]; null but for <see cref="WeightStorage.Int8"/>.</summary>
    public float* Scales { get; }

    /// <summary>How many panels.</summary>
    public int Panels => (Outputs + Kernel.Width - 1) / Kernel.Width;

    /// <summary>Bytes of a step of a panel.</summary>
    public int StepBytes => Kernel.Width * PackedKernel.BytesOf(Storage);

    /// <summary>Bytes of a panel.</summary>
    public long PanelBytes => (long)Inputs * StepBytes;

    /// <summary>The memory that a weight of a shape needs, a multiple of 64.</summary>
    public static long Bytes(PackedKernel kernel, WeightStorage storage, int outputs, int inputs)
    {
        long panels = (outputs + kernel.Width - 1) / kernel.Width;
        long bytes = panels * kernel.Width * ((long)inputs * PackedKernel.BytesOf(storage) + (storage == WeightStorage.Int8 ? sizeof(float) : 0));
        return (bytes + 63) / 64 * 64;
    }

    /// <summary>Packs one panel.</summary>
    /// <param name="source">The matrix; its lines are the outputs.</param>
    /// <param name="panel">Which panel.</param>
    /// <param name="scratch">Room for a panel of floats, [inputs, width].</param>
    public void Pack(in Operand source, int panel, float* scratch)
    {
        byte* target = Data + panel * PanelBytes;
        if (Storage == WeightStorage.Float32) scratch = (float*)target;
        Packing.Pack(source, panel * Kernel.Width, 1, Kernel.Width, 0, Inputs, scratch);
        if (Storage == WeightStorage.BFloat16) NarrowToBFloat16(scratch, (uint*)target);
        else if (Storage == WeightStorage.Int8) NarrowToInt8(scratch, (sbyte*)target, Scales + panel * Kernel.Width);
    }

    private void NarrowToBFloat16(float* from, uint* to)
    {
        int lanes = Kernel.Width / 2;
        for (int k = 0; k < Inputs; k++, from += Kernel.Width, to += lanes) BFloat16.RoundPairs(from, from + lanes, to, lanes);
    }

    private void NarrowToInt8(float* from, sbyte* to, float* scales)
    {
        int width = Kernel.Width;
        float* inverse = stackalloc float[width];
        new Span<float>(scales, width).Clear();
        for (int k = 0; k < Inputs; k++)
            for (int j = 0; j < width; j++) scales[j] = Math.Max(scales[j], Math.Abs(from[k * width + j]));
        for (int j = 0; j < width; j++)
        {
            scales[j] /= 127;
            inverse[j] = scales[j] > 0 ? 1 / scales[j] : 0;
        }
        for (int k = 0; k < Inputs; k++, from += width, to += width)
            for (int j = 0; j < width; j++) to[j] = (sbyte)Math.Clamp(MathF.Round(from[j] * inverse[j]), -127, 127);
    }

    /// <summary>One weight of a panel, widened; a scale is left out.</summary>
    public static float Get(WeightStorage storage, byte* panel, int width, int step, int column) => storage switch
    {
        WeightStorage.Float32 => ((float*)panel)[step * width + column],
        WeightStorage.BFloat16 => BFloat16.Widen(((ushort*)panel)[step * width + Half(width, column)]),
        _ => ((sbyte*)panel)[step * width + column],
    };

    /// <summary>Sets one weight of a panel to a value that its storage holds.</summary>
    public static void Set(WeightStorage storage, byte* panel, int width, int step, int column, float value)
    {
        if (storage == WeightStorage.Float32) ((float*)panel)[step * width + column] = value;
        else if (storage == WeightStorage.BFloat16) ((ushort*)panel)[step * width + Half(width, column)] = BFloat16.Round(value);
        else ((sbyte*)panel)[step * width + column] = (sbyte)value;
    }

    // Where a column's 16 bits are among a step's.
    private static int Half(int width, int column) => column % (width / 2) * 2 + column / (width / 2);
}
