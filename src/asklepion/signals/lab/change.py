"""The change of one person between two sessions, against what chance alone does: told, or why it cannot be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from asklepion.core.errors import BadInput
from asklepion.core.values import Unscored
from asklepion.knowledge.types import Basis, Biomarker, Confidence
from asklepion.signals.lab.concentration import Matrix, change_percent, reference_change_percent
from asklepion.signals.lab.markers import Reading


@dataclass(frozen=True, slots=True)
class ChanceLimit:
    """The change in per cent that chance alone may make, how it was reached, and the weakest confidence in it."""

    percent: float
    words: str
    confidence: Confidence
    sources: tuple[str, ...]
    quality: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """higher, lower, not reliable or unknown; `why` in words, and the limit it was judged by."""

    verdict: str
    why: str
    limit: ChanceLimit | None = None
    quality: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """A person's change of one measure. `percent` is of the value before; both have a reason where there is none."""

    subject: str
    measure: str
    before: str
    after: str
    unit: str
    difference: float | Unscored
    percent: float | Unscored
    told: Verdict


def chance_limit(marker: Biomarker, matrix: str = "", *, assay_cv: float | None = None) -> ChanceLimit | None:
    """Return the largest of what is on file: 1.96 sqrt 2 sqrt(CVi2 + CVa2) [fraser2001], and limits as published.

    The upper end of a range counts. `assay_cv` is the laboratory's own, in per cent; without it the one on file, if
    there is one. Figures found in another fluid are not used; None if none is left.
    """
    reached = [*_by_variation(marker, matrix, assay_cv), *_as_published(marker, matrix)]
    found = max(reached, key=lambda each: each.percent, default=None)
    if found is None or found.percent < 100:
        return found
    return replace(found, quality=(*found.quality, "No fall can pass a limit of 100% or more."))


def judge(percent: float, marker: Biomarker, limit: ChanceLimit | None) -> Verdict:
    """Return the verdict of a change in per cent. Exactly on the limit is not past it."""
    if limit is None:
        return Verdict(verdict="unknown", why=f"No variation of {marker.id} within a person is on file for this.")
    if abs(percent) <= limit.percent:
        return Verdict(verdict="not reliable", why=f"Within {limit.words}.", limit=limit, quality=limit.quality)
    word = "higher" if percent > 0 else "lower"
    return Verdict(verdict=word, why=f"Beyond {limit.words}.", limit=limit, quality=limit.quality)


def changes(
    readings: Sequence[Reading],
    markers: Mapping[str, Biomarker],
    *,
    before: str,
    after: str,
    assay_cv: Mapping[str, float],
) -> tuple[Change, ...]:
    """Return the change of every person and measure between two sessions. Fluids are compared with their like only.

    Raises BadInput for a session that no row has, for one session twice, and for days in the wrong order.
    """
    _sessions(readings, before, after)
    found: dict[tuple[str, str], dict[Matrix, dict[str, Reading]]] = {}
    for each in readings:
        if each.session in (before, after):
            fluids = found.setdefault((each.subject, each.marker), {})
            fluids.setdefault(each.matrix, {})[each.session] = each
    told: list[Change] = []
    for (_, marker), fluids in found.items():
        alone = {matrix: pair for matrix, pair in fluids.items() if len(pair) == 1}
        for pair in fluids.values():
            told.append(_change(pair, markers[marker], before=before, after=after, alone=alone, assay_cv=assay_cv))
    return tuple(told)


def _change(
    pair: Mapping[str, Reading],
    marker: Biomarker,
    *,
    before: str,
    after: str,
    alone: Mapping[Matrix, Mapping[str, Reading]],
    assay_cv: Mapping[str, float],
) -> Change:
    first, second = pair.get(before), pair.get(after)
    known = first or second
    assert known is not None
    why = _why_not(first, second, before=before, after=after, alone=alone)
    difference: float | Unscored = Unscored(why)
    percent: float | Unscored = Unscored(why)
    verdict = Verdict(verdict="unknown", why=why)
    if not why and first and second and first.found and second.found:
        difference = second.found.value - first.found.value
        share = change_percent(first.found, second.found)
        percent = Unscored("The value before is zero.") if share is None else share
        limit = chance_limit(marker, known.matrix, assay_cv=assay_cv.get(marker.id))
        zero = Verdict(verdict="unknown", why="The value before is zero.")
        verdict = zero if share is None else judge(share, marker, limit)
    return Change(known.subject, known.measure, _shown(first), _shown(second), known.unit, difference, percent, verdict)


