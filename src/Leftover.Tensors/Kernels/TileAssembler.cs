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
/// <para>
/// A tile of r rows and v vectors keeps its r·v sums in registers over all steps. A step loads v vectors of B and, row after row, broadcasts one
/// value of A and multiplies. A has a stride for its rows and one for its steps, so the same code reads a packed panel, and a matrix where it is.
/// The stack is not touched; registers that Windows wants back are saved in the arguments.
/// </para>
/// <para>
/// Where strides are known (<see cref="TileStrides"/>) a step's addresses are constants beside pointers that move once in several steps. That is
/// three instructions less of 23, which counts where another process's thread shares the core and with it the decoder: 75 % of an FMA loop
/// become 85 to 89 on such a Zen 3.
/// </para>
/// </remarks>
internal sealed class TileAssembler(TileShape shape)
{
    private const int Unroll = 4;

    private static readonly AssemblerRegister64 s_arguments = rcx, s_steps = rdi;
    private static readonly AssemblerRegister64 s_a = rax, s_a4 = rdx, s_rowA = r8, s_rowA3 = r9, s_stepA = r10;      // rows 0 to 3 from a, 4 to 7 from a4
    private static readonly AssemblerRegister64 s_b = r11, s_stepB = rsi;

    private readonly Assembler _code = new(64);
    private readonly TileEncoding _encoding = shape.Encoding;
    private readonly int _rows = shape.Rows, _vectors = shape.Vectors, _sums = shape.Rows * shape.Vectors;
    private readonly TileStrides _strides = shape.Strides;

    /// <summary>The widest tile, in vectors, whose sums, row of B and broadcast values fit the registers.</summary>
    public static int WidestTile(TileEncoding encoding, int rows) =>
        rows == 1 ? encoding.Registers / 2 : (encoding.Registers - 1) / (rows + 1);

    /// <summary>The machine code, position-independent.</summary>
    public byte[] Assemble(bool windows)
    {
        if (!windows) _code.mov(s_arguments, rdi);
        if (windows) PreservedRegisters.Move(_code, s_arguments, Offset(nameof(TileArguments.Preserved)), save: true);
        PrefetchC();
        for (int i = 0; i < _sums; i++) Emit(Instruction.Create(_encoding.Clear, Vector(i), Vector(i), Vector(i)));
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
        Steps(Unroll);
        _code.sub(s_steps, Unroll);
        _code.jge(unrolled);

        _code.Label(ref rest);
        _code.add(s_steps, Unroll);
        _code.jz(done);
        _code.Label(ref single);
        Steps(1);
        _code.dec(s_steps);
        _code.jnz(single);
        _code.Label(ref done);
    }

    private void Steps(int count)
    {
        for (int i = 0; i < count; i++)
        {
            Step(_strides == TileStrides.Any ? 0 : i);
            if (_strides == TileStrides.Any) Advance(s_stepA, s_stepB);
        }
        if (_strides != TileStrides.Any) Advance(count * StepOfA, count * _vectors * _encoding.Bytes);
    }

    private int StepOfA => _strides == TileStrides.AlongK ? sizeof(float) : TileFamily.Pitch(_rows) * sizeof(float);

    // The step that lies so many steps after where the pointers are.
    private void Step(int ahead)
    {
        int firstBroadcast = _rows == 1 ? _sums : _sums + _vectors;
        int b = ahead * _vectors * _encoding.Bytes;
        if (_rows > 1)
            for (int j = 0; j < _vectors; j++) Emit(Instruction.Create(_encoding.Load, Vector(_sums + j), Memory(s_b, b + j * _encoding.Bytes)));
        for (int i = 0; i < _rows; i++)
        {
            Register broadcast = Vector(firstBroadcast + i % (_encoding.Registers - firstBroadcast));
            Emit(Instruction.Create(_encoding.Broadcast, broadcast, _strides == TileStrides.Packed ? Memory(s_a, ahead * StepOfA + i * sizeof(float)) : RowOfA(i, ahead * StepOfA)));
            for (int j = 0; j < _vectors; j++)
                Emit(_rows > 1
                    ? Instruction.Create(_encoding.MultiplyAdd, Vector(i * _vectors + j), Vector(_sums + j), broadcast)
                    : Instruction.Create(_encoding.MultiplyAdd, Vector(j), broadcast, Memory(s_b, b + j * _encoding.Bytes)));
        }
    }

