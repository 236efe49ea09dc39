"""A protocol small enough to reason about, with what belongs to it: for tests of flows and pages, never for a clinic.

Every number here is invented for the test that reads it. Courses of it are simulated; its clock stands at NOW.
"""

from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from asklepion.knowledge.types import (
    ActiveSubstance,
    Administration,
    Assessment,
    Basis,
    Confidence,
    ConsentDocument,
    ConsentElement,
    ConsentTest,
    Criterion,
    Direction,
    Domain,
    Drug,
    DrugClass,
    Effect,
    Facts,
    Gate,
    Handling,
    HandlingKind,
    Interaction,
    Item,
    MeasureTest,
    Observable,
    Operator,
    Protocol,
    Question,
    Rights,
    Scale,
    ScoreRule,
    ScoreTest,
    Section,
    Severity,
    SignedTest,
    Source,
    StatementTest,
    Substance,
    Tier,
    UnsettledTest,
    ValueKind,
    VisitKind,
    VisitPlan,
    WashoutPolicy,
    WashoutTest,
    Window,
)

NOW = datetime(2026, 11, 23, 9, 6, tzinfo=UTC)
TODAY = NOW.date()
BASIS = Basis(Confidence.SEEN, date(2026, 11, 1), (Source("invented2026", "p. 1"),), fact="T-01")
RECALLED = Basis(Confidence.RECALLED, date(2026, 11, 1), note="Invented for a test.")
ALL_WELL = {
    "pulse": "60",
    "systolic": "118",
    "diastolic": "72",
    "contact": True,
    "psychosis": False,
    "choice": "short",
    "medicines-reviewed": True,
}


def _observable(id: str, title: str, value: ValueKind, group: str, **more: object) -> Observable:
    return Observable(id, title, value, group, **more)


OBSERVABLES = (
    _observable("psychosis", "Psychosis, now or ever", ValueKind.YES_NO, "diagnosis"),
    _observable(
        "systolic", "Systolic", ValueKind.QUANTITY, "vital", unit="mm[Hg]", lowest=50, highest=300, exceeds="diastolic"
    ),
    _observable("diastolic", "Diastolic", ValueKind.QUANTITY, "vital", unit="mm[Hg]", lowest=20, highest=200),
    _observable("pulse", "Pulse", ValueKind.QUANTITY, "vital", unit="/min", lowest=20, highest=250, hint="Seated."),
    _observable("test", "Quick test", ValueKind.CHOICE, "laboratory", choices=("negative", "positive")),
    _observable("medicines-reviewed", "Every medicine gone through", ValueKind.YES_NO, "history"),
    _observable("contact", "A contact person", ValueKind.YES_NO, "circumstance"),
    _observable("choice", "Time of the second dose", ValueKind.CHOICE, "session", choices=("short", "long")),
)


def _criterion(id: str, title: str, domain: Domain, test: object, **more: object) -> Criterion:
    return Criterion(id, title, domain, more.pop("effect", Effect.STOP), test, more.pop("basis", BASIS), **more)


CRITERIA = (
    _criterion("washout", "Washed out", Domain.MEDICINES, WashoutTest("washout"), basis=RECALLED),
    _criterion(
        "pulse-low",
        "Resting pulse",
        Domain.BODY,
        MeasureTest("measure", "pulse", at_most=100),
        missing="Take it.",
    ),
    _criterion("pressure", "Resting pressure", Domain.BODY, MeasureTest("measure", "systolic", at_most=140)),
    _criterion(
        "no-psychosis",
        "No psychosis",
        Domain.MIND,
        StatementTest("statement", "psychosis", False),
        missing="Ask.",
    ),
    _criterion("severity", "Severe enough", Domain.MIND, ScoreTest("score", "talk", "total", at_least=3)),
    _criterion(
        "contact-named",
        "A contact person",
        Domain.CIRCUMSTANCES,
        StatementTest("statement", "contact", True),
        missing="Name one person who may be called.",
    ),
    _criterion("second-dose", "Time of the second dose", Domain.PROTOCOL, UnsettledTest("unsettled", "choice")),
    _criterion("consented", "Consent in force", Domain.COURSE, ConsentTest("consent")),
    _criterion("approved", "Worksheet approved", Domain.COURSE, SignedTest("signed", "worksheet", "physician")),
)

