using System.Runtime.InteropServices;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Leftover.Tensors.Kernels;

/// <summary>The instructions with which <see cref="TileAssembler"/> writes a tile: one row for each vector width and element type.</summary>
/// <param name="First">The first vector register.</param>
/// <param name="Registers">How many there are.</param>
/// <param name="Bytes">The width of one.</param>
/// <param name="Clear">register = register xor register.</param>
/// <param name="Load">register = memory.</param>
/// <param name="Store">memory = register.</param>
/// <param name="Broadcast">Every lane of register = the 4 bytes in memory.</param>
/// <param name="MultiplyAdd">register += register · (register or memory), lane by lane; a lane may be a pair whose products are both added.</param>
/// <param name="Add">register = register + memory.</param>
internal sealed record TileEncoding(
    Register First, int Registers, int Bytes, Code Clear, Code Load, Code Store, Code Broadcast, Code MultiplyAdd, Code Add)
{
    public static readonly TileEncoding Xmm = new(
        Register.XMM0, 16, 16, Code.VEX_Vxorps_xmm_xmm_xmmm128, Code.VEX_Vmovups_xmm_xmmm128, Code.VEX_Vmovups_xmmm128_xmm,
        Code.VEX_Vbroadcastss_xmm_m32, Code.VEX_Vfmadd231ps_xmm_xmm_xmmm128, Code.VEX_Vaddps_xmm_xmm_xmmm128);

    public static readonly TileEncoding Ymm = new(
        Register.YMM0, 16, 32, Code.VEX_Vxorps_ymm_ymm_ymmm256, Code.VEX_Vmovups_ymm_ymmm256, Code.VEX_Vmovups_ymmm256_ymm,
        Code.VEX_Vbroadcastss_ymm_m32, Code.VEX_Vfmadd231ps_ymm_ymm_ymmm256, Code.VEX_Vaddps_ymm_ymm_ymmm256);

    public static readonly TileEncoding Zmm = new(
        Register.ZMM0, 32, 64, Code.EVEX_Vpxord_zmm_k1z_zmm_zmmm512b32, Code.EVEX_Vmovups_zmm_k1z_zmmm512, Code.EVEX_Vmovups_zmmm512_k1z_zmm,
        Code.EVEX_Vbroadcastss_zmm_k1z_xmmm32, Code.EVEX_Vfmadd231ps_zmm_k1z_zmm_zmmm512b32_er, Code.EVEX_Vaddps_zmm_k1z_zmm_zmmm512b32_er);

    // A pair of bf16 is 4 bytes, as a float is: only the multiplication tells them apart.
    public static readonly TileEncoding XmmBFloat16 = Xmm with { MultiplyAdd = Code.EVEX_Vdpbf16ps_xmm_k1z_xmm_xmmm128b32 };

    public static readonly TileEncoding YmmBFloat16 = Ymm with { MultiplyAdd = Code.EVEX_Vdpbf16ps_ymm_k1z_ymm_ymmm256b32 };

    public static readonly TileEncoding ZmmBFloat16 = Zmm with { MultiplyAdd = Code.EVEX_Vdpbf16ps_zmm_k1z_zmm_zmmm512b32 };
}

/// <summary>Assembles the code of one tile: <c>void Tile(TileArguments*)</c>, for System V and for Windows.</summary>
/// <remarks>
/// A tile of r rows and v vectors keeps its r·v sums in registers over all steps. A step loads v vectors of B and, row after row, broadcasts one
/// value of A and multiplies. A has a stride for its rows and one for its steps, so the same code reads a packed panel, and a matrix where it is.
/// The stack is not touched; registers that Windows wants back are saved in the arguments.
/// </remarks>
internal sealed class TileAssembler(TileEncoding encoding, int rows, int vectors)
{
    private const int Unroll = 4;

    private static readonly AssemblerRegister64 s_arguments = rcx, s_steps = rdi;
    private static readonly AssemblerRegister64 s_a = rax, s_a4 = rdx, s_rowA = r8, s_rowA3 = r9, s_stepA = r10;      // rows 0 to 3 from a, 4 to 7 from a4
    private static readonly AssemblerRegister64 s_b = r11, s_stepB = rsi;

    private readonly Assembler _code = new(64);
    private readonly int _sums = rows * vectors;

    /// <summary>The widest tile, in vectors, whose sums, row of B and broadcast values fit the registers.</summary>
    public static int WidestTile(TileEncoding encoding, int rows) =>
        rows == 1 ? encoding.Registers / 2 : (encoding.Registers - 1) / (rows + 1);

