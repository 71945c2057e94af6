using Iced.Intel;
using Leftover.Tensors.Kernels;

namespace Leftover.Tensors.Tests.Oracles;

/// <summary>An x64 processor with AVX-512 and bf16, for the few instructions of a tile: it decodes machine code and carries it out over real memory.</summary>
/// <remarks>
/// Written from the manuals, it shares nothing with the assembler but Iced's encoding and decoding. Where the machine has the instructions itself, a test holds
/// the emulator to the machine.
/// </remarks>
internal sealed unsafe class TileEmulator
{
    private const ulong Returned = ulong.MaxValue;

    private readonly Dictionary<ulong, Instruction> _code = [];
    private readonly ulong[] _general = new ulong[16];
    private readonly uint[][] _vectors = [.. Enumerable.Range(0, 32).Select(_ => new uint[16])];
    private readonly Dictionary<Mnemonic, int> _executed = [];
    private bool _zero, _less;

    /// <param name="code">A tile's machine code; it begins at its first instruction and ends with its last.</param>
    public TileEmulator(byte[] code)
    {
        var decoder = Decoder.Create(64, new ByteArrayCodeReader(code), ip: 0);
        while (decoder.IP < (ulong)code.Length)
        {
            Instruction instruction = decoder.Decode();
            if (instruction.IsInvalid) throw new InvalidOperationException($"No instruction at {instruction.IP}.");
            _code[instruction.IP] = instruction;
        }
    }

    /// <summary>Ranges that loads and stores may touch; without any they may touch all.</summary>
    public List<(nint Start, long Bytes)> Memory { get; } = [];

    /// <summary>How often an instruction was carried out, in all runs.</summary>
    public int Executed(Mnemonic mnemonic) => _executed.GetValueOrDefault(mnemonic);

    /// <summary>Registers before and after a run.</summary>
    public ref ulong this[Register general] => ref _general[general.GetNumber()];

    /// <summary>A vector register's lanes; 16, whatever width it is named by.</summary>
    public uint[] Vector(int number) => _vectors[number];

    /// <summary>Runs the tile from its first instruction to its return.</summary>
    public void Run(TileArguments* tile, bool windows)
    {
        this[windows ? Register.RCX : Register.RDI] = (ulong)tile;
        ulong at = 0;
        while (at != Returned)
            at = Execute(_code.TryGetValue(at, out Instruction next) ? next : throw new InvalidOperationException($"The code goes on at {at}, where no instruction begins."));
    }

    private ulong Execute(in Instruction i)
    {
        if (i.HasOpMask || i.ZeroingMasking || i.RoundingControl != RoundingControl.None || i.IsBroadcast) throw new InvalidOperationException($"Not a tile's: {i}");
        _executed[i.Mnemonic] = Executed(i.Mnemonic) + 1;
        switch (i.Mnemonic)
        {
            case Mnemonic.Mov: Write(i, Read(i, 1)); break;
            case Mnemonic.Lea: this[i.Op0Register] = Address(i); break;
            case Mnemonic.Add: Write(i, Flags(Read(i, 0), Read(i, 1), subtract: false)); break;
            case Mnemonic.Sub: Write(i, Flags(Read(i, 0), Read(i, 1), subtract: true)); break;
            case Mnemonic.Dec: Write(i, Flags(Read(i, 0), 1, subtract: true)); break;
            case Mnemonic.Cmp: Flags(Read(i, 0), Read(i, 1), subtract: true); break;
            case Mnemonic.Jl: return _less ? i.NearBranchTarget : i.NextIP;
            case Mnemonic.Jge: return _less ? i.NextIP : i.NearBranchTarget;
            case Mnemonic.Je: return _zero ? i.NearBranchTarget : i.NextIP;
            case Mnemonic.Jne: return _zero ? i.NextIP : i.NearBranchTarget;
            case Mnemonic.Prefetcht0: break;
            case Mnemonic.Vzeroupper:
                for (int r = 0; r < 16; r++) _vectors[r].AsSpan(4).Clear();
                break;
            case Mnemonic.Vmovups:
                if (i.Op0Kind == OpKind.Memory) Lanes(i, 1).CopyTo(Place(Address(i), i.Op1Register.GetSize()));
                else Set(i, Lanes(i, 1));
                break;
            case Mnemonic.Vbroadcastss:
                uint[] all = new uint[16];
                Array.Fill(all, Place(Address(i), 4)[0]);
                Set(i, all.AsSpan(0, i.Op0Register.GetSize() / 4));
                break;
            case Mnemonic.Vxorps or Mnemonic.Vpxord: Combine(i, (_, x, y) => x ^ y); break;
            case Mnemonic.Vaddps: Combine(i, (_, x, y) => Bits(Float(x) + Float(y))); break;
            case Mnemonic.Vfmadd231ps: Combine(i, (sum, x, y) => Bits(MathF.FusedMultiplyAdd(Float(x), Float(y), Float(sum)))); break;
            case Mnemonic.Vdpbf16ps: Combine(i, (sum, x, y) => DotPair(sum, x, y)); break;
            case Mnemonic.Ret: return Returned;
            default: throw new InvalidOperationException($"Not a tile's: {i}");
        }
        return i.NextIP;
    }

