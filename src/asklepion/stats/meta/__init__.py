"""Synthesis of studies: pooled effects, prediction, moderators. Retracted studies are left out and named."""

from asklepion.stats.meta.heterogeneity import Estimator, NotConverged
from asklepion.stats.meta.pooling import (
    Choices,
    Coefficient,
    Inference,
    Pooled,
    Prediction,
    Regression,
    leave_one_out,
    pool,
    regress,
    small_study,
)
from asklepion.stats.meta.study import Cells, Study, Zero, odds_ratio, risk_ratio

__all__ = [
    "Cells",
    "Choices",
    "Coefficient",
    "Estimator",
    "Inference",
    "NotConverged",
    "Pooled",
    "Prediction",
    "Regression",
    "Study",
    "Zero",
    "leave_one_out",
    "odds_ratio",
    "pool",
    "regress",
    "risk_ratio",
    "small_study",
]
