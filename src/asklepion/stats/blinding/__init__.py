"""Did blinding hold, and what is left of the effect among people who could not tell?"""

from asklepion.stats.blinding.adjusted import Adjusted, Question, adjusted
from asklepion.stats.blinding.indices import Guesses, Index, bang, james
from asklepion.stats.blinding.rate import AtRate, at_rates
from asklepion.stats.blinding.table import Counted, counted

__all__ = [
    "Adjusted",
    "AtRate",
    "Counted",
    "Guesses",
    "Index",
    "Question",
    "adjusted",
    "at_rates",
    "bang",
    "counted",
    "james",
]
