"""Interviews for blinded raters: a token, a course code and a scale. Nothing else of a chart leaves by here.

A token is an HMAC of course, scale and visit, so that neither an address nor an order tells of a visit.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import date
from typing import cast

from django.conf import settings
from django.db.models import Q

from asklepion.core.access import Role
from asklepion.core.chart import Recorded
from asklepion.core.entries import AnswersGiven
from asklepion.core.errors import UnknownId
from asklepion.record.canonical import recorded_of
from asklepion.record.models import LedgerEntry, Todo
from asklepion.record.projecting import task_of
from asklepion.record.projection import ProjectedTask
from asklepion.record.reading import Reader


@dataclass(frozen=True, slots=True)
class Interview:
    """What a rater is told of an interview that is due."""

    token: str
    course: str
    scale: str


@dataclass(frozen=True, slots=True)
class Behind:
    """What stands behind a token. For flows, never for showing: the visit tells where a course has got to."""

    course: str
    scale: str
    visit: str
    handed_in: bool


def due(reader: Reader, *, on: date) -> tuple[Interview, ...]:
    """Return the interviews that are due, one a course and scale, in the order of their tokens."""
    found = (Interview(_token(course, task), course, task.what) for course, task in _due(reader, on).values())
    return tuple(sorted(found, key=lambda each: each.token))


def behind(token: str, reader: Reader, *, on: date) -> Behind:
    """Return what stands behind a token: an interview that is due, or one that this rater handed in.

    Raises UnknownId alike for all else, after the same work: every token is made and compared, whatever is found.
    """
    open_now = [Behind(course, task.what, task.visit, False) for course, task in _due(reader, on).values()]
    match = None
    for each in _handed_in(reader) + open_now:
        if hmac.compare_digest(_hash(each.course, each.scale, each.visit).encode(), token.encode()):
            match = each
    if match is None:
        raise UnknownId("There is no such interview.")
    return match


def _due(reader: Reader, on: date) -> dict[tuple[str, str], tuple[str, ProjectedTask]]:
    """Return the interview of each course and scale whose window opened last: an earlier one was missed."""
    if reader.role is not Role.RATER:
        return {}
    rows = Todo.objects.filter(Q(opens__isnull=True) | Q(opens__lte=on), role=str(Role.RATER)).order_by("opens", "pk")
    found: dict[tuple[str, str], tuple[str, ProjectedTask]] = {}
    for course, text in rows.values_list("course", "row"):
        task = task_of(text)
        if task.kind == "scale":
            found[course, task.what] = course, task
    return found


def _handed_in(reader: Reader) -> list[Behind]:
    rows = LedgerEntry.objects.filter(by=reader.account, kind="answers_given", role=str(Role.RATER))
    entries = (cast("Recorded[AnswersGiven]", recorded_of(row)) for row in rows.order_by("recorded_at"))
    return [Behind(each.course, each.entry.scale, each.entry.visit, True) for each in entries]


def _token(course: str, task: ProjectedTask) -> str:
    return _hash(course, task.what, task.visit)


def _hash(course: str, scale: str, visit: str) -> str:
    key = hashlib.sha256(b"interviews" + settings.PEOPLE_KEY.encode()).digest()
    said = "\n".join((course, scale, visit)).encode()
    return hmac.new(key, said, hashlib.sha256).hexdigest()[:32]