_SCREENING = Window("opening", 0, 0, 56, BASIS)
PROTOCOL = Protocol(
    kind="protocol",
    id="small",
    version="2",
    title="A small protocol for tests",
    short="Small",
    tier=Tier.DRAFT,
    condition="invented",
    substance="invented-a",
    visits=(
        VisitPlan(
            "screening-1",
            "Screening",
            VisitKind.SCREENING,
            "physician",
            _SCREENING,
            BASIS,
            records=("test",),
            assessments=(Assessment("talk", sealed=True, role="rater"),),
        ),
        VisitPlan("enrolment-1", "Enrolment", VisitKind.ENROLMENT, "physician", _SCREENING, BASIS),
    ),
    basis=BASIS,
    criteria=CRITERIA,
    gates=(Gate("enrolment", "May be enrolled", ("enrolment-1",), tuple(each.id for each in CRITERIA)),),
    washout=WashoutPolicy(half_lives=5, stabilisation_days=7, basis=RECALLED),
    consent_document="paper",
)

SCALE = Scale(
    kind="scale",
    id="talk",
    title="An invented interview",
    short="TALK",
    version="1",
    tier=Tier.DRAFT,
    construct="invented",
    administration=Administration.CLINICIAN,
    recall="the last week",
    higher_is_worse=True,
    items=(Item("1", "first", 0, 4), Item("2", "second", 0, 4)),
    scores=(ScoreRule("total", "Total", Operator.SUM, ("1", "2"), 0, 8, BASIS, primary=True),),
    rights=Rights("nobody", "invented", BASIS),
    basis=BASIS,
)

DRUGS = (
    Drug(
        kind="drug",
        id="slowazine",
        title="Slowazine",
        tier=Tier.DRAFT,
        basis=RECALLED,
        names=("Slowa",),
        classes=("calming",),
        actives=(ActiveSubstance("desmethylslowazine", 62, 104, RECALLED),),
        not_stopped_abruptly=True,
    ),
)


INTERACTIONS = (
    Interaction(
        kind="interaction",
        id="calming-with-a",
        title="Calming medicines with A",
        tier=Tier.DRAFT,
        substance="invented-a",
        classes=("calming",),
        severity=Severity.MODERATE,
        severity_text="moderate",
        direction=Direction.BLUNTING,
        mechanism="Invented.",
        effect="It may work less.",
        handling=Handling(HandlingKind.WASHOUT, "Washed out."),
        basis=BASIS,
    ),
)


def document(version: str, day: date, *, again: bool = True) -> ConsentDocument:
    """Return a version of the small document: two parts, two questions."""
    return ConsentDocument(
        kind="consent_document",
        id=f"paper-{version}",
        document="paper",
        version=version,
        title="Taking part",
        tier=Tier.DRAFT,
        effective_from=day,
        must_sign_again=again,
        changed="What may go wrong was told more fully." if again else "A telephone number.",
        sections=(Section("freely", "You decide. You may stop at any time."), Section("risks", "It may be hard.")),
        questions=(
            Question("q1", "May you stop?", ("At any time", "Only at first"), 0, "freely"),
            Question("q2", "May it be hard?", ("Never", "Yes, it may"), 1, "risks"),
        ),
    )


VERSIONS = (document("1.0", date(2026, 1, 1)),)
RIGHT = {"q1": 0, "q2": 1}


def small() -> Facts:
    """Return the facts of the small clinic."""
    elements = (
        ConsentElement("freely", "You decide freely", "A person decides freely.", True, BASIS),
        ConsentElement("risks", "What may go wrong", "What may go wrong is told.", True, BASIS),
    )
    return Facts(
        scales={SCALE.id: SCALE},
        drugs={each.id: each for each in DRUGS},
        drug_classes={"calming": DrugClass("drug_class", "calming", "Calming medicines", Tier.DRAFT, BASIS)},
        substances={"invented-a": Substance("substance", "invented-a", "Substance A", Tier.DRAFT, "A salt", BASIS)},
        interactions=INTERACTIONS,
        observables={each.id: each for each in OBSERVABLES},
        biomarkers={},
        protocols={PROTOCOL.id: PROTOCOL},
        consent_elements={each.id: each for each in elements},
        consent_documents=VERSIONS,
        references={},
        checked=date(2026, 11, 1),
        digest="0" * 64,
    )


class Shelf:
    """Stands where the facts are read from, without files to be checked. A test may put other ones on it."""

    loaded = ()

    def __init__(self) -> None:
        self.now = small()

    def facts(self) -> Facts:
        return self.now

    def put(self, **changed: object) -> None:
        """Replace parts of the facts from here on."""
        from asklepion.flows import facts as room

        self.now = replace(self.now, **changed)
        room.facts.cache_clear()


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> Iterator[Shelf]:
    """Let every flow judge by the small facts while the clock stands at NOW, in the threads of a live server too."""
    from asklepion.flows import facts as room
    from asklepion.record import clock

    made = Shelf()
    monkeypatch.setattr(room, "corpus", lambda: made)
    monkeypatch.setattr(clock, "_shifted", ContextVar("shifted", default=NOW))
    room.facts.cache_clear()
    yield made
    room.facts.cache_clear()