    /// <summary>One lane of <c>vdpbf16ps</c>: a fused multiply-add of the upper halves, then one of the lower, each rounded to the nearest; denormals are zero, before and after.</summary>
    public static uint DotPair(uint sum, uint x, uint y)
    {
        float upper = Step(Float(x & 0xFFFF0000), Float(y & 0xFFFF0000), Float(sum));
        return Bits(Step(Float(x << 16), Float(y << 16), upper));

        static float Step(float x, float y, float sum) =>
            NaiveBFloat16.Flush(MathF.FusedMultiplyAdd(NaiveBFloat16.Flush(x), NaiveBFloat16.Flush(y), NaiveBFloat16.Flush(sum)));
    }

    private void Combine(in Instruction i, Func<uint, uint, uint, uint> lane)
    {
        int lanes = i.Op0Register.GetSize() / 4;
        uint[] result = new uint[lanes];
        Span<uint> sum = Lanes(i, 0), x = Lanes(i, 1), y = Lanes(i, 2);
        for (int l = 0; l < lanes; l++) result[l] = lane(sum[l], x[l], y[l]);
        Set(i, result);
    }

    // What is written to a narrow register clears the rest of the wide one.
    private void Set(in Instruction i, ReadOnlySpan<uint> lanes)
    {
        uint[] register = _vectors[i.Op0Register.GetNumber()];
        uint[] copy = lanes.ToArray();
        Array.Clear(register);
        copy.CopyTo(register, 0);
    }

    private Span<uint> Lanes(in Instruction i, int operand) => i.GetOpKind(operand) == OpKind.Memory
        ? Place(Address(i), i.Op0Register.GetSize())
        : _vectors[i.GetOpRegister(operand).GetNumber()].AsSpan(0, i.GetOpRegister(operand).GetSize() / 4);

    private ulong Read(in Instruction i, int operand) => i.GetOpKind(operand) switch
    {
        OpKind.Register => this[i.GetOpRegister(operand)],
        OpKind.Memory => *(ulong*)Checked(Address(i), 8),
        _ => i.GetImmediate(operand),
    };

    private void Write(in Instruction i, ulong value)
    {
        if (i.Op0Kind == OpKind.Register) this[i.Op0Register] = value;
        else *(ulong*)Checked(Address(i), 8) = value;
    }

    private ulong Flags(ulong x, ulong y, bool subtract)
    {
        ulong result = subtract ? x - y : x + y;
        _zero = result == 0;
        Int128 exact = subtract ? (Int128)(long)x - (long)y : (Int128)(long)x + (long)y;
        _less = exact < 0;                                   // sign and overflow disagree just where the exact result is negative
        return result;
    }

    private ulong Address(in Instruction i)
    {
        ulong address = i.MemoryDisplacement64;
        if (i.MemoryBase != Register.None) address += this[i.MemoryBase];
        if (i.MemoryIndex != Register.None) address += this[i.MemoryIndex] * (ulong)i.MemoryIndexScale;
        return address;
    }

    private Span<uint> Place(ulong address, int bytes) => new(Checked(address, bytes), bytes / 4);

    private void* Checked(ulong address, int bytes)
    {
        nint start = (nint)address;
        if (Memory.Count > 0 && !Memory.Any(range => start >= range.Start && start + bytes <= range.Start + range.Bytes))
            throw new InvalidOperationException($"{bytes} bytes at {start:X} are none of the tile's.");
        return (void*)start;
    }

    private static float Float(uint bits) => BitConverter.UInt32BitsToSingle(bits);

    private static uint Bits(float value) => BitConverter.SingleToUInt32Bits(value);
}