    /// <summary>The machine code, position-independent.</summary>
    public byte[] Assemble(bool windows)
    {
        if (!windows) _code.mov(s_arguments, rdi);
        if (windows) PreservedRegisters.Move(_code, s_arguments, Offset(nameof(TileArguments.Preserved)), save: true);
        PrefetchC();
        for (int i = 0; i < _sums; i++) Emit(Instruction.Create(encoding.Clear, Vector(i), Vector(i), Vector(i)));
        _code.mov(s_a, Argument(nameof(TileArguments.A)));
        _code.mov(s_rowA, Argument(nameof(TileArguments.RowStrideA)));
        _code.mov(s_stepA, Argument(nameof(TileArguments.StepStrideA)));
        _code.mov(s_b, Argument(nameof(TileArguments.B)));
        _code.mov(s_stepB, Argument(nameof(TileArguments.StepStrideB)));
        _code.lea(s_rowA3, __[s_rowA + s_rowA * 2]);
        _code.lea(s_a4, __[s_a + s_rowA * 4]);
        Loop();
        StoreC();
        if (windows) PreservedRegisters.Move(_code, s_arguments, Offset(nameof(TileArguments.Preserved)), save: false);
        _code.vzeroupper();
        _code.ret();

        using var bytes = new MemoryStream();
        _code.Assemble(new StreamCodeWriter(bytes), rip: 0);
        return bytes.ToArray();
    }

    private void Loop()
    {
        Label unrolled = _code.CreateLabel(), rest = _code.CreateLabel(), single = _code.CreateLabel(), done = _code.CreateLabel();
        _code.mov(s_steps, Argument(nameof(TileArguments.Steps)));
        _code.sub(s_steps, Unroll);
        _code.jl(rest);
        _code.Label(ref unrolled);
        for (int i = 0; i < Unroll; i++) Step();
        _code.sub(s_steps, Unroll);
        _code.jge(unrolled);

        _code.Label(ref rest);
        _code.add(s_steps, Unroll);
        _code.jz(done);
        _code.Label(ref single);
        Step();
        _code.dec(s_steps);
        _code.jnz(single);
        _code.Label(ref done);
    }

    private void Step()
    {
        int firstBroadcast = rows == 1 ? _sums : _sums + vectors;
        if (rows > 1)
            for (int j = 0; j < vectors; j++) Emit(Instruction.Create(encoding.Load, Vector(_sums + j), Memory(s_b, j * encoding.Bytes)));
        for (int i = 0; i < rows; i++)
        {
            Register broadcast = Vector(firstBroadcast + i % (encoding.Registers - firstBroadcast));
            Emit(Instruction.Create(encoding.Broadcast, broadcast, RowOfA(i)));
            for (int j = 0; j < vectors; j++)
                Emit(rows > 1
                    ? Instruction.Create(encoding.MultiplyAdd, Vector(i * vectors + j), Vector(_sums + j), broadcast)
                    : Instruction.Create(encoding.MultiplyAdd, Vector(j), broadcast, Memory(s_b, j * encoding.Bytes)));
        }
        _code.add(s_a, s_stepA);
        if (rows > 4) _code.add(s_a4, s_stepA);
        _code.add(s_b, s_stepB);
    }

    private static MemoryOperand RowOfA(int row)
    {
        Register start = row < 4 ? s_a : s_a4;
        return (row % 4) switch
        {
            0 => new MemoryOperand(start),
            1 => new MemoryOperand(start, s_rowA, 1),
            2 => new MemoryOperand(start, s_rowA, 2),
            _ => new MemoryOperand(start, s_rowA3, 1),
        };
    }

    // C is needed at the end of the loop: its lines come meanwhile.
    private void PrefetchC()
    {
        _code.mov(s_a, Argument(nameof(TileArguments.C)));
        for (int i = 0; i < rows; i++)
        {
            for (int offset = 0; offset < vectors * encoding.Bytes; offset += 64) _code.prefetcht0(__[s_a + offset]);
            _code.prefetcht0(__[s_a + (vectors * encoding.Bytes - 1)]);
            if (i + 1 < rows) _code.add(s_a, Argument(nameof(TileArguments.RowStrideC)));
        }
    }

    private void StoreC()
    {
        Label store = _code.CreateLabel();
        _code.mov(s_b, Argument(nameof(TileArguments.RowStrideC)));
        _code.cmp(Argument(nameof(TileArguments.Accumulate)), 0);
        _code.je(store);
        ForEachRow((sum, memory) => Instruction.Create(encoding.Add, sum, sum, memory));
        _code.Label(ref store);
        ForEachRow((sum, memory) => Instruction.Create(encoding.Store, memory, sum));
    }

    private void ForEachRow(Func<Register, MemoryOperand, Instruction> instruction)
    {
        _code.mov(s_a, Argument(nameof(TileArguments.C)));
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < vectors; j++) Emit(instruction(Vector(i * vectors + j), Memory(s_a, j * encoding.Bytes)));
            if (i + 1 < rows) _code.add(s_a, s_b);
        }
    }

    private Register Vector(int i) => encoding.First + i;

    private void Emit(Instruction instruction) => _code.AddInstruction(instruction);

    private static MemoryOperand Memory(AssemblerRegister64 address, int offset) => new(address, offset);

    private static AssemblerMemoryOperand Argument(string field) => __qword_ptr[s_arguments + Offset(field)];

    private static int Offset(string field) => (int)Marshal.OffsetOf<TileArguments>(field);
}
