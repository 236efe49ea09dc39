"""Network meta-analysis: trials of many treatments together. Retracted trials are left out and named."""

from asklepion.stats.network.fitting import Estimator, components
from asklepion.stats.network.inconsistency import Decomposition, Part, Split, decompose, split
from asklepion.stats.network.model import Network, Rank, league, network, ranks
from asklepion.stats.network.trial import (
    Contrast,
    Outcome,
    Trial,
    from_arms,
    from_contrasts,
    log_odds,
    log_risks,
    means,
)

__all__ = [
    "Contrast",
    "Decomposition",
    "Estimator",
    "Network",
    "Outcome",
    "Part",
    "Rank",
    "Split",
    "Trial",
    "components",
    "decompose",
    "from_arms",
    "from_contrasts",
    "league",
    "log_odds",
    "log_risks",
    "means",
    "network",
    "ranks",
    "split",
]
