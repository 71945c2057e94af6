using System.Runtime.InteropServices;
using Iced.Intel;
using Leftover.Tensors.Kernels;
using Leftover.Tensors.Memory;
using static Iced.Intel.AssemblerRegisters;

namespace Leftover.Tensors.Tests.Kernels;

/// <summary>The code for Windows, run on other x64 systems through a call that follows Windows' convention. (On Windows all other tests run it.)</summary>
public sealed unsafe class TileAssemblerTests
{
    [StructLayout(LayoutKind.Sequential)]
    private struct Call
    {
        public TileArguments* Tile;
        public fixed long Before[22];       // rsi, rdi, xmm6 to xmm15
        public fixed long After[22];
    }

    [Fact]
    public void The_code_for_Windows_computes_the_tile_and_gives_back_the_registers_that_Windows_wants_back()
    {
        if (OperatingSystem.IsWindows()) return;
        foreach (InstructionSet set in Instructions.Available)
        {
            if (set == InstructionSet.Portable) continue;
            TileEncoding encoding = set == InstructionSet.Avx512 ? TileEncoding.Zmm : TileEncoding.Ymm;
            int lanes = encoding.Bytes / sizeof(float), rows = set == InstructionSet.Avx512 ? 8 : 4, width = 3 * lanes;
            byte* tileCode = ExecutableCode.Publish(new TileAssembler(new TileShape(encoding, rows, 3, TileStrides.Any)).Assemble(windows: true));
            var call = (delegate* unmanaged<Call*, void>)ExecutableCode.Publish(WindowsCall(tileCode));

            // A[i, k] = i + k and B[k, j] = j - k over 7 steps, added to C = 1.
            float[] a = [.. from k in Enumerable.Range(0, 7) from i in Enumerable.Range(0, rows) select (float)(i + k)];
            float[] b = [.. from k in Enumerable.Range(0, 7) from j in Enumerable.Range(0, width) select (float)(j - k)];
            float[] c = [.. Enumerable.Repeat(1f, rows * width)];
            fixed (float* pa = a, pb = b, pc = c)
            {
                TileArguments tile = new()
                {
                    A = pa,
                    RowStrideA = 4,
                    StepStrideA = rows * 4,
                    B = pb,
                    StepStrideB = width * 4,
                    C = pc,
                    RowStrideC = width * 4,
                    Steps = 7,
                    Accumulate = 1,
                };
                Call arguments = new() { Tile = &tile };
                for (int i = 0; i < 22; i++) arguments.Before[i] = 0x0123456789ABCDEF * (i + 1);
                call(&arguments);
                for (int i = 0; i < 22; i++) Assert.Equal(arguments.Before[i], arguments.After[i]);
            }
            for (int i = 0; i < rows; i++)
                for (int j = 0; j < width; j++)
                    Assert.Equal(1 + Enumerable.Range(0, 7).Sum(k => (i + k) * (j - k)), c[i * width + j]);
        }
    }

    // Fills the registers from Before, calls the tile with its arguments in rcx, and writes the registers to After.
    private static byte[] WindowsCall(byte* tile)
    {
        var code = new Assembler(64);
        code.push(rbx);
        code.mov(rbx, rdi);
        code.mov(rcx, __qword_ptr[rbx]);
        Move(8, toRegisters: true);
        code.mov(rax, (long)tile);
        code.call(rax);
        Move(8 + 22 * 8, toRegisters: false);
        code.pop(rbx);
        code.ret();
        using var bytes = new MemoryStream();
        code.Assemble(new StreamCodeWriter(bytes), 0);
        return bytes.ToArray();

        void Move(int offset, bool toRegisters)
        {
            if (toRegisters) { code.mov(rsi, __qword_ptr[rbx + offset]); code.mov(rdi, __qword_ptr[rbx + (offset + 8)]); }
            else { code.mov(__qword_ptr[rbx + offset], rsi); code.mov(__qword_ptr[rbx + (offset + 8)], rdi); }
            for (int i = 0; i < 10; i++)
            {
                AssemblerMemoryOperand place = __xmmword_ptr[rbx + (offset + 16 + 16 * i)];
                var register = new AssemblerRegisterXMM(Register.XMM6 + i);
                if (toRegisters) code.vmovups(register, place);
                else code.vmovups(place, register);
            }
        }
    }
}
