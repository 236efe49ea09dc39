"""What pages over many people read of one course. Dates only, never a verdict of today."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal, cast

from django.conf import settings
from django.utils.module_loading import import_string

from asklepion.core.chart import Chart

INTERVIEW = "interview:"
"""Begins the id of a task that stands on the rater's list only."""

Phase = Literal["screening", "preparing", "sessions", "follow_up", "ended"]


@dataclass(frozen=True, slots=True)
class Blocked:
    """What shuts a gate, in short words, and the days on which it would not; `ever` false: no day, as it stands."""

    text: str
    first: date | None = None
    last: date | None = None
    ever: bool = True


@dataclass(frozen=True, slots=True)
class SessionDay:
    planned_on: date | None = None
    held_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseRow:
    """One course of the caseload. `gated` says that the next task stands behind the gate."""

    course: str
    protocol: str
    title: str
    phase: Phase
    where: str
    simulated: bool = False
    next_task: str = ""
    next_title: str = ""
    next_role: str = ""
    next_opens: date | None = None
    next_due: date | None = None
    next_closes: date | None = None
    gated: bool = False
    gate_shut_never_opens: bool = False
    gate_opens: date | None = None
    gate_closes: date | None = None
    blocked_by: tuple[Blocked, ...] = ()
    sessions: tuple[SessionDay, ...] = ()
    first_score: float | None = None
    last_score: float | None = None
    score_text: str = ""
    enrolled_on: date | None = None
    ends_on: date | None = None
    open_events: int = 0
    consent_version: str = ""
    search: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectedTask:
    task: str
    kind: str
    what: str
    visit: str
    title: str
    role: str
    opens: date | None = None
    due: date | None = None
    closes: date | None = None
    gated: bool = False


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """One score of one giving. `label` is the entry's; `value` None was not scored; `categories` is a JSON object.

    `baseline` marks the score from which this course's change is counted.
    """

    scale: str
    score: str
    visit: str
    on: date
    value: float | None
    seq: int
    label: str = "open"
    protocol: str = ""
    baseline: bool = False
    categories: str = "{}"


@dataclass(frozen=True, slots=True)
class Projection:
    row: CourseRow
    tasks: tuple[ProjectedTask, ...] = ()
    scores: tuple[ScoreRow, ...] = ()


def project(chart: Chart) -> Projection:
    """Return the rows of a chart, by the function that the settings name. It is imported at first use only."""
    projector = cast("Callable[[Chart], Projection]", import_string(settings.ASKLEPION_PROJECTOR))
    return projector(chart)
