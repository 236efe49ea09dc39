"""Mixed models for repeated measures: the analysis of a trial whose people were seen at several visits."""

from asklepion.stats.mmrm.fitting import Attempt, Fit, NotFitted, fit
from asklepion.stats.mmrm.freedom import Joint, Line, Precision, jointly, line
from asklepion.stats.mmrm.margins import Weights, coefficients, contrasts, lsmeans, mean_weights, terms, tidy
from asklepion.stats.mmrm.model import LADDER, STRUCTURES, Freedom, Method, Model

__all__ = [
    "LADDER",
    "STRUCTURES",
    "Attempt",
    "Fit",
    "Freedom",
    "Joint",
    "Line",
    "Method",
    "Model",
    "NotFitted",
    "Precision",
    "Weights",
    "coefficients",
    "contrasts",
    "fit",
    "jointly",
    "line",
    "lsmeans",
    "mean_weights",
    "terms",
    "tidy",
]
