"""Change of measures: before and after, or group against group, with permutation p and correction for their number."""

from asklepion.stats.change.compare import Compared, Progress, independent, paired
from asklepion.stats.change.multiplicity import benjamini_hochberg, holm
from asklepion.stats.change.network import Component, NetworkBased, network_based
from asklepion.stats.change.person import PersonChange, person_change

__all__ = [
    "Compared",
    "Component",
    "NetworkBased",
    "PersonChange",
    "Progress",
    "benjamini_hochberg",
    "holm",
    "independent",
    "network_based",
    "paired",
    "person_change",
]
