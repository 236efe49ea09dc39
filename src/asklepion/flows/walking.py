"""A simulated person walked through a course, day by day, by the flows that the pages use. Every number is invented."""

import random
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property

from asklepion.core import schedule
from asklepion.core.access import Role
from asklepion.core.chart import Chart
from asklepion.core.errors import GateShut
from asklepion.core.values import ConsentState, PlannedVisit, VisitState
from asklepion.flows import consent, courses, medicines, projection, ratings, safety, scales, screening, visits
from asklepion.flows.facts import facts
from asklepion.flows.judging import judged
from asklepion.flows.simulated import ORDINARY, answers_for, readings_at
from asklepion.knowledge.types import Assessment, Protocol, SignedTest, VisitKind, VisitPlan
from asklepion.record import clock, reading
from asklepion.record.ledger import Author
from asklepion.record.people import Person
from asklepion.record.reading import Reader

_TO_DO = (VisitState.DUE, VisitState.LATE)
_TRIES_APART = 2
_HOURS = {VisitKind.DOSING: 8, VisitKind.CONTACT: 17}


@dataclass(frozen=True, slots=True)
class Taken:
    """A medicine of the story. `stopped_after` is days after the opening, None if it is still taken.

    `decided_after` is when a physician and a pharmacist decide that it may go on, for what facts do not settle.
    """

    typed: str
    dose: str
    began_before: int
    stopped_after: int | None = None
    decided_after: int | None = None


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something unwanted after a session: how many days after, how long, and how bad."""

    term: str
    visit: str
    after: int
    lasted: int | None
    grade: int = 1
    welcome: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """How one simulated course goes. Days and visits follow from the protocol; this says only what differs."""

    weeks: int
    stays_before: str = ""
    sex: str = "female"
    burden: float = 0.68
    falls: float = 0.16
    taken: tuple[Taken, ...] = ()
    missed: Mapping[str, str] = field(default_factory=dict)
    skipped: frozenset[tuple[str, str]] = frozenset()
    unusual: Mapping[str, str | bool | float] = field(default_factory=dict)
    left_out: frozenset[str] = frozenset()
    troubles: tuple[Trouble, ...] = ()
    goes_on: bool = True
    """Whether a physician accepts that a session is held after a missed visit."""
    consents_again: bool = True
    signs: bool = True
    ends: tuple[courses.End, str, int] | None = None
    book: str = ""


@dataclass(frozen=True, slots=True)
class Team:
    """Who acts, and with which password, since a signature is proved anew."""

    authors: Mapping[Role, Author]
    password: str
    people: tuple[tuple[str, str], ...] = ()
    """Account and course of those participants who can sign in."""

    def by(self, role: Role) -> Author:
        return self.authors[role]


class Walk:
    """One course, from its opening to the day that the story reaches. Raises what the flows raise: a page would too."""

    def __init__(self, protocol: Protocol, story: Story, team: Team, *, number: int, today: date) -> None:
        self._protocol, self._story, self._team = protocol, story, team
        self._today = today
        self._number = number
        self._chance = random.Random(1000 + number)
        self._opened = today - timedelta(weeks=story.weeks)
        self._plans = {visit.id: visit for visit in protocol.visits}
        self._tried: dict[str, date] = {}
        self.code = ""

    @cached_property
    def participant(self) -> Author:
        account = next((each for each in self._team.people if each[1] == self.code), None)
        return Author(account[0] if account else f"person-{self._number:02d}", Role.PARTICIPANT, "telephone")

    def walk(self) -> str:
        """Open the course and live it until the story stops or today comes. Return its code."""
        with self._clock(self._opened, 9):
            self.code = courses.open_course(
                self._protocol.id,
                by=self._team.by(Role.COORDINATOR),
                site="Demo clinic",
                person=Person(f"Simulated person {self._number}"),
                simulated=True,
            ).course
            self._tell_of_medicines(at_opening=True)
        for day in self._days():
            with self._clock(day, 10):
                self._tell_of_medicines(at_opening=False)
                self._troubles(day)
                self._consent(day)
            if not self.live(day):
                break
        self._finish()
        return self.code

    def _days(self) -> Iterator[date]:
        last = self._today
        if self._story.ends:
            last = min(last, self._opened + timedelta(days=self._story.ends[2]))
        for number in range((last - self._opened).days + 1):
            yield self._opened + timedelta(days=number)

    def _clock(self, day: date, hour: int, minute: int = 0) -> AbstractContextManager[None]:
        return clock.shifted_to(self._instant(day, hour, minute))

    def _instant(self, day: date, hour: int, minute: int = 0) -> datetime:
        wanted = datetime.combine(day, time(hour, minute), UTC)
        return min(wanted, clock.real_now() - timedelta(minutes=1))

    @property
    def _chart(self) -> Chart:
        return reading.chart(self.code, reading.JUDGE)

    def live(self, day: date) -> bool:
        """Hold what is due on a day, in the course that `code` names. Return whether the story goes on."""
        for visit in schedule.plan(self._protocol, self._chart, on=day):
            if visit.id == self._story.stays_before and visit.state in _TO_DO:
                return False
            if visit.state not in _TO_DO or not self._is_time(visit, day):
                continue
            if visit.id in self._story.missed:
                with self._clock(day, 18):
                    visits.miss(self.code, visit.id, self._story.missed[visit.id], by=self._team.by(Role.COORDINATOR))
            elif (day - self._tried.get(visit.id, date.min)).days >= _TRIES_APART:
                self._tried[visit.id] = day
                with suppress(GateShut):
                    self._hold(visit, day)
        return True

    def _is_time(self, visit: PlannedVisit, day: date) -> bool:
        if visit.kind is VisitKind.CONTACT:
            return day not in visit.held_on and day - timedelta(days=1) not in visit.held_on
        return visit.nominal is None or day >= visit.nominal

    def _hold(self, visit: PlannedVisit, day: date) -> None:
        plan = self._plans[visit.id]
        if plan.kind is VisitKind.DOSING:
            self._session(plan, day)
            return
        hour = _HOURS.get(plan.kind, 10)
        started = self._instant(day, hour)
        ended = started + timedelta(minutes=plan.minutes or 20)
        if plan.kind is VisitKind.SCREENING:
            with self._clock(day, 12):
                visits.record_values(self.code, plan.id, self._values(plan), by=self._team.by(Role.PHYSICIAN))
            self._scales(plan, day, hour=13)
        if self._needs_signature(plan):
            self._sign(day)
        with clock.shifted_to(min(ended + timedelta(minutes=5), clock.real_now())):
            visits.hold(
                self.code,
                plan.id,
                by=self._team.by(Role(plan.role) if plan.role in set(Role) else Role.COORDINATOR),
                started=started,
                ended=min(ended, clock.now()),
                how="telephone" if plan.kind is VisitKind.CONTACT else "in_person",
                covered=[item.id for item in plan.checklist],
                present=("T-01", "T-02") if plan.kind in (VisitKind.PREPARATION, VisitKind.INTEGRATION) else (),
                values={} if plan.kind is VisitKind.SCREENING else self._values(plan),
            )
        if plan.kind is not VisitKind.SCREENING:
            self._scales(plan, day, hour=hour + 2)

    def _values(self, plan: VisitPlan) -> dict[str, str | bool | float]:
        asked = {what: ORDINARY[what] for what in plan.records if what in ORDINARY}
        asked |= {"sex": self._story.sex} if "sex" in plan.records else {}
        if self._story.sex == "male":
            asked |= {"can-become-pregnant": False} if "can-become-pregnant" in plan.records else {}
            asked.pop("pregnancy-test", None)
        asked |= {what: value for what, value in self._story.unusual.items() if what in plan.records}
        return {what: value for what, value in asked.items() if what not in self._story.left_out}

    def _consent(self, day: date) -> None:
        if day != self._opened and day not in {document.effective_from for document in facts().consent_documents}:
            return
        status = projection.consent_status(self._protocol, facts(), self._chart, on=day)
        if status is None or status.state not in (ConsentState.NEVER_SIGNED, ConsentState.SIGN_AGAIN):
            return
        again = status.state is ConsentState.SIGN_AGAIN
        if not self._story.signs or (again and not self._story.consents_again):
            return
        found = (d for d in facts().consent_documents if d.document == status.document and d.version == status.current)
        document = next(found)
        consent.sign(
            self.code,
            by=self.participant,
            document=document.document,
            version=document.version,
            choices={question.id: question.correct for question in document.questions},
            name=f"Simulated person {self._number}",
        )
        physician = self._team.by(Role.PHYSICIAN)
        consent.countersign(self.code, by=physician, username=physician.account, password=self._team.password)

    def _needs_signature(self, plan: VisitPlan) -> bool:
        signed = {each.id for each in self._protocol.criteria if isinstance(each.test, SignedTest)}
        return any(plan.id in gate.before and signed & set(gate.criteria) for gate in self._protocol.gates)

    def _sign(self, day: date) -> None:
        physician = self._team.by(Role.PHYSICIAN)
        with self._clock(day, 9):
            if self._chart.observed("supplement-window") is None:
                window = {"supplement-window": ORDINARY["supplement-window"]}
                screening.record_values(self.code, window, by=physician)
        with self._clock(day, 9, 30):
            now = judged(self.code, on=day)
            screening.sign_worksheet(
                self.code,
                by=physician,
                username=physician.account,
                password=self._team.password,
                meaning="approved" if now.clear else "reviewed",
                shown_hash=now.hash,
            )

    def _scales(self, plan: VisitPlan, day: date, *, hour: int) -> None:
        with self._clock(day, hour):
            for assessment in plan.assessments:
                if (plan.id, assessment.scale) in self._story.skipped:
                    continue
                self._answer(plan, assessment)

    def _answer(self, plan: VisitPlan, assessment: Assessment) -> None:
        scale = facts().scales[assessment.scale]
        given = answers_for(scale, self._level(), self._chance)
        role = Role(assessment.role) if assessment.role else Role(plan.role)
        if assessment.sealed:
            rater = self._team.by(Role.RATER)
            reader = Reader(Role.RATER, rater.account)
            for interview in ratings.due(reader, on=clock.today()):
                if interview.course == self.code:
                    ratings.hand_in(interview.token, by=rater, reader=reader, answers=given)
            return
        by = self.participant if role is Role.PARTICIPANT else self._team.by(role)
        course = self.code if role is Role.PARTICIPANT else ""
        scales.hand_in(self.code, scale.id, plan.id, by=by, reader=Reader(by.role, by.account, course), answers=given)

    def _level(self) -> float:
        """Return how burdened the person is now, 0 to 1: less after each session, with chance."""
        held = sum(1 for v in schedule.plan(self._protocol, self._chart, on=clock.today()) if self._is_held_session(v))
        return self._story.burden - held * self._story.falls + self._chance.uniform(-0.03, 0.03)

    def _is_held_session(self, visit: PlannedVisit) -> bool:
        return visit.kind is VisitKind.DOSING and bool(visit.held_on)

    def _session(self, plan: VisitPlan, day: date) -> None:
        """Hold a dosing session: same-day tests, doses, readings over the hours, and the end."""
        facilitator = self._team.by(Role.FACILITATOR)
        rule = next(each for each in self._protocol.doses if each.visit == plan.id)
        level = rule.levels[0]
        if clock.real_now() < datetime.combine(day, time(18), UTC):
            return
        with self._clock(day, 8):
            before = {k: v for k, v in self._values(plan).items() if k not in ORDINARY_LATER}
            visits.record_values(self.code, plan.id, before, by=facilitator)
        self._scales(plan, day, hour=8)
        if self._needs_signature(plan):
            self._sign(day)
        if self._story.missed and self._story.goes_on:
            with self._clock(day, 9, 35):
                accepted = {"missed-visit-accepted": True}
                screening.record_values(self.code, accepted, by=self._team.by(Role.PHYSICIAN))
        with self._clock(day, 9, 45):
            held = visits.hold(
                self.code, plan.id, by=facilitator, started=self._instant(day, 9, 40), present=("T-01", "T-02")
            )
        dosed = self._instant(day, 10)
        with clock.shifted_to(dosed):
            visits.give_dose(
                self.code, plan.id, "initial", level.initial_mg, by=facilitator, witnessed_by="T-02", at=dosed
            )
        for minutes in (30, 60, 90, 120, 180, 240, 300, 360, 455):
            at = dosed + timedelta(minutes=minutes)
            with clock.shifted_to(at):
                taken = readings_at(minutes, self._chance)
                visits.record_readings(self.code, plan.id, taken, by=facilitator, at=at)
                if minutes == 90:
                    visits.give_dose(
                        self.code,
                        plan.id,
                        "supplemental",
                        level.supplemental_mg,
                        by=facilitator,
                        witnessed_by="T-02",
                        at=at,
                    )
        with self._clock(day, 17, 50):
            visits.record_values(self.code, plan.id, {what: ORDINARY[what] for what in ORDINARY_LATER}, by=facilitator)
            visits.finish(
                self.code,
                held.id,
                self._instant(day, 17, 45),
                by=facilitator,
                covered=[item.id for item in plan.checklist],
                note="Long quiet stretch after the second hour, then spoke for a while.",
            )

    def _tell_of_medicines(self, *, at_opening: bool) -> None:
        day = (clock.today() - self._opened).days
        for taken in self._story.taken:
            stopped = taken.stopped_after
            if not at_opening and day == taken.decided_after:
                self._decide(taken)
            if at_opening or stopped == day:
                has_stopped = stopped is not None and stopped <= day
                known = next((m.entry.medicine for m in self._chart.medicines() if m.entry.typed == taken.typed), "")
                medicines.record_medicine(
                    self.code,
                    by=self._team.by(Role.PHYSICIAN),
                    typed=taken.typed,
                    taking=not has_stopped,
                    dose=taken.dose,
                    started_on=self._opened - timedelta(days=taken.began_before),
                    stopped_on=self._opened + timedelta(days=stopped) if has_stopped and stopped is not None else None,
                    told_by="the person",
                    medicine=known,
                )

    def _decide(self, taken: Taken) -> None:
        medicines.decide_medicine(
            self.code,
            by=self._team.by(Role.PHYSICIAN),
            medicine=next(m.entry.medicine for m in self._chart.medicines() if m.entry.typed == taken.typed),
            decision="may_go_on",
            rests_on="Asked the hospital's pharmacist, who read the label; simulated",
            second_username=self._team.by(Role.PHARMACIST).account,
            second_password=self._team.password,
        )

    def _troubles(self, day: date) -> None:
        if not self._story.troubles:
            return
        plan = {visit.id: visit for visit in schedule.plan(self._protocol, self._chart, on=day)}
        for trouble in self._story.troubles:
            held = plan[trouble.visit].held_on
            if held and (day - held[0]).days == trouble.after:
                ended = None if trouble.lasted is None else day
                safety.record_event(
                    self.code,
                    by=self._team.by(Role.FACILITATOR),
                    term=trouble.term,
                    grade=trouble.grade,
                    serious=False,
                    started_on=day - timedelta(days=trouble.lasted or 0),
                    ended_on=ended,
                    related="related",
                    welcome=trouble.welcome,
                )

    def _finish(self) -> None:
        story = self._story
        if story.book and self.code:
            with self._clock(self._today, 9):
                starts = datetime.combine(self._today + timedelta(days=1), time(9), UTC)
                visits.book(self.code, story.book, starts, by=self._team.by(Role.COORDINATOR), room="Room 2")
        if story.ends:
            how, because, after = story.ends
            with self._clock(self._opened + timedelta(days=after), 17):
                courses.end_course(self.code, how, by=self._team.by(Role.COORDINATOR), because=because)


ORDINARY_LATER = (
    "eyeshades",
    "attention",
    "music",
    "touch-used",
    "fluids",
    "effects-over",
    "oriented",
    "gait-steady",
    "safe-to-end",
)
"""What is known at the end of a session only."""
