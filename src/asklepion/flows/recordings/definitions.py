"""What each measure is, in a sentence: for sidecars, which stand alone. The formulas are in docs/methods."""

from fnmatch import fnmatchcase

_ELSE = "As the methods of this program's version define it."
# EEG and heart; brain networks bring their own. The first pattern that fits says it.
_DEFINITIONS = (
    ("relative_band_power_*", "Share of the power of the band in that of all bands of the plan."),
    ("band_power_*", "Power of the signal within the band."),
    ("spectral_edge_*", "Frequency below which the share of power lies that the parameters name."),
    ("aperiodic_exponent_fixed_*", "Exponent of 1/f without a knee, fitted to the spectrum over the range named."),
    ("lz76_log_*", "Lempel-Ziv complexity (1976) of the signal cut at the threshold, times log2(n) / n."),
    ("lz76_shuffled_*", "Lempel-Ziv complexity (1976) over that of the mean of shuffled copies."),
    ("lz76_phase_*", "Lempel-Ziv complexity (1976) over that of the mean of surrogates with random phases."),
    ("lzc_schartner*", "Joint Lempel-Ziv complexity of all channels over that of shuffled symbols."),
    ("lzs_schartner*", "Lempel-Ziv complexity of one channel over that of shuffled symbols."),
    ("sample_entropy_m2*", "Sample entropy of templates of two, radius as the parameters say, `<=`."),
    ("multiscale_entropy_costa*", "Sample entropy of the coarse-grained signal, the radius fixed at scale 1."),
    ("permutation_entropy_*", "Entropy of the order patterns, over its largest."),
    ("wpli2_debiased*", "Debiased squared weighted phase-lag index, mean over pairs of channels."),
    ("wpli*", "Weighted phase-lag index, mean over pairs of channels."),
    ("mean_nn", "Mean of normal intervals between beats."),
    ("mean_heart_rate", "60,000 ms over the mean of normal intervals."),
    ("sdnn", "Standard deviation of normal intervals, divisor n - 1."),
    ("rmssd", "Root mean square of differences between neighbouring normal intervals."),
    ("ln_rmssd", "Natural logarithm of RMSSD in ms."),
    ("pnn50", "Share of differences between neighbouring normal intervals above 50 ms."),
    ("cv_rmssd", "RMSSD over the mean of normal intervals: it allows for heart rate."),
    ("poincare_sd1_sd2", "SD1 over SD2."),
    ("poincare_sd1", "Standard deviation across the line of identity of each interval against the one before."),
    ("poincare_sd2", "Standard deviation along that line."),
    ("dfa_alpha1", "Exponent of detrended fluctuation over 4 to 16 beats."),
    ("dfa_alpha2", "Exponent of detrended fluctuation over 16 to 64 beats."),
    ("ectopic_beats", "How many beats the rule takes for ectopic; none is taken out by hand or filled in."),
    ("total_power_*", "Variance of normal intervals."),
    ("lf_hf_*", "Power in LF over power in HF."),
    ("?f_normal_units_*", "Power in the band over power in LF and HF together."),
    ("*f_power_*", "Variance of normal intervals within the band."),
    ("change_heart_rate", "Heart rate less that of the baseline stretch of the same recording."),
    ("change_ln_rmssd", "ln RMSSD less that of the baseline stretch of the same recording."),
    (
        "change_ln_cv_rmssd",
        "ln of RMSSD over mean interval less that of the baseline stretch: it allows for heart rate.",
    ),
)


def definition(name: str) -> str:
    """Return what a measure is, by its name."""
    from asklepion.flows import brain

    told = next((told for pattern, told in _DEFINITIONS if fnmatchcase(name, pattern)), "")
    if told:
        return told
    try:
        return brain.definition(name)
    except KeyError:
        return _ELSE
