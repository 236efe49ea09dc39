"""Dose and response: is there any, of which shape, and which dose reaches an effect (MCP-Mod)."""

from asklepion.stats.dose.contrasts import Contrast, Tested, best_contrasts
from asklepion.stats.dose.modelling import Fitted, fitted, grid, target_dose
from asklepion.stats.dose.shapes import Candidate, Shape, candidate
from asklepion.stats.dose.trial import Answer, Question, Target, dose_response

__all__ = [
    "Answer",
    "Candidate",
    "Contrast",
    "Fitted",
    "Question",
    "Shape",
    "Target",
    "Tested",
    "best_contrasts",
    "candidate",
    "dose_response",
    "fitted",
    "grid",
    "target_dose",
]
