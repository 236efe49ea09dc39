"""Responders and change: who got better, by how much, and against chance."""

from asklepion.stats.responders.change import Changes, Verdict, classify, cutoffs, reliable_points
from asklepion.stats.responders.effects import Effect, Summary, between, between_summaries, correction, paired, within
from asklepion.stats.responders.expected import Expected, Method
from asklepion.stats.responders.hageman import Shares, shares, true_cutoffs
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
from asklepion.stats.responders.scale import Population, Scale
from asklepion.stats.responders.thresholds import by_points, by_share

__all__ = [
    "Arm",
    "Changes",
    "Comparison",
    "Effect",
    "Expected",
    "Interval",
    "Method",
    "NeededToTreat",
    "Population",
    "Scale",
    "Shares",
    "Stretch",
    "Summary",
    "Verdict",
    "between",
    "between_summaries",
    "by_points",
    "by_share",
    "classify",
    "correction",
    "cutoffs",
    "difference",
    "needed_to_treat",
    "odds_ratio",
    "paired",
    "ratio",
    "reliable_points",
    "shares",
    "true_cutoffs",
    "wilson",
    "within",
]
