using System.Runtime.InteropServices;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Leftover.Tensors.Kernels;

/// <summary>Assembles the code of one tile over packed weights: <c>void Tile(PackedTile*)</c>, for System V and for Windows.</summary>
/// <remarks>
/// A panel is two vectors wide. A step widens a panel's 2 · lanes weights in registers and multiplies them by a broadcast value of each row; each
/// sum is one chain in the order of k. In bfloat16 a word holds the columns j and j + lanes: a shift gives one, a mask the other.
/// Few rows take several panels at a time, so that there are enough chains. Every four steps ask for a piece of what comes next.
/// </remarks>
internal sealed class PackedTileAssembler(PackedEncoding encoding, WeightStorage storage, int rows, int panels)
{
    private const int Unroll = 4, CacheLine = 64;

    private static readonly AssemblerRegister64 s_arguments = rcx, s_steps = rdi;
    private static readonly AssemblerRegister64 s_a = rax, s_a4 = rdx, s_a8 = r10, s_rowA = r8, s_rowA3 = r9;          // rows from 0, 4 and 8 on
    private static readonly AssemblerRegister64 s_b = r11, s_panelB = rsi, s_b3 = r10;                                  // panels 0 to 2 from b, 3 from b3

    private readonly Assembler _code = new(64);
    private readonly TileEncoding _tile = encoding.Tile;
    private readonly int _sums = 2 * rows * panels;
    private readonly int _stepBytes = StepBytes(encoding, storage);

    // A register that this shape leaves free.
    private readonly AssemblerRegister64 _ahead = panels == 1 ? s_panelB : panels == 2 ? s_a8 : s_a4;

    private Register Low => Vector(_sums);
    private Register High => Vector(_sums + 1);
    private Register Value => Vector(_sums + 2);
    private Register Mask => Vector(_sums + 3);

    /// <summary>Bytes of one step of a panel.</summary>
    public static int StepBytes(PackedEncoding encoding, WeightStorage storage) => encoding.Tile.Bytes * 2 / (storage == WeightStorage.Float32 ? 1 : storage == WeightStorage.BFloat16 ? 2 : 4);

    /// <summary>How many panels a tile of so many rows takes at a time: 1, 2 or 4.</summary>
    public static int Panels(PackedEncoding encoding, int rows) => rows * 4 <= encoding.TallestTile ? 4 : rows * 2 <= encoding.TallestTile ? 2 : 1;

    /// <summary>The machine code, position-independent.</summary>
    public byte[] Assemble(bool windows)
    {
        if (!windows) _code.mov(s_arguments, rdi);
        if (windows) PreservedRegisters.Move(_code, s_arguments, Offset(nameof(PackedTile.Preserved)), save: true);
        for (int i = 0; i < _sums; i++) Emit(Instruction.Create(_tile.Clear, Vector(i), Vector(i), Vector(i)));
        if (storage == WeightStorage.BFloat16)
        {
            _code.mov(eax, unchecked((int)0xFFFF0000));
            _code.vmovd(new AssemblerRegisterXMM(Register.XMM0), eax);
            Emit(Instruction.Create(_tile == TileEncoding.Zmm ? Code.EVEX_Vbroadcastss_zmm_k1z_xmmm32 : Code.VEX_Vbroadcastss_ymm_xmm, Mask, Register.XMM0));
            Emit(Instruction.Create(_tile.Clear, Vector(0), Vector(0), Vector(0)));
        }
        LoadAddresses();
        Loop();
        Store();
        if (windows) PreservedRegisters.Move(_code, s_arguments, Offset(nameof(PackedTile.Preserved)), save: false);
        _code.vzeroupper();
        _code.ret();

        using var bytes = new MemoryStream();
        _code.Assemble(new StreamCodeWriter(bytes), rip: 0);
        return bytes.ToArray();
    }

    private void LoadAddresses()
    {
        _code.mov(s_a, Argument(nameof(PackedTile.A)));
        _code.mov(s_rowA, Argument(nameof(PackedTile.RowStrideA)));
        _code.mov(s_b, Argument(nameof(PackedTile.B)));
        if (rows > 3) _code.lea(s_rowA3, __[s_rowA + s_rowA * 2]);
        if (rows > 4) _code.lea(s_a4, __[s_a + s_rowA * 4]);
        if (rows > 8) _code.lea(s_a8, __[s_a4 + s_rowA * 4]);
        if (panels > 1) _code.mov(s_panelB, Argument(nameof(PackedTile.PanelStrideB)));
        if (panels > 2)
        {
            _code.lea(s_b3, __[s_b + s_panelB * 2]);
            _code.add(s_b3, s_panelB);
        }
        _code.mov(_ahead, Argument(nameof(PackedTile.Ahead)));
    }

    private void Loop()
    {
        Label unrolled = _code.CreateLabel(), rest = _code.CreateLabel(), single = _code.CreateLabel(), done = _code.CreateLabel();
        _code.mov(s_steps, Argument(nameof(PackedTile.Steps)));
        _code.sub(s_steps, Unroll);
        _code.jl(rest);
        _code.Label(ref unrolled);
        for (int line = 0; line < panels * Unroll * _stepBytes; line += CacheLine) _code.prefetcht1(__[_ahead + line]);
        for (int i = 0; i < Unroll; i++) Step(i);
        _code.add(_ahead, Argument(nameof(PackedTile.AheadStride)));
        MoveOn(Unroll);
        _code.sub(s_steps, Unroll);
        _code.jge(unrolled);

        _code.Label(ref rest);
        _code.add(s_steps, Unroll);
        _code.jz(done);
        _code.Label(ref single);
        Step(0);
        MoveOn(1);
        _code.dec(s_steps);
        _code.jnz(single);
        _code.Label(ref done);
    }

