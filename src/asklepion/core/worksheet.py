"""The worksheet of a person: what stands on it, the hash that a signature signs, and what was recorded since."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from asklepion.core.chart import Chart, Recorded
from asklepion.core.entries import Signed
from asklepion.core.values import Finding, Verdict
from asklepion.knowledge.types import Basis, Protocol, SignedTest, Test

WORKSHEET = "worksheet"


def worksheet_criteria(protocol: Protocol) -> tuple[str, ...]:
    """Return the criteria of the worksheet: those of the gate that asks for its signature, all where no gate does.

    The signature itself is none of them: what is signed cannot rest on its being signed.
    """
    signed = {each.id for each in protocol.criteria if _is_worksheet(each.test)}
    gate = next((gate for gate in protocol.gates if signed & set(gate.criteria)), None)
    asked = gate.criteria if gate else tuple(each.id for each in protocol.criteria)
    return tuple(id for id in asked if id not in signed)


def worksheet_hash(found: Iterable[Finding]) -> str:
    """Return SHA-256 in hex over what findings say: the same on every day on which they say the same.

    Verdicts, arithmetic, days, the entries and facts they rest on are in it. Words that only count the days passed are
    not: they change overnight, and all that they are made of is in it. The order of the findings makes no difference.
    """
    shown = sorted((_canonical(one) for one in found), key=lambda one: json.dumps(one, sort_keys=True))
    return hashlib.sha256(json.dumps(shown, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _canonical(one: Finding) -> dict[str, object]:
    return {
        "criterion": one.criterion,
        "title": one.title,
        "effect": one.effect,
        "verdict": one.verdict,
        "decides": one.decides,
        "medicine": one.medicine,
        "met_on": one.met_on and [str(one.met_on.first), str(one.met_on.last)],
        "steps": [[step.label, step.value] for step in one.steps],
        "rests_on": list(one.rests_on),
        "rule": _cited(one.rule),
        "facts": [_cited(basis) for basis in one.facts],
        "cautions": list(one.cautions),
    }


def _cited(basis: Basis) -> list[object]:
    return [basis.fact, basis.confidence, [[source.key, source.locator] for source in basis.sources]]


def approval(test: SignedTest, chart: Chart, *, on: date) -> Recorded[Signed] | None:
    """Return the latest approval of the worksheet by the role that a test names, up to a day."""
    return next(
        (
            signed
            for signed in reversed(chart.of(Signed))
            if signed.on <= on
            and signed.role == test.role
            and signed.entry.what == test.what
            and signed.entry.meaning == "approved"
        ),
        None,
    )


def before(signed: Recorded[Signed], chart: Chart) -> Chart:
    """Return what the chart held when it was signed, less what was corrected since."""
    kept = {kind: tuple(each for each in found if each.seq < signed.seq) for kind, found in chart.kinds.items()}
    return replace(chart, kinds=kept, seq=signed.seq - 1)


def changed(then: Iterable[Finding], now: Iterable[Finding]) -> tuple[str, ...]:
    """Return the titles of the findings that are no longer what they were. A new one that is met changes nothing."""
    verdicts = {(one.criterion, one.medicine): one.verdict for one in then}
    others = (one.title for one in now if verdicts.get((one.criterion, one.medicine), Verdict.MET) is not one.verdict)
    return tuple(dict.fromkeys(others))


def _is_worksheet(test: Test) -> bool:
    return isinstance(test, SignedTest) and test.what == WORKSHEET
