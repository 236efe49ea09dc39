"""Synthesis of studies: pooled effects, prediction, moderators. Retracted studies are left out and named."""

from asklepion.stats.meta.counts import Common, Measure, mantel_haenszel, peto
from asklepion.stats.meta.heterogeneity import Estimator, NotConverged
from asklepion.stats.meta.inference import Choices, Coefficient, Inference, Prediction
from asklepion.stats.meta.levels import Levels, Nested, pool_levels
from asklepion.stats.meta.pooling import Pooled, pool
from asklepion.stats.meta.regression import Regression, Relabeled, Subgroups, regress, relabel, subgroups
from asklepion.stats.meta.robustness import (
    Asymmetry,
    Filled,
    Influence,
    Side,
    egger,
    influence,
    leave_one_out,
    rank,
    small_study,
    trim_and_fill,
)
from asklepion.stats.meta.study import (
    Cells,
    Means,
    Study,
    Zero,
    hedges_g,
    mean_difference,
    odds_ratio,
    risk_difference,
    risk_ratio,
)

__all__ = [
    "Asymmetry",
    "Cells",
    "Choices",
    "Coefficient",
    "Common",
    "Estimator",
    "Filled",
    "Inference",
    "Influence",
    "Levels",
    "Means",
    "Measure",
    "Nested",
    "NotConverged",
    "Pooled",
    "Prediction",
    "Regression",
    "Relabeled",
    "Side",
    "Study",
    "Subgroups",
    "Zero",
    "egger",
    "hedges_g",
    "influence",
    "leave_one_out",
    "mantel_haenszel",
    "mean_difference",
    "odds_ratio",
    "peto",
    "pool",
    "pool_levels",
    "rank",
    "regress",
    "relabel",
    "risk_difference",
    "risk_ratio",
    "small_study",
    "subgroups",
    "trim_and_fill",
]
