"""Everyone in care on one day: what needs a person, where each course stands, and the words that say so."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from asklepion.core.values import Span
from asklepion.record import caseload as record
from asklepion.record.projection import Blocked, CourseRow, ProjectedTask
from asklepion.record.reading import Reader

PHASES = {
    "screening": "Screening",
    "preparing": "Preparing",
    "sessions": "In sessions",
    "follow_up": "Follow-up",
    "ended": "Ended",
}
STATES = {"late": "Late", "blocked": "Blocked", "due": "Due", "ahead": "In time"}
SORTS = {"course": "Person", "where": "Where they are", "next": "Next step", "state": "State", "score": "Score"}
PAGE_SIZE = 50
NEEDS_SHOWN = 8
_ACTIONS = {
    "visit": "Open the visit",
    "scale": "Open the scale",
    "consent": "Open consent",
    "countersign": "Countersign",
    "sign": "Open worksheet",
    "decision": "Open worksheet",
    "contact": "Record the contact",
    "event": "Write a note",
}
_NUMBERS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page was asked for. Empty means no filter; `role` holds the courses whose next step is that role's."""

    phase: str = ""
    state: str = ""
    role: str = ""
    q: str = ""
    sort: str = ""
    page: int = 1


def in_words(count: int) -> str:
    """Return a count as a word up to twelve, then as a figure."""
    return _NUMBERS[count] if count < len(_NUMBERS) else f"{count:,}"


def short_day(day: date, on: date) -> str:
    """Return `Thu 26 Nov`, with the year where it is another one."""
    words = f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}"
    return words if day.year == on.year else f"{words} {day.year}"


def ago(day: date, on: date) -> str:
    """Return how far a day is from today in words: `two days ago`, `today`, `in three days`."""
    days = (on - day).days
    match days:
        case 0:
            return "today"
        case 1:
            return "yesterday"
        case -1:
            return "tomorrow"
        case _ if days > 0:
            return f"{in_words(days)} days ago"
        case _:
            return f"in {in_words(-days)} days"


@dataclass(frozen=True, slots=True)
class Need:
    """One line of `Needs a person`: state, what, since when and with whom, and which page the step is done on."""

    state: str
    title: str
    course: str
    detail: str
    action: str
    kind: str
    what: str
    visit: str
    role: str


@dataclass(frozen=True, slots=True)
class Line:
    """One course of the table, in the words of the page. `look` is the drawn state, `state` its word."""

    row: CourseRow
    course: str
    title: str
    where: str
    next_title: str
    next_when: str
    look: str
    state: str
    blocked_by: str
    score: str
    score_text: str
    open_events: int


@dataclass(frozen=True, slots=True)
class Board:
    """The whole page. `total` fit the filters, `everyone` is all whom the reader may see."""

    lede: str
    burden: str
    needs: tuple[Need, ...]
    needs_total: int
    lines: tuple[Line, ...]
    total: int
    everyone: int
    phases: Mapping[str, int]
    states: Mapping[str, int]
    shown: str

    @property
    def needs_left_out(self) -> bool:
        return self.needs_total > len(self.needs)


def where_today(row: CourseRow, on: date) -> str:
    """Return where a course stands on a day: the stored words, made nearer by the session next to that day."""
    for number, session in enumerate(row.sessions, 1):
        planned, held = session.planned_on, session.held_on
        if held == on or (not held and planned == on and row.phase == "sessions"):
            return f"Session {number} today"
        if not held and planned == on + timedelta(days=1):
            return f"Day before session {number}"
    held_days = [session.held_on for session in row.sessions if session.held_on and session.held_on <= on]
    if row.phase == "sessions" and held_days and (on - held_days[-1]).days <= 7:
        return f"Days after session {len(held_days)}"
    since = held_days[-1] if held_days else row.enrolled_on
    if row.phase == "follow_up" and since:
        return f"{row.where}, week {(on - since).days // 7}"
    return row.where


def when_words(opens: date | None, due: date | None, closes: date | None, *, on: date) -> str:
    """Return the day of a step as a cell says it: one day, a window, or that it waits for another day."""
    if opens and closes and opens != closes and on < opens:
        return f"{short_day(opens, on)} to {short_day(closes, on)}"
    if closes and on > closes:
        return f"window closed {short_day(closes, on)}"
    day = due or closes or opens
    return short_day(day, on) if day else "day not yet known"


def board(reader: Reader, asked: Asked, *, on: date) -> Board:
    """Return the caseload page: two indexed reads whatever the size of the clinic, no fold."""
    page = _courses(reader, asked, on=on)
    urgent = record.waiting(reader, on=on, role=asked.role, limit=NEEDS_SHOWN)
    return Board(
        lede=_people(sum(page.by_phase.values()), ended=page.by_phase.get("ended", 0)),
        burden=_burden(page.by_state),
        needs=tuple(_need(waiting, on) for waiting in urgent.tasks),
        needs_total=urgent.total,
        lines=tuple(_line(found.row, found.state, on) for found in page.rows),
        total=page.total,
        everyone=sum(page.by_phase.values()),
        phases=page.by_phase,
        states=page.by_state,
        shown=_shown(len(page.rows), page.total, asked),
    )


