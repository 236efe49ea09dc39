"""A small world to judge in: facts, a protocol and charts built by hand. No number in it is a clinical fact."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count

from asklepion.core.chart import Chart, Recorded, fold
from asklepion.core.entries import (
    AnswersGiven,
    CategoryGiven,
    Entry,
    MedicineDecided,
    MedicineRecorded,
    Observed,
    ScoreGiven,
    Value,
)
from asklepion.core.screening import judge
from asklepion.core.values import Finding
from asklepion.knowledge.types import (
    ActiveSubstance,
    Administration,
    Basis,
    Classification,
    Confidence,
    Criterion,
    Direction,
    Domain,
    Drug,
    DrugClass,
    Effect,
    Facts,
    Handling,
    HandlingKind,
    Interaction,
    Item,
    Observable,
    Operator,
    Protocol,
    Rights,
    Scale,
    ScoreRule,
    Severity,
    Test,
    Tier,
    ValueKind,
    WashoutBasis,
    WashoutPolicy,
    WashoutRule,
)

TODAY = date(2026, 11, 23)
BASIS = Basis(Confidence.RECALLED, TODAY, fact="X-1")
DAY = timedelta(days=1)


def ago(days: int) -> date:
    return TODAY - days * DAY


def drug(
    id: str,
    *classes: str,
    hours: float | None = None,
    stated: int | None = None,
    outlasts: bool = False,
    abrupt: bool = False,
    before: str = "mdma",
) -> Drug:
    actives = () if hours is None else (ActiveSubstance(id, 1, hours, BASIS), ActiveSubstance("short", 1, 1, BASIS))
    washouts = () if stated is None else (WashoutRule((before,), stated, WashoutBasis.TRIAL, BASIS, "as stated"),)
    return Drug(
        "drug",
        id,
        id.capitalize(),
        Tier.DRAFT,
        BASIS,
        classes=classes,
        actives=actives,
        washouts=washouts,
        effect_outlasts_half_life=outlasts,
        not_stopped_abruptly=abrupt,
    )


def row(
    id: str,
    *classes: str,
    severity: Severity = Severity.MODERATE,
    handling: HandlingKind = HandlingKind.WASHOUT,
    before: int | None = None,
    text: str = "",
    drugs: tuple[str, ...] = (),
    basis: Basis | None = None,
) -> Interaction:
    return Interaction(
        "interaction",
        id,
        f"{id} with MDMA",
        Tier.DRAFT,
        "mdma",
        classes,
        severity,
        f"{severity} words",
        Direction.BLUNTING,
        "mechanism words",
        "effect words",
        Handling(handling, text, days_before=before, basis=basis),
        BASIS,
        drugs,
    )


DRUGS = (
    drug("sertraline", "ssri", hours=104, stated=14, abrupt=True),
    drug("phenelzine", "maoi", hours=12, stated=14, outlasts=True),
    drug("irreversible", "maoi-bare", hours=12, outlasts=True),
    drug("naltrexone", "antagonist", hours=4),
    drug("bisoprolol", "beta", hours=12),
    drug("valproate", "aed", hours=16),
    drug("ritonavir", "booster", hours=5),
    drug("haloperidol", "antipsychotic"),
    drug("bupropion", "ndri", "antagonist", hours=37),
    drug("newcomer", "unheard", hours=10),
    drug("classless", hours=10),
    drug("halfknown", "antagonist", "unheard", hours=10),
    drug("halfgrave", "ssri", "unheard", hours=24),
    drug("murky", "murky", hours=10),
    drug("named", "unheard", hours=10),
    drug("stated", "unheard", stated=21),
    drug("elsewhere", "ssri", stated=3, before="maoi"),
)
ROWS = (
    row("SSRIs", "ssri", before=7, text="text of days"),
    row("MAOIs", "maoi", severity=Severity.CONTRAINDICATED),
    row("Bare", "maoi-bare", severity=Severity.CONTRAINDICATED),
    row("Antagonists", "antagonist", severity=Severity.MINOR, handling=HandlingKind.NOTE),
    row("Beta-blockers", "beta", handling=HandlingKind.CONTINUE),
    row("Antiepileptics", "aed", severity=Severity.MINOR, handling=HandlingKind.PROTOCOL_DECIDES),
    row("Boosters", "booster", severity=Severity.CONTRAINDICATED, handling=HandlingKind.NOTE),
    row("Antipsychotics", "antipsychotic", severity=Severity.MAJOR, handling=HandlingKind.EXCLUDE),
    row("NDRI", "ndri", severity=Severity.MAJOR, before=14, basis=replace(BASIS, fact="X-2")),
    row("Murky", "murky", severity=Severity.UNKNOWN),
    row("Named", drugs=("named",), severity=Severity.MINOR, handling=HandlingKind.NOTE),
    replace(row("Other", "unheard", severity=Severity.MINOR, handling=HandlingKind.NOTE), substance="lsd"),
)
OBSERVABLES = (
    Observable("systolic", "Systolic", ValueKind.QUANTITY, "vital", unit="mm[Hg]"),
    Observable("qtc", "QTc", ValueKind.QUANTITY, "vital", unit="ms"),
    Observable("sex", "Sex", ValueKind.CHOICE, "history", choices=("female", "male")),
    Observable("pregnancy-test", "Pregnancy test", ValueKind.CHOICE, "laboratory", choices=("negative", "positive")),
    Observable("can-become-pregnant", "Can become pregnant", ValueKind.YES_NO, "history"),
    Observable("psychosis", "Psychosis", ValueKind.YES_NO, "diagnosis"),
    Observable("medicines-reviewed", "Every medicine gone through", ValueKind.YES_NO, "history"),
    Observable("window", "Window of the supplement", ValueKind.CHOICE, "session", choices=("short", "long")),
)
SCALE = Scale(
    "scale",
    "gad-7",
    "A scale",
    "GAD-7",
    "1",
    Tier.DRAFT,
    "worry",
    Administration.SELF,
    "two weeks",
    True,
    (Item("1", "topic", 0, 3),),
    (ScoreRule("total", "Total", Operator.SUM, ("1",), 0, 3, replace(BASIS, fact="X-3")),),
    Rights("holder", "terms", BASIS),
    BASIS,
    (Classification("triage", "Triage", (), "low", "Low", replace(BASIS, fact="X-4")),),
)
FACTS = Facts(
    scales={SCALE.id: SCALE},
    drugs={each.id: each for each in DRUGS},
    drug_classes={"unheard": DrugClass("drug_class", "unheard", "The unheard of", Tier.DRAFT, BASIS)},
    substances={},
    interactions=ROWS,
    observables={each.id: each for each in OBSERVABLES},
    biomarkers={},
    protocols={},
    consent_elements={},
    consent_documents=(),
    references={},
    checked=TODAY,
    digest="",
)
POLICY = WashoutPolicy(half_lives=5, stabilisation_days=7, basis=BASIS)
PROTOCOL = Protocol("protocol", "p", "1", "Protocol", "P", Tier.DRAFT, "ptsd", "mdma", (), BASIS, washout=POLICY)


def criterion(test: Test, *, id: str = "c", missing: str = "Record what the protocol asks for") -> Criterion:
    return Criterion(id, "The criterion", Domain.BODY, Effect.STOP, test, BASIS, missing=missing)


_instants = count()


def recorded(
    entry: Entry, on: date, *, seq: int = 0, hour: int = 12, role: str = "physician", corrects: str = ""
) -> Recorded[Entry]:
    at = datetime(on.year, on.month, on.day, hour, tzinfo=UTC)
    return Recorded(
        f"e{seq or f'x{next(_instants)}'}",
        "AK-1",
        seq,
        entry,
        at,
        on,
        at,
        "p",
        role,
        "",
        "open",
        corrects,
        "",
        0,
        "",
        "",
    )


def chart(*entries: tuple[Entry, date] | tuple[Entry, date, int]) -> Chart:
    """Return a chart of entries in the order recorded: (entry, day) or (entry, day, hour); ids are e1, e2, ..."""
    made = (
        recorded(each[0], each[1], seq=seq, hour=each[2] if len(each) == 3 else 12)
        for seq, each in enumerate(entries, 1)
    )
    return fold(made, course="AK-1")


def observed(what: str, value: bool | float | str) -> Observed:
    units = {each.id: each.unit for each in OBSERVABLES}
    return Observed((Value(what, value, units.get(what, "")),))


def medicine(drug: str, *, stopped: date | None = None, taking: bool = False, id: str = "m1") -> MedicineRecorded:
    return MedicineRecorded(id, drug.capitalize() or "Tianeptine", drug, taking, stopped_on=stopped)


def decided(decision: str = "may_go_on", *, second: str = "B. Second", id: str = "m1") -> MedicineDecided:
    return MedicineDecided(id, decision, "a pharmacist's letter", second)  # type: ignore[arg-type]


def answers(
    scale: str = "pcl-5",
    *,
    total: float | None = 40,
    category: str | None = "low",
    sealed: bool = False,
    unscored: str = "",
    missing: tuple[str, ...] = (),
) -> AnswersGiven:
    return AnswersGiven(
        scale,
        "1",
        (),
        (ScoreGiven("total", total, unscored),),
        (CategoryGiven("triage", category, missing),),
        sealed=sealed,
    )


def judged(test: Test, given: Chart, *, on: date = TODAY, protocol: Protocol = PROTOCOL) -> tuple[Finding, ...]:
    return judge(criterion(test), protocol, FACTS, given, on=on)


def one(test: Test, given: Chart, *, on: date = TODAY, protocol: Protocol = PROTOCOL) -> Finding:
    """Return the only finding of a test."""
    (found,) = judged(test, given, on=on, protocol=protocol)
    return found


def of_medicine(found: Iterable[Finding], id: str = "m1") -> Finding:
    return next(each for each in found if each.medicine == id)
