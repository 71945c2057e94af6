using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Leftover.Tensors.Kernels;

/// <summary>What Windows wants back from a callee and tiles use: rsi, rdi and xmm6 to xmm15. It is kept in the tile's arguments, not on the stack.</summary>
internal static class PreservedRegisters
{
    /// <summary>Writes the code that saves them, or puts them back.</summary>
    /// <param name="code">The tile's code.</param>
    /// <param name="arguments">The register that holds the address of the tile's arguments.</param>
    /// <param name="start">Where their room, 22 words of 8 bytes, begins in the arguments.</param>
    /// <param name="save">True saves, false puts back.</param>
    public static void Move(Assembler code, AssemblerRegister64 arguments, int start, bool save)
    {
        AssemblerMemoryOperand first = __qword_ptr[arguments + start], second = __qword_ptr[arguments + (start + 8)];
        if (save) { code.mov(first, rsi); code.mov(second, rdi); }
        else { code.mov(rsi, first); code.mov(rdi, second); }
        for (int i = 0; i < 10; i++)
        {
            AssemblerMemoryOperand place = __xmmword_ptr[arguments + (start + 16 + 16 * i)];
            var register = new AssemblerRegisterXMM(Register.XMM6 + i);
            if (save) code.vmovups(place, register);
            else code.vmovups(register, place);
        }
    }
}
