using System.Text.Json.Serialization;

namespace Leftover.Algorithms;

/// <summary>The losses of a pair that DPO's family knows, under TRL's names. With c and r the log-ratios ln π_θ/π_ref of chosen and rejected, m = c − r, ε the label smoothing.</summary>
public enum DpoLoss
{
    /// <summary>−(1−ε)·ln σ(βm) − ε·ln σ(−βm). Rafailov et al. 2023, arXiv:2305.18290; ε: Mitchell 2023, "A note on DPO with noisy preferences".</summary>
    Sigmoid,

    /// <summary>max(0, 1 − βm). Liu et al. 2023, RSO, arXiv:2309.06657.</summary>
    Hinge,

    /// <summary>(m − 1/2β)², log-ratios a token. Azar et al. 2023, arXiv:2310.12036.</summary>
    Ipo,

    /// <summary>−ln σ(βm) with log-ratios a token.</summary>
    SigmoidNorm,

    /// <summary>(−(1−ε)·ln σ(βm) + ε·ln σ(−βm)) / (1 − 2ε). Chowdhury et al. 2024, arXiv:2403.00409.</summary>
    Robust,

    /// <summary>KL of the smoothed preference from σ(βm). Ji et al. 2024, EXO, arXiv:2402.00856; needs ε above 0.</summary>
    ExoPair,

    /// <summary>−ln σ(βc) − ½·ln σ(−βc) − ½·ln σ(−βr). Chen et al. 2024, NCA, arXiv:2402.05369.</summary>
    NcaPair,

    /// <summary>−ln σ(βc) − ln σ(−βr). Jung et al. 2024, BCO, arXiv:2404.04656, with its running shift of rewards left at 0.</summary>
    BcoPair,

    /// <summary>(c − 1/2β)² + (r + 1/2β)². Wu et al. 2024, SPPO, arXiv:2405.00675.</summary>
    SppoHard,

    /// <summary>
    /// −(1−ε)·ln σ(βd) − ε·ln σ(−βd), d the difference of the i-th least ln π_θ(chosen)/π_θ(rejected) and the i-th least of the reference, over the pairs of a step: the policy's
    /// margins as a whole shall lie above the reference's. Melnyk et al. 2024, AOT, arXiv:2406.05882, paired.
    /// </summary>
    Aot,

    /// <summary>The same with d the difference of the i-th least c and the i-th least r. The same paper, unpaired.</summary>
    AotUnpaired,

    /// <summary>1 − σ(βc) + σ(βr). D'Oosterlinck et al. 2024, APO, arXiv:2408.06266.</summary>
    ApoZero,

    /// <summary>σ(βc) + 1 − σ(βm). The same.</summary>
    ApoDown,

    /// <summary>(1 − s)·(−ln σ(βm)) + s·e^−βm with s = σ(βm/τ). Lu et al. 2024, DiscoPOP, arXiv:2406.08414.</summary>
    Discopop,

    /// <summary>The mean NLL a token of all chosen answers of the batch together; for mixtures.</summary>
    Sft,
}

/// <summary>Which divergence from the reference the pair's log-ratios are measured by. Wang et al. 2023, arXiv:2309.16240.</summary>
public enum PairDivergence
{
    /// <summary>ln ρ itself: the reverse KL of DPO.</summary>
    ReverseKl,

    /// <summary>1 − 1/ρ.</summary>
    ForwardKl,

    /// <summary>ln σ(ln ρ) + ln 2, of the Jensen–Shannon divergence.</summary>
    [JsonStringEnumMemberName("js_divergence")]
    JensenShannon,

    /// <summary>(1 − ρ^−α) / α.</summary>
    [JsonStringEnumMemberName("alpha_divergence")]
    Alpha,
}
