"""Responders and change: who got better, by how much, and against chance."""

from asklepion.stats.responders.change import Changes, Population, Scale, Verdict, classify, cutoffs, reliable_points
from asklepion.stats.responders.effects import Effect, Summary, between, between_summaries, correction, paired, within
from asklepion.stats.responders.proportions import (
    Arm,
    Comparison,
    Interval,
    NeededToTreat,
    Stretch,
    difference,
    needed_to_treat,
    odds_ratio,
    ratio,
    wilson,
)

__all__ = [
    "Arm",
    "Changes",
    "Comparison",
    "Effect",
    "Interval",
    "NeededToTreat",
    "Population",
    "Scale",
    "Stretch",
    "Summary",
    "Verdict",
    "between",
    "between_summaries",
    "classify",
    "correction",
    "cutoffs",
    "difference",
    "needed_to_treat",
    "odds_ratio",
    "paired",
    "ratio",
    "reliable_points",
    "wilson",
    "within",
]
