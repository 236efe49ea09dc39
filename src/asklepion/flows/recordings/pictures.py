"""What is drawn of one recording, each picture a file beside its measures: for a desk, and for a phone."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from asklepion.signals.measure import Measure

if TYPE_CHECKING:
    from asklepion.flows.biomarkers import Heart
    from asklepion.flows.brain import Brain
    from asklepion.flows.eeg import Eeg

DESK, PHONE = 520, 330
"""Widths in units of a drawing: letters of 13 units are never smaller than 12 px where it is shown."""
LEAST_ELECTRODES = 3
MOST_MAPS = 8
"""So many topographies of a recording are drawn, in the order of the plan's measures; the rest is in the table."""


_SMALL = "topography"


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing: its `key` (the `desc-` of its file), a sentence under it, its elements in two widths."""

    key: str
    words: str
    desk: str
    phone: str

    @property
    def small(self) -> bool:
        return self.key.startswith(_SMALL)

    @property
    def files(self) -> dict[str, str]:
        return {self.key: self.desk, f"{self.key}phone": self.phone}


def _twice(key: str, words: str, draw: Callable[[str, int], object]) -> Picture:
    desk = PHONE if key.startswith(_SMALL) else DESK
    return Picture(key, words, str(draw(f"{key}-desk", desk)), str(draw(f"{key}-phone", PHONE)))


def brain(found: "Brain") -> tuple[Picture, ...]:
    """Return the connectome by network, the gradients, and the phase states where there are any."""
    from asklepion.paper import brain as paper

    shown = {each.key: each.words for each in paper.drawings(found)}
    ways = {"connectome": paper.connectome, "gradients": paper.gradients, "states": paper.states}
    return tuple(
        _twice(key, words, lambda id, width, draw=ways[key]: draw(found, id=id, width=width).drawn)  # type: ignore[misc]
        for key, words in shown.items()
        if key in ways
    )


def eeg(found: "Eeg") -> tuple[Picture, ...]:
    """Return the topography of each measure that was told of electrodes with a place on the head."""
    from asklepion.paper.eeg import of_channels, topography
    from asklepion.paper.figure import About

    positions = dict(found.positions)
    names = list(dict.fromkeys(each.name for each in found.measures if each.of in positions))
    pictures = []
    for number, name in enumerate(names[:MOST_MAPS], 1):
        measures = of_channels(found.measures, positions, name=name)
        if len(measures) < LEAST_ELECTRODES:
            continue

        def draw(id: str, width: int, measures: tuple[Measure, ...] = measures, name: str = name) -> object:
            return topography(measures, positions, About(id=id, title=name, unit=measures[0].unit, width=width))

        pictures.append(_twice(f"{_SMALL}{number}", f"{len(measures)} electrodes from above, nose up.", draw))
    return tuple(pictures)


def heart(found: "Heart") -> tuple[Picture, ...]:
    """Return the heart through the session; nothing of a recording shorter than two windows."""
    from asklepion.paper import heart as paper
    from asklepion.paper.figure import About

    def draw(id: str, width: int) -> object:
        about = About(id=id, title="The heart through the session", unit="", sources=(found.sha256,), width=width)
        return paper.through(found.session, about)

    if len(found.session.windows) < paper.LEAST_WINDOWS:
        return ()
    words = "One mark a window; hollow where more than 5% of its time is marked as artefact."
    return (_twice("session", words, draw),)
