using System.Text.Json.Serialization;

namespace Leftover.Algorithms;

/// <summary>The losses of GRPO's family, under TRL's names: what a token loses, and how tokens are averaged.</summary>
public enum GrpoLoss
{
    /// <summary>The clipped surrogate; mean over each reply's tokens, then over replies. Shao et al. 2024, arXiv:2402.03300, eq. 3.</summary>
    Grpo,

    /// <summary>The same, as a mean over all tokens of the batch.</summary>
    Bnpo,

    /// <summary>The same, summed over tokens and divided by replies times the longest reply allowed. Liu et al. 2025, arXiv:2503.20783.</summary>
    DrGrpo,

    /// <summary>The same, as a mean over all tokens of the step. Yu et al. 2025, DAPO, arXiv:2503.14476.</summary>
    Dapo,

    /// <summary>−min(ρ, ε_high)·A·ln π with the weight a constant: every token keeps its gradient. Chen et al. 2025, arXiv:2506.13585.</summary>
    Cispo,

    /// <summary>A soft gate σ(τ(ρ − 1))·4/τ in place of the clip. Gao et al. 2025, SAPO, arXiv:2511.20347.</summary>
    Sapo,

    /// <summary>The surrogate of a whole reply times its length. Wang et al. 2026, LUSPO, arXiv:2602.05261.</summary>
    Luspo,

    /// <summary>−φ(w)·A·ln π_t as a mean over all tokens, w = π_θ(y|x)/π_old(y|x) of the whole reply and φ(w) = w^k·e^(λ(1−w)) a constant. VESPO 2026, arXiv:2602.10693, §3.4.</summary>
    Vespo,
}

/// <summary>What one importance ratio belongs to.</summary>
public enum RatioLevel
{
    /// <summary>A token.</summary>
    Token,

    /// <summary>A reply: exp of the mean log-ratio of its tokens. Zheng et al. 2025, GSPO, arXiv:2507.18071.</summary>
    Sequence,
}
