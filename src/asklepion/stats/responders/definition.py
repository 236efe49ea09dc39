"""What a response is: a fall from baseline, a value at or below a line, or a label; and whether it was reached."""

import re
from dataclasses import dataclass

import numpy as np

from asklepion.core.errors import BadInput

_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Definition:
    """What a response is. `rule` is fall (from baseline), share (of the baseline, in per cent), most, least or is."""

    rule: str
    threshold: float
    label: str = ""

    @property
    def words(self) -> str:
        """Say it in words that stand beside every number made with it."""
        return {
            "fall": f"a fall of at least {self.threshold:g} from baseline",
            "share": f"a fall of at least {self.threshold:g}% of the baseline",
            "most": f"a value of at most {self.threshold:g}",
            "least": f"a value of at least {self.threshold:g}",
            "is": f"the value {self.label}",
        }[self.rule]


_FORMS = (
    ("share", re.compile(r"fall>=(\d+(?:\.\d+)?)%")),
    ("fall", re.compile(r"fall>=(\d+(?:\.\d+)?)")),
    ("most", re.compile(r"value<=(-?\d+(?:\.\d+)?)")),
    ("least", re.compile(r"value>=(-?\d+(?:\.\d+)?)")),
)


def definition(text: str) -> Definition:
    """Give a definition from `fall>=50%`, `fall>=10`, `value<=11`, `value>=11` or `value=no`. Raises BadInput.

    >>> definition("fall>=50%").words
    'a fall of at least 50% of the baseline'
    """
    tight = text.replace(" ", "")
    for rule, form in _FORMS:
        if found := form.fullmatch(tight):
            return Definition(rule, float(found[1]))
    if found := re.fullmatch(r"\s*value\s*=\s*(.+?)\s*", text):
        return Definition("is", 0.0, found[1])
    remedy = "Write fall>=50%, fall>=10, value<=11, value>=11 or value=no."
    raise BadInput(f"`{text}` is no definition of a response.", where="definition", remedy=remedy)


def responded(before: float, after: float, label: str | None, by: Definition) -> bool | None:
    """Tell whether a response was reached; None where it is not known. At a threshold rounding does not decide."""
    if by.rule == "is":
        return None if label is None else label == by.label
    if np.isnan(after) or (by.rule in {"fall", "share"} and np.isnan(before)):
        return None
    rounding = _ROUNDING * max(abs(after), abs(before) if before == before else 0.0)
    reached = {
        "fall": before - after >= by.threshold - rounding,
        "share": before > 0 and before - after >= by.threshold / 100 * before - rounding,
        "most": after <= by.threshold,
        "least": after >= by.threshold,
    }
    return bool(reached[by.rule])
