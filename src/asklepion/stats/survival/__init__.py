"""Durability: how long a response lasts. Curves, tests, hazards, restricted means, from times that may be censored."""

from asklepion.stats.survival.cox import Cox, Hazard, Proportionality, cox, proportionality
from asklepion.stats.survival.curves import Curve, Median, Transform, kaplan_meier
from asklepion.stats.survival.logrank import LogRank, log_rank
from asklepion.stats.survival.restricted import Restricted, restricted_mean
from asklepion.stats.survival.times import Columns, Followed, read

__all__ = [
    "Columns",
    "Cox",
    "Curve",
    "Followed",
    "Hazard",
    "LogRank",
    "Median",
    "Proportionality",
    "Restricted",
    "Transform",
    "cox",
    "kaplan_meier",
    "log_rank",
    "proportionality",
    "read",
    "restricted_mean",
]