    private void MoveOn(int steps)
    {
        _code.add(s_a, steps * sizeof(float));
        if (rows > 4) _code.add(s_a4, steps * sizeof(float));
        if (rows > 8) _code.add(s_a8, steps * sizeof(float));
        _code.add(s_b, steps * _stepBytes);
        if (panels > 2) _code.add(s_b3, steps * _stepBytes);
    }

    private void Step(int step)
    {
        if (rows == 1) BroadcastRow(0, step);
        for (int panel = 0; panel < panels; panel++)
        {
            Widen(panel, step);
            for (int row = 0; row < rows; row++)
            {
                if (rows > 1) BroadcastRow(row, step);
                Emit(Instruction.Create(_tile.MultiplyAdd, Sum(row, panel, 0), Low, Value));
                Emit(Instruction.Create(_tile.MultiplyAdd, Sum(row, panel, 1), High, Value));
            }
        }
    }

    private void BroadcastRow(int row, int step) => Emit(Instruction.Create(_tile.Broadcast, Value, RowOfA(row, step * sizeof(float))));

    private void Widen(int panel, int step)
    {
        MemoryOperand low = PanelOfB(panel, step * _stepBytes), high = PanelOfB(panel, step * _stepBytes + _stepBytes / 2);
        switch (storage)
        {
            case WeightStorage.Float32:
                Emit(Instruction.Create(_tile.Load, Low, low));
                Emit(Instruction.Create(_tile.Load, High, high));
                break;
            case WeightStorage.BFloat16:
                Emit(Instruction.Create(_tile.Load, High, low));
                Emit(Instruction.Create(encoding.ShiftLeft, Low, High, 16));
                Emit(Instruction.Create(encoding.And, High, High, Mask));
                break;
            default:
                Emit(Instruction.Create(encoding.WidenBytes, Low, low));
                Emit(Instruction.Create(encoding.WidenBytes, High, high));
                Emit(Instruction.Create(encoding.ToFloat, Low, Low));
                Emit(Instruction.Create(encoding.ToFloat, High, High));
                break;
        }
    }

    private static MemoryOperand RowOfA(int row, int offset)
    {
        Register start = row < 4 ? s_a : row < 8 ? s_a4 : s_a8;
        return (row % 4) switch
        {
            0 => new MemoryOperand(start, offset),
            1 => new MemoryOperand(start, s_rowA, 1, offset, 1),
            2 => new MemoryOperand(start, s_rowA, 2, offset, 1),
            _ => new MemoryOperand(start, s_rowA3, 1, offset, 1),
        };
    }

    private static MemoryOperand PanelOfB(int panel, int offset) => panel switch
    {
        0 => new MemoryOperand(s_b, offset),
        1 => new MemoryOperand(s_b, s_panelB, 1, offset, 1),
        2 => new MemoryOperand(s_b, s_panelB, 2, offset, 1),
        _ => new MemoryOperand(s_b3, offset),
    };

    // C = (sums (+ C)) (· scales)
    private void Store()
    {
        Label added = _code.CreateLabel(), scaled = _code.CreateLabel();
        _code.mov(s_b, Argument(nameof(PackedTile.RowStrideC)));
        _code.cmp(Argument(nameof(PackedTile.Accumulate)), 0);
        _code.je(added);
        ForEachSum((sum, place) => Instruction.Create(_tile.Add, sum, sum, new MemoryOperand(s_a, place)));
        _code.Label(ref added);
        _code.mov(s_rowA, Argument(nameof(PackedTile.Scales)));
        _code.test(s_rowA, s_rowA);
        _code.jz(scaled);
        ForEachSum((sum, place) => Instruction.Create(encoding.Multiply, sum, sum, new MemoryOperand(s_rowA, place)));
        _code.Label(ref scaled);
        ForEachSum((sum, place) => Instruction.Create(_tile.Store, new MemoryOperand(s_a, place), sum));
    }

    private void ForEachSum(Func<Register, int, Instruction> instruction)
    {
        _code.mov(s_a, Argument(nameof(PackedTile.C)));
        for (int row = 0; row < rows; row++)
        {
            for (int vector = 0; vector < 2 * panels; vector++) Emit(instruction(Sum(row, vector / 2, vector % 2), vector * _tile.Bytes));
            if (row + 1 < rows) _code.add(s_a, s_b);
        }
    }

    private Register Sum(int row, int panel, int half) => Vector((panel * rows + row) * 2 + half);

    private Register Vector(int i) => _tile.First + i;

    private void Emit(Instruction instruction) => _code.AddInstruction(instruction);

    private static AssemblerMemoryOperand Argument(string field) => __qword_ptr[s_arguments + Offset(field)];

    private static int Offset(string field) => (int)Marshal.OffsetOf<PackedTile>(field);
}
