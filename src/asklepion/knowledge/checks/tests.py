"""What must hold for the tests of criteria."""

from asklepion.knowledge.checks.known import Complaints, Known, equals, every, named, within
from asklepion.knowledge.checks.scale import on_score
from asklepion.knowledge.types import (
    ANCHORS,
    AllOf,
    AnyOf,
    CategoryTest,
    ConsentTest,
    EventsTest,
    InteractionsTest,
    MeasureTest,
    Protocol,
    ScoreTest,
    SignedTest,
    SpacingTest,
    StatementTest,
    Test,
    UnsettledTest,
    ValueKind,
    VisitDoneTest,
    WashoutTest,
)

_SIGNABLE = ("worksheet",)
_WIDE = 1e9


def complaints(test: Test, protocol: Protocol, known: Known, *path: str | int) -> Complaints:
    """Complain about a test that names nothing on file or that nothing could meet."""
    if (getattr(test, "max_age_days", None) or 0) < 0:
        yield (*path, "max_age_days"), "An age below 0 days is none.", "Write whole days from 0."
    match test:
        case MeasureTest():
            yield from _measure(test, known, *path)
        case StatementTest():
            yield from _statement(test, known, *path)
        case ScoreTest() | CategoryTest():
            yield from _on_scale(test, known, *path)
        case VisitDoneTest() | SpacingTest():
            yield from _on_visits(test, protocol, known, *path)
        case AllOf() | AnyOf():
            if not test.of:
                yield (*path, "of"), "There is nothing in it.", "Name the tests."
            for index, each in enumerate(test.of):
                yield from complaints(each, protocol, known, *path, "of", index)
        case _:
            yield from _on_protocol(test, protocol, known, *path)


def _on_protocol(test: Test, protocol: Protocol, known: Known, *path: str | int) -> Complaints:
    match test:
        case WashoutTest() | InteractionsTest() if not protocol.substance:
            yield path, "The protocol names no substance to hold medicines against.", "Write `substance`."
        case WashoutTest() if protocol.washout is None:
            yield path, "The protocol has no washout rule.", "Write `washout`."
        case ConsentTest() if not protocol.consent_document:
            yield path, "The protocol names no consent document.", "Write `consent_document`."
        case SignedTest():
            yield from named(test.role, known.roles, *path, "role", what="role")
            yield from named(test.what, _SIGNABLE, *path, "what", what="thing that is signed")
        case UnsettledTest():
            yield from named(test.decided_by, known.facts.observables, *path, "decided_by", what="observable")
        case EventsTest():
            yield from _decision(test.decided_by, known, *path, "decided_by")


def _decision(observable: str, known: Known, *path: str | int) -> Complaints:
    """Complain about a decision that nobody could record as yes or no."""
    observables = known.facts.observables
    yield from named(observable, observables, *path, what="observable")
    if observable in observables:
        yield from equals(observables[observable], True, *path)


def _measure(test: MeasureTest, known: Known, *path: str | int) -> Complaints:
    yield from named(test.what, known.facts.observables, *path, "what", what="observable")
    measured = known.facts.observables.get(test.what)
    if measured is not None and measured.value is not ValueKind.QUANTITY:
        yield (*path, "what"), f"{test.what} is no quantity.", "Test it as a statement."
    elif measured is not None:
        low = -_WIDE if measured.lowest is None else measured.lowest
        high = _WIDE if measured.highest is None else measured.highest
        for name in ("at_least", "at_most", "at_most_female", "at_most_male"):
            yield from within(getattr(test, name), low, high, *path, name, what=f"what can be typed for {test.what}")
    if (test.at_most_female is None) != (test.at_most_male is None):
        yield path, "A bound by sex is given for one sex only.", "Write both or neither."
    yield from _bounds(test.at_least, test.at_most, test.at_most_female, *path)
    if test.repeat_needs:
        yield from _decision(test.repeat_needs, known, *path, "repeat_needs")


def _bounds(at_least: float | None, at_most: float | None, by_sex: float | None, *path: str | int) -> Complaints:
    if at_least is None and at_most is None and by_sex is None:
        yield path, "No bound is given.", "Write at_least or at_most."
    if at_least is not None and at_most is not None and at_least > at_most:
        yield (
            (*path, "at_most"),
            f"{at_most:g} lies below {at_least:g}: nothing meets it.",
            "Order the bounds.",
        )


def _statement(test: StatementTest, known: Known, *path: str | int) -> Complaints:
    observables = known.facts.observables
    yield from named(test.what, observables, *path, "what", what="observable")
    if test.what in observables:
        yield from equals(observables[test.what], test.equals, *path, "equals")
    if bool(test.unless) != (test.unless_equals is not None):
        yield (*path, "unless"), "An exemption needs `unless` and `unless_equals`.", "Write both or neither."
    if test.unless:
        yield from named(test.unless, observables, *path, "unless", what="observable")
    if test.unless in observables and test.unless_equals is not None:
        yield from equals(observables[test.unless], test.unless_equals, *path, "unless_equals")


def _on_scale(test: ScoreTest | CategoryTest, known: Known, *path: str | int) -> Complaints:
    yield from named(test.scale, known.facts.scales, *path, "scale", what="scale")
    scale = known.facts.scales.get(test.scale)
    if scale is None:
        return
    if isinstance(test, ScoreTest):
        yield from on_score(test.score, scale, test.at_least, *path, field="at_least")
        if test.score in {rule.id for rule in scale.scores}:
            yield from on_score(test.score, scale, test.at_most, *path, field="at_most")
        yield from _bounds(test.at_least, test.at_most, None, *path)
        return
    found = {each.id: each for each in scale.classifications}
    yield from named(test.classification, found, *path, "classification", what=f"classification of {scale.id}")
    if test.classification in found:
        kind = found[test.classification]
        values = {*(case.value for case in kind.cases), kind.otherwise}
        yield from every(test.not_values, values, *path, "not_values", what=f"value of {kind.id}")
        yield from every(test.judged_values, values, *path, "judged_values", what=f"value of {kind.id}")
    for index, value in enumerate(test.judged_values):
        if value in test.not_values:
            yield (*path, "judged_values", index), f"`{value}` stops already, whoever judges it.", "Name it once."
    if bool(test.judged_values) != bool(test.decided_by):
        yield (*path, "decided_by"), "What is judged needs who decides.", "Write judged_values and decided_by, or none."
    elif test.decided_by:
        yield from _decision(test.decided_by, known, *path, "decided_by")


def _on_visits(test: VisitDoneTest | SpacingTest, protocol: Protocol, known: Known, *path: str | int) -> Complaints:
    visits = {visit.id for visit in protocol.visits}
    if isinstance(test, VisitDoneTest):
        yield from every(test.visits, visits, *path, "visits", what="visit")
        if test.missed_accepted_by:
            observables = known.facts.observables
            yield from named(test.missed_accepted_by, observables, *path, "missed_accepted_by", what="observable")
        return
    yield from named(test.since, {*visits, *ANCHORS}, *path, "since", what="visit or anchor")
    if test.at_most_days is not None and not 0 <= test.at_least_days <= test.at_most_days:
        what = f"No day lies from {test.at_least_days} to {test.at_most_days} days after it."
        yield (*path, "at_most_days"), what, "Write the fewer days first."
