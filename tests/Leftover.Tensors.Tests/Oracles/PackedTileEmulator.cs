using Iced.Intel;
using Leftover.Tensors.Kernels;

namespace Leftover.Tensors.Tests.Oracles;

/// <summary>Decodes a tile's machine code and carries it out, with what the processor's manuals say of each of its few instructions.</summary>
internal sealed unsafe class PackedTileEmulator
{
    private readonly Dictionary<ulong, Instruction> _code = [];
    private readonly ulong[] _general = new ulong[16];
    private readonly uint[][] _vectors = [.. Enumerable.Range(0, 32).Select(_ => new uint[16])];
    private readonly bool _windows;
    private long _compared;

    public PackedTileEmulator(byte[] code, bool windows)
    {
        _windows = windows;
        var decoder = Decoder.Create(64, new ByteArrayCodeReader(code), ip: 0);
        while (decoder.IP < (ulong)code.Length)
        {
            Instruction instruction = decoder.Decode();
            if (instruction.IsInvalid) throw new InvalidOperationException($"No instruction at {instruction.IP}.");
            _code[instruction.IP] = instruction;
        }
    }

    public void Run(PackedTile* tile)
    {
        for (int i = 0; i < 16; i++) _general[i] = 0xBAD0_0000_0000_0000 + (ulong)i;                // garbage, as a caller leaves it
        foreach (uint[] vector in _vectors) Array.Fill(vector, 0x7FC00000u);
        ulong[] before = [.. _general];
        _general[Register.RCX.GetNumber()] = _general[Register.RDI.GetNumber()] = 0xBAD;
        _general[(_windows ? Register.RCX : Register.RDI).GetNumber()] = (ulong)tile;
        for (ulong at = 0; ;)
        {
            Instruction next = _code.TryGetValue(at, out Instruction found) ? found : throw new InvalidOperationException($"No instruction begins at {at}.");
            if (next.Mnemonic == Mnemonic.Ret) break;
            at = Execute(next);
        }
        // What a callee must give back: on Windows rsi and xmm6 to xmm15 too (rdi held another value before).
        foreach (Register kept in new[] { Register.RBX, Register.RBP, Register.RSP, Register.R12, Register.R13, Register.R14, Register.R15 }) CheckKept(kept, before);
        if (!_windows) return;
        CheckKept(Register.RSI, before);
        for (int i = 6; i < 16; i++)
            if (_vectors[i][0] != 0x7FC00000 || _vectors[i][3] != 0x7FC00000) throw new InvalidOperationException($"xmm{i} was not given back.");
    }

    private void CheckKept(Register register, ulong[] before)
    {
        if (_general[register.GetNumber()] != before[register.GetNumber()]) throw new InvalidOperationException($"{register} was not given back.");
    }

    private ulong Execute(in Instruction i)
    {
        if (i.HasOpMask || i.ZeroingMasking || i.RoundingControl != RoundingControl.None || i.IsBroadcast) throw new InvalidOperationException($"Not a tile's: {i}");
        switch (i.Mnemonic)
        {
            case Mnemonic.Mov or Mnemonic.Lea: Set(i, i.Mnemonic == Mnemonic.Lea ? Address(i) : Read(i, 1)); break;
            case Mnemonic.Add: Set(i, Compare(Read(i, 0) + Read(i, 1))); break;
            case Mnemonic.Sub: Set(i, Compare(Read(i, 0) - Read(i, 1))); break;
            case Mnemonic.Dec: Set(i, Compare(Read(i, 0) - 1)); break;
            case Mnemonic.Cmp: Compare(Read(i, 0) - Read(i, 1)); break;
            case Mnemonic.Test: Compare(Read(i, 0) & Read(i, 1)); break;
            case Mnemonic.Jl: return _compared < 0 ? i.NearBranchTarget : i.NextIP;
            case Mnemonic.Jge: return _compared < 0 ? i.NextIP : i.NearBranchTarget;
            case Mnemonic.Je: return _compared == 0 ? i.NearBranchTarget : i.NextIP;
            case Mnemonic.Jne: return _compared == 0 ? i.NextIP : i.NearBranchTarget;
            case Mnemonic.Prefetcht1: break;
            case Mnemonic.Vzeroupper: for (int r = 0; r < 16; r++) _vectors[r].AsSpan(4).Clear(); break;
            case Mnemonic.Vmovd: Set(i, [(uint)Read(i, 1), 0, 0, 0]); break;
            case Mnemonic.Vmovups when i.Op0Kind == OpKind.Memory: Lanes(i, 1).CopyTo(new Span<uint>((void*)Address(i), i.Op1Register.GetSize() / 4)); break;
            case Mnemonic.Vmovups: Set(i, Lanes(i, 1).ToArray()); break;
            case Mnemonic.Vbroadcastss: Set(i, Broadcast(i)); break;
            case Mnemonic.Vpslld: Set(i, Shifted(Lanes(i, 1), i.Immediate8)); break;
            case Mnemonic.Vpmovsxbd: Set(i, WidenedBytes((sbyte*)Address(i), i.Op0Register.GetSize() / 4)); break;
            case Mnemonic.Vcvtdq2ps: Combine(i, 1, 1, 1, (x, _, _) => Bits((int)x)); break;
            case Mnemonic.Vxorps or Mnemonic.Vpxord: Combine(i, 0, 1, 2, (_, x, y) => x ^ y); break;
            case Mnemonic.Vandps or Mnemonic.Vpandd: Combine(i, 0, 1, 2, (_, x, y) => x & y); break;
            case Mnemonic.Vaddps: Combine(i, 0, 1, 2, (_, x, y) => Bits(Float(x) + Float(y))); break;
            case Mnemonic.Vmulps: Combine(i, 0, 1, 2, (_, x, y) => Bits(Float(x) * Float(y))); break;
            case Mnemonic.Vfmadd231ps: Combine(i, 0, 1, 2, (sum, x, y) => Bits(MathF.FusedMultiplyAdd(Float(x), Float(y), Float(sum)))); break;
            default: throw new InvalidOperationException($"Not a tile's: {i}");
        }
        return i.NextIP;
    }

