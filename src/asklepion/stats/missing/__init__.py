"""Missing values after events as a question of the estimand: strategies, imputation, and how sure that leaves one."""

from asklepion.stats.missing.analysis import Analysis, Answer, Imputed, analyse
from asklepion.stats.missing.gibbs import NotConverged, Watched
from asklepion.stats.missing.plan import Approach, Plan, Strategy, strategy
from asklepion.stats.missing.pooling import JACKKNIFE, RUBIN, Pooled, jackknife, rubin
from asklepion.stats.missing.refits import RefitFailed
from asklepion.stats.missing.tipping import Tilted, Tipping, tipping

__all__ = [
    "JACKKNIFE",
    "RUBIN",
    "Analysis",
    "Answer",
    "Approach",
    "Imputed",
    "NotConverged",
    "Plan",
    "Pooled",
    "RefitFailed",
    "Strategy",
    "Tilted",
    "Tipping",
    "Watched",
    "analyse",
    "jackknife",
    "rubin",
    "strategy",
    "tipping",
]