def _people(everyone: int, *, ended: int) -> str:
    count = everyone - ended
    if count == 0:
        return "Nobody is in care now: every course has ended." if ended else "Nobody is in care yet."
    return f"{in_words(count).capitalize()} {'person' if count == 1 else 'people'} in care."


def _burden(states: Mapping[str, int]) -> str:
    """Return `Two courses are late, three are due and one stands still until someone decides.`"""
    late, due, blocked = (states.get(state, 0) for state in ("late", "due", "blocked"))
    parts = [
        f"{in_words(count)} {'is' if count == 1 else 'are'} {word}"
        for count, word in ((late, "late"), (due, "due"))
        if count
    ]
    if blocked:
        parts.append(f"{in_words(blocked)} {'stands' if blocked == 1 else 'stand'} still until someone decides")
    if not parts:
        return "Nothing is late, due or blocked."
    joined = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    return f"{joined[0].upper()}{joined[1:]}."


def _shown(count: int, total: int, asked: Asked) -> str:
    if count == total:
        return f"{in_words(total).capitalize()} {'course' if total == 1 else 'courses'} shown."
    first = (asked.page - 1) * PAGE_SIZE
    return f"{first + 1:,} to {first + count:,} of {total:,} courses shown."


def table(reader: Reader, asked: Asked, *, on: date) -> tuple[Line, ...]:
    """Return every course that fits the filters, all pages, for the download."""
    page = _courses(reader, asked, on=on, size=record.ALL)
    return tuple(_line(found.row, found.state, on) for found in page.rows)


def _line(row: CourseRow, state: str, on: date) -> Line:
    stopped = row.phase == "ended"
    return Line(
        row=row,
        course=row.course,
        title=row.title,
        where=where_today(row, on),
        next_title=row.next_title,
        next_when=when_words(row.next_opens, row.next_due, row.next_closes, on=on) if row.next_title else "",
        look="plain" if stopped else {"ahead": "done"}.get(state, state),
        state="Ended" if stopped else STATES[state],
        blocked_by=_blocked_by(row, on) if state == "blocked" else "",
        score=_score(row),
        score_text=row.score_text,
        open_events=row.open_events,
    )


def _score(row: CourseRow) -> str:
    if row.first_score is None:
        return ""
    first = plain(row.first_score)
    return first if row.last_score is None else f"{first} to {plain(row.last_score)}"


def plain(number: float) -> str:
    """Return a number without idle digits and with a real minus sign."""
    return f"{number:g}".replace("-", "\N{MINUS SIGN}")


def _courses(reader: Reader, asked: Asked, *, on: date, size: int = PAGE_SIZE) -> record.CaseloadPage:
    return record.caseload(
        reader,
        on=on,
        phase=asked.phase,
        state=asked.state,
        q=asked.q,
        sort=asked.sort,
        role=asked.role,
        page=asked.page,
        size=size,
    )


def _blocked_by(row: CourseRow, on: date) -> str:
    """Name what shuts the gate on a day, three at most: spans are stored, so no chart is folded."""
    names = [blocked.text for blocked in row.blocked_by if not _open(blocked, on)]
    names = list(dict.fromkeys(names))
    more = f" and {in_words(len(names) - 3)} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more


def _open(blocked: Blocked, on: date) -> bool:
    return blocked.ever and Span(blocked.first, blocked.last).holds(on)


def _need(waiting: record.Waiting, on: date) -> Need:
    task = waiting.task
    return Need(
        state=waiting.state,
        title=task.title,
        course=waiting.row.course,
        detail=f"{_since(waiting, on)} With {task.role.replace('_', ' ')}.",
        action=_action(waiting.state, task),
        kind="" if task.role == "rater" else task.kind,
        what=task.what,
        visit=task.visit,
        role=task.role,
    )


def _action(state: str, task: ProjectedTask) -> str:
    """Return what its button says. An interview is the blinded rater's alone: from here one can only look."""
    if state == "blocked":
        return "See the gate"
    return "Open the chart" if task.role == "rater" else _ACTIONS.get(task.kind, "Open the chart")


def _since(waiting: record.Waiting, on: date) -> str:
    task = waiting.task
    if waiting.state == "blocked":
        return f"Stands still: {_blocked_by(waiting.row, on)}."
    if task.closes and on > task.closes:
        return f"Window closed {short_day(task.closes, on)}, {ago(task.closes, on)}."
    if task.due and on > task.due:
        return f"Was due {short_day(task.due, on)}, {ago(task.due, on)}."
    if task.closes:
        return f"Window closes {short_day(task.closes, on)}, {ago(task.closes, on)}."
    if task.opens:
        return f"Open since {short_day(task.opens, on)}."
    return "Can be done now."
