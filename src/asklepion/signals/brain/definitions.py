"""What each measure is, in a sentence, by the stem of its name."""

from asklepion.signals.brain.noted import SUFFIXES

_DEFINITIONS = {
    "mean_connectivity_z": "Mean Fisher z of the correlation over all pairs of parcels.",
    "within": "Mean Fisher z over pairs of parcels within the network.",
    "between": "Mean Fisher z between the network and each other one, each counting the same.",
    "segregation_chan": "(within - between) / within of Fisher z, negative ones zero.",
    "ngsc_by_rank": "Entropy of the shares of variance of spatial components over ln(rank): 1 if all are alike.",
    "distance_from_baseline_rms_z": "Root mean squared difference of Fisher z from the baseline over pairs of parcels.",
    "distance_from_baseline_1_minus_r": "1 - correlation of Fisher z with the baseline's over pairs of parcels.",
    "distance_from_group_rms_z": "Root mean squared difference of Fisher z from the mean of the others of the group.",
    "distance_from_group_1_minus_r": "1 - correlation of Fisher z with that mean over pairs of parcels.",
    "participation_positive_mean": "Mean over parcels of 1 - sum of squared shares of positive weight to each network.",
    "participation_negative_mean": "The same of negative weights, by their size.",
    "modularity_signed_consensus": "Signed modularity Q* of the consensus of Louvain partitions over seeds.",
    "gradient_range": "Largest less smallest value of the gradient (diffusion map).",
    "gradient_dispersion_3": "Root mean squared distance of parcels from their centre in the first three gradients.",
    "synchrony": "Mean over time of the order parameter of phases.",
    "metastability": "Standard deviation over time of the order parameter of phases.",
    "sliding_correlation_sd_mean": "Standard deviation over windows of the correlation, mean over pairs of parcels.",
    "state_occupancy": "Share of volumes in the phase state.",
    "state_dwell": "Mean length of a stay in the phase state.",
    "state_transition": "Share of next volumes in the second state among those of the first.",
    "lzc_schartner": "Joint Lempel-Ziv complexity of the parcels over that of shuffled symbols.",
    "transfer_entropy_gaussian_out": "Half of Granger's gain to each other network, mean, in nats.",
    "transfer_entropy_gaussian_net": "What the network sends less what it receives, in nats: above 0 for a driver.",
    "granger_gain": "ln(residual without / with the first network's past) in telling the second.",
}


def stem(name: str) -> str:
    """Return the name of a measure without what became of the global signal."""
    for suffix in SUFFIXES[::-1]:
        name = name.removesuffix(suffix)
    return name


def definition(name: str) -> str:
    """Return the definition of a measure, by its name.

    >>> definition("within_Default_z_with_global_signal")
    'Mean Fisher z over pairs of parcels within the network.'
    """
    short = stem(name)
    if short not in _DEFINITIONS and short.endswith("_z"):
        short = short.partition("_")[0]
    return _DEFINITIONS[short]