    private void Advance(AssemblerRegister64 a, AssemblerRegister64 b)
    {
        _code.add(s_a, a);
        if (_rows > 4) _code.add(s_a4, a);
        _code.add(s_b, b);
    }

    private void Advance(int a, int b)
    {
        _code.add(s_a, a);
        if (_rows > 4 && _strides == TileStrides.AlongK) _code.add(s_a4, a);
        _code.add(s_b, b);
    }

    private static MemoryOperand RowOfA(int row, int offset)
    {
        AssemblerRegister64 start = row < 4 ? s_a : s_a4;
        int displacementSize = offset == 0 ? 0 : 1;          // as small as it can be
        return (row % 4) switch
        {
            0 => Memory(start, offset),
            1 => new MemoryOperand(start, s_rowA, 1, offset, displacementSize),
            2 => new MemoryOperand(start, s_rowA, 2, offset, displacementSize),
            _ => new MemoryOperand(start, s_rowA3, 1, offset, displacementSize),
        };
    }

    // C is needed at the end of the loop: its lines come meanwhile.
    private void PrefetchC()
    {
        _code.mov(s_a, Argument(nameof(TileArguments.C)));
        for (int i = 0; i < _rows; i++)
        {
            for (int offset = 0; offset < _vectors * _encoding.Bytes; offset += 64) _code.prefetcht0(__[s_a + offset]);
            _code.prefetcht0(__[s_a + (_vectors * _encoding.Bytes - 1)]);
            if (i + 1 < _rows) _code.add(s_a, Argument(nameof(TileArguments.RowStrideC)));
        }
    }

    private void StoreC()
    {
        Label added = _code.CreateLabel(), store = _code.CreateLabel();
        _code.mov(s_b, Argument(nameof(TileArguments.RowStrideC)));
        _code.cmp(Argument(nameof(TileArguments.Accumulate)), 0);
        _code.je(added);
        ForEachRow((sum, memory) => Instruction.Create(_encoding.Add, sum, sum, memory));
        _code.Label(ref added);
        _code.cmp(Argument(nameof(TileArguments.Bias)), 0);
        _code.je(store);
        _code.mov(s_a, Argument(nameof(TileArguments.Bias)));
        for (int i = 0; i < _sums; i++) Emit(Instruction.Create(_encoding.Add, Vector(i), Vector(i), Memory(s_a, i % _vectors * _encoding.Bytes)));
        _code.Label(ref store);
        ForEachRow((sum, memory) => Instruction.Create(_encoding.Store, memory, sum));
    }

    private void ForEachRow(Func<Register, MemoryOperand, Instruction> instruction)
    {
        _code.mov(s_a, Argument(nameof(TileArguments.C)));
        for (int i = 0; i < _rows; i++)
        {
            for (int j = 0; j < _vectors; j++) Emit(instruction(Vector(i * _vectors + j), Memory(s_a, j * _encoding.Bytes)));
            if (i + 1 < _rows) _code.add(s_a, s_b);
        }
    }

    private Register Vector(int i) => _encoding.First + i;

    private void Emit(Instruction instruction) => _code.AddInstruction(instruction);

    private static MemoryOperand Memory(AssemblerRegister64 address, int offset) => new(address, offset);

    private static AssemblerMemoryOperand Argument(string field) => __qword_ptr[s_arguments + Offset(field)];

    private static int Offset(string field) => (int)Marshal.OffsetOf<TileArguments>(field);
}
