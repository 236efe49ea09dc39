"""Mixed models for repeated measures: the analysis of a trial whose people were seen at several visits."""

from asklepion.stats.mmrm.broom import glanced, residuals, tidied
from asklepion.stats.mmrm.fitting import Attempt, Fit, NotFitted, fit
from asklepion.stats.mmrm.freedom import Joint, Line, Precision, jointly, line
from asklepion.stats.mmrm.margins import (
    Weights,
    coefficients,
    contrasts,
    lsmeans,
    mean_weights,
    terms,
    terms_of_type_2,
    tidy,
)
from asklepion.stats.mmrm.model import LADDER, STRUCTURES, Freedom, Method, Model
from asklepion.stats.mmrm.prediction import every_visit, predict, rows_needed

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
    "every_visit",
    "fit",
    "glanced",
    "jointly",
    "line",
    "lsmeans",
    "mean_weights",
    "predict",
    "residuals",
    "rows_needed",
    "terms",
    "terms_of_type_2",
    "tidied",
    "tidy",
]
