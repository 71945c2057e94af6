using System.Runtime.InteropServices;

namespace Leftover.Tensors.Memory;

/// <summary>Makes assembled machine code callable. Its pages are written first and made executable then: none is ever both.</summary>
internal static unsafe partial class ExecutableCode
{
    /// <summary>Copies position-independent code to pages of its own, which stay until the process ends.</summary>
    /// <returns>The address of the first byte, or null where the system does not let a process run code that it assembled.</returns>
    public static byte* Publish(ReadOnlySpan<byte> code)
    {
        byte* pages = OperatingSystem.IsWindows() ? PublishOnWindows(code) : PublishOnUnix(code);
        return pages;
    }

    private static byte* PublishOnUnix(ReadOnlySpan<byte> code)
    {
        const int readWrite = 3, readExecute = 5, isPrivate = 0x02;
        int anonymous = OperatingSystem.IsMacOS() || OperatingSystem.IsFreeBSD() ? 0x1000 : 0x20;
        nint pages = Map(0, (nuint)code.Length, readWrite, isPrivate | anonymous, -1, 0);
        if (pages == -1) return null;
        code.CopyTo(new Span<byte>((void*)pages, code.Length));
        if (Protect(pages, (nuint)code.Length, readExecute) == 0) return (byte*)pages;
        Unmap(pages, (nuint)code.Length);
        return null;
    }

    private static byte* PublishOnWindows(ReadOnlySpan<byte> code)
    {
        const uint commitAndReserve = 0x3000, readWrite = 0x04, readExecute = 0x20, release = 0x8000;
        nint pages = VirtualAlloc(0, (nuint)code.Length, commitAndReserve, readWrite);
        if (pages == 0) return null;
        code.CopyTo(new Span<byte>((void*)pages, code.Length));
        if (VirtualProtect(pages, (nuint)code.Length, readExecute, out _) != 0
            && FlushInstructionCache(GetCurrentProcess(), pages, (nuint)code.Length) != 0) return (byte*)pages;
        VirtualFree(pages, 0, release);
        return null;
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);

    [LibraryImport("kernel32")]
    private static partial nint VirtualAlloc(nint address, nuint size, uint type, uint protection);

    [LibraryImport("kernel32")]
    private static partial int VirtualProtect(nint address, nuint size, uint protection, out uint before);

    [LibraryImport("kernel32")]
    private static partial int VirtualFree(nint address, nuint size, uint type);

    [LibraryImport("kernel32")]
    private static partial int FlushInstructionCache(nint process, nint address, nuint size);

    [LibraryImport("kernel32")]
    private static partial nint GetCurrentProcess();
}