    private uint[] Broadcast(in Instruction i) =>
        [.. Enumerable.Repeat(i.Op1Kind == OpKind.Memory ? *(uint*)Address(i) : _vectors[i.Op1Register.GetNumber()][0], i.Op0Register.GetSize() / 4)];

    private static uint[] Shifted(Span<uint> lanes, int bits)
    {
        uint[] result = lanes.ToArray();
        foreach (ref uint lane in result.AsSpan()) lane <<= bits;
        return result;
    }

    private static uint[] WidenedBytes(sbyte* from, int lanes)
    {
        uint[] result = new uint[lanes];
        for (int l = 0; l < lanes; l++) result[l] = (uint)from[l];
        return result;
    }

    private void Combine(in Instruction i, int first, int second, int third, Func<uint, uint, uint, uint> lane)
    {
        uint[] x = Lanes(i, first).ToArray(), y = Lanes(i, second).ToArray(), z = Lanes(i, third).ToArray(), result = new uint[x.Length];
        for (int l = 0; l < result.Length; l++) result[l] = lane(x[l], y[l], z[l]);
        Set(i, result);
    }

    // What is written to a narrow register clears the rest of the wide one.
    private void Set(in Instruction i, uint[] lanes)
    {
        uint[] register = _vectors[i.Op0Register.GetNumber()];
        Array.Clear(register);
        lanes.CopyTo(register, 0);
    }

    private void Set(in Instruction i, ulong value)
    {
        if (i.Op0Kind == OpKind.Register) _general[i.Op0Register.GetNumber()] = value;
        else *(ulong*)Address(i) = value;
    }

    private Span<uint> Lanes(in Instruction i, int operand) => i.GetOpKind(operand) == OpKind.Memory
        ? new Span<uint>((void*)Address(i), i.Op0Register.GetSize() / 4)
        : _vectors[i.GetOpRegister(operand).GetNumber()].AsSpan(0, i.GetOpRegister(operand).GetSize() / 4);

    private ulong Read(in Instruction i, int operand) => i.GetOpKind(operand) switch
    {
        OpKind.Register => _general[i.GetOpRegister(operand).GetNumber()],
        OpKind.Memory => *(ulong*)Address(i),
        _ => i.GetImmediate(operand),
    };

    private ulong Compare(ulong result)
    {
        _compared = (long)result;                           // the numbers here are far from overflowing
        return result;
    }

    private ulong Address(in Instruction i)
    {
        ulong address = i.MemoryDisplacement64;
        if (i.MemoryBase != Register.None) address += _general[i.MemoryBase.GetNumber()];
        if (i.MemoryIndex != Register.None) address += _general[i.MemoryIndex.GetNumber()] * (ulong)i.MemoryIndexScale;
        return address;
    }

    private static float Float(uint bits) => BitConverter.UInt32BitsToSingle(bits);

    private static uint Bits(float value) => BitConverter.SingleToUInt32Bits(value);
}
