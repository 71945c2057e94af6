using Iced.Intel;

namespace Leftover.Tensors.Kernels;

/// <summary>What widening needs beside the instructions of a <see cref="TileEncoding"/>, for one vector width.</summary>
/// <param name="Tile">The instructions of all tiles.</param>
/// <param name="ShiftLeft">register = register shifted left, each 32 bits alone.</param>
/// <param name="And">register = register and register.</param>
/// <param name="WidenBytes">register = signed bytes in memory, as whole numbers of 32 bits.</param>
/// <param name="ToFloat">register = whole numbers of a register, as floats.</param>
/// <param name="Multiply">register = register · memory.</param>
/// <param name="TallestTile">Rows of a tile of one panel that fit the registers.</param>
internal sealed record PackedEncoding(TileEncoding Tile, Code ShiftLeft, Code And, Code WidenBytes, Code ToFloat, Code Multiply, int TallestTile)
{
    public static readonly PackedEncoding Ymm = new(
        TileEncoding.Ymm, Code.VEX_Vpslld_ymm_ymm_imm8, Code.VEX_Vandps_ymm_ymm_ymmm256, Code.VEX_Vpmovsxbd_ymm_xmmm64, Code.VEX_Vcvtdq2ps_ymm_ymmm256,
        Code.VEX_Vmulps_ymm_ymm_ymmm256, TallestTile: 6);

    public static readonly PackedEncoding Zmm = new(
        TileEncoding.Zmm, Code.EVEX_Vpslld_zmm_k1z_zmmm512b32_imm8, Code.EVEX_Vpandd_zmm_k1z_zmm_zmmm512b32, Code.EVEX_Vpmovsxbd_zmm_k1z_xmmm128, Code.EVEX_Vcvtdq2ps_zmm_k1z_zmmm512b32_er,
        Code.EVEX_Vmulps_zmm_k1z_zmm_zmmm512b32_er, TallestTile: 12);
}