def _why_not(
    first: Reading | None,
    second: Reading | None,
    *,
    before: str,
    after: str,
    alone: Mapping[Matrix, Mapping[str, Reading]],
) -> str:
    if first is None or second is None:
        there, lacking = (after, before) if first is None else (before, after)
        mine = first or second
        others = [str(fluid) for fluid, pair in alone.items() if lacking in pair and mine and fluid != mine.matrix]
        if mine and others:
            return f"{there} is of {mine.matrix}, {lacking} of {', '.join(others)}: they are never compared."
        return f"There is no row at {lacking}."
    for session, each in ((before, first), (after, second)):
        if each.found is None:
            return f"The value at {session} is missing."
        if each.found.limit:
            return f"The value at {session} is a limit of the assay ({_shown(each)})."
    return ""


def _by_variation(marker: Biomarker, matrix: str, assay_cv: float | None) -> list[ChanceLimit]:
    told = []
    for within in (each for each in marker.within_person if each.matrix in ("", matrix)):
        assay = next((each for each in marker.assay if each.matrix in ("", matrix)), None)
        own = assay_cv if assay_cv is not None else assay.high_percent if assay else 0.0
        bases = [within.basis, *([assay.basis] if assay and assay_cv is None else [])]
        whose = "the laboratory's own" if assay_cv is not None else "on file"
        with_assay = f" and {own:g}% of the assay, {whose}" if own else ""
        percent = reference_change_percent(within.high_percent, own)
        words = f"{percent:.0f}%, from {within.high_percent:g}% within a person{with_assay}"
        told.append(_limit(percent, words, bases, fluid=within.matrix, matrix=matrix))
    return told


def _as_published(marker: Biomarker, matrix: str) -> list[ChanceLimit]:
    return [
        _limit(each.percent, f"{each.percent:g}%, a limit on file", [each.basis], fluid=each.matrix, matrix=matrix)
        for each in marker.change_limits
        if each.matrix in ("", matrix)
    ]


def _limit(percent: float, words: str, bases: Sequence[Basis], *, fluid: str, matrix: str) -> ChanceLimit:
    confidence = max((each.confidence for each in bases), key=list(Confidence).index)
    sources = tuple(dict.fromkeys(source.key for each in bases for source in each.sources))
    quality = ("The facts do not say in which fluid this variation was found.",) if matrix and not fluid else ()
    return ChanceLimit(percent, f"{words} ({confidence})", confidence, sources, quality)


def _shown(reading: Reading | None) -> str:
    if reading is None or reading.found is None:
        return ""
    return f"{reading.found.limit}{reading.found.value:.6g}"


def _sessions(readings: Sequence[Reading], before: str, after: str) -> None:
    known = list(dict.fromkeys(each.session for each in readings))
    for name, session in (("--before", before), ("--after", after)):
        if session not in known:
            told = ", ".join(known[:12])
            raise BadInput(f"There is no session {session}.", where=name, remedy=f"The file has: {told}.")
    if before == after:
        raise BadInput("Both are one session.", where="--before, --after", remedy="Name two.")
    days = [_instant(each) for each in (before, after)]
    if days[0] and days[1] and days[0] > days[1]:
        raise BadInput(f"{before} comes after {after}.", where="--before, --after", remedy="Give the earlier first.")


def _instant(session: str) -> str | None:
    """Return a day or time that sorts; None for a name. Offsets are left alone: sessions lie days apart."""
    try:
        return datetime.fromisoformat(session).replace(tzinfo=None).isoformat()
    except ValueError:
        return None
