"""How consent stands: which version is in force, who signs again, what withdrawal means."""

from dataclasses import replace
from datetime import date

import pytest

from asklepion.core import consent
from asklepion.core.chart import Chart
from asklepion.core.entries import ConsentCountersigned, ConsentSigned, ConsentWithdrawn, Retracted
from asklepion.core.errors import BadInput, ManyFaults
from asklepion.core.values import ConsentState
from asklepion.knowledge.types import ConsentDocument, Question, Section, Tier
from small_chart import chart, chart_of, day, instant, told


def version(
    number: int, from_day: int, *, again: bool = False, by: tuple[str, ...] = ("physician",)
) -> ConsentDocument:
    return ConsentDocument(
        kind="consent_document",
        id=f"paper-v{number}",
        document="paper",
        version=str(number),
        title="A paper",
        tier=Tier.DRAFT,
        effective_from=day(from_day),
        must_sign_again=again,
        changed="",
        sections=(Section("purpose", "What it is for."),),
        questions=(
            Question("first", "Is it research?", ("yes", "no"), 0, "purpose"),
            Question("second", "May you leave?", ("no", "yes", "later"), 1, "purpose"),
        ),
        countersigned_by=by,
    )


V1, V2, V3 = version(1, 0), version(2, 20, again=True), version(3, 40)


def signed(number: int = 1, document: str = "paper") -> ConsentSigned:
    return ConsentSigned(document, str(number), "hash", True, 2, 2)


def signed_and_countersigned(number: int = 1) -> Chart:
    return chart_of(
        (
            told(signed(number), instant(1), seq=1, role="participant"),
            told(ConsentCountersigned("paper", str(number), "e1", "h1", "P"), instant(2), seq=2, role="physician"),
        )
    )


@pytest.mark.parametrize(("on", "expected"), [(-1, None), (0, V1), (19, V1), (20, V2), (39, V2), (40, V3), (400, V3)])
def test_the_latest_effective_version_is_in_force(on, expected):
    assert consent.current((V3, V1, V2), on=day(on)) == expected


def test_nobody_signed_yet():
    status = consent.status((V1, V2), chart(), on=day(5))
    assert (status.state, status.current, status.signed, status.entry) == (ConsentState.NEVER_SIGNED, "1", "", "")
    assert (status.signed_on, status.since, status.document) == (None, day(0), "paper")
    before = consent.status((V1,), chart(), on=day(-1))
    assert (before.state, before.current, before.because) == (
        ConsentState.NEVER_SIGNED,
        "",
        "No version is in force yet.",
    )


def test_a_signature_awaits_the_countersignature_of_that_very_entry():
    only = chart((1, signed()))
    status = consent.status((V1,), only, on=day(3))
    assert status.state is ConsentState.AWAITS_COUNTERSIGNATURE
    assert status.because == "The signature of the physician is missing."
    of_another = chart_of(
        (
            told(signed(), instant(1), seq=1),
            told(ConsentCountersigned("paper", "1", "e9", "h9", "P"), instant(2), seq=2, role="physician"),
        )
    )
    assert consent.status((V1,), of_another, on=day(3)).state is ConsentState.AWAITS_COUNTERSIGNATURE
    by_another_role = chart_of(
        (
            told(signed(), instant(1), seq=1),
            told(ConsentCountersigned("paper", "1", "e1", "h1", "P"), instant(2), seq=2, role="facilitator"),
        )
    )
    assert consent.status((V1,), by_another_role, on=day(3)).state is ConsentState.AWAITS_COUNTERSIGNATURE


def test_countersigned_it_is_in_force():
    status = consent.status((V1,), signed_and_countersigned(), on=day(2))
    assert (status.state, status.signed, status.signed_on) == (ConsentState.IN_FORCE, "1", day(1))
    assert (status.entry, status.because) == ("e1", "Version 1 is signed and countersigned.")
    assert consent.status((V1,), signed_and_countersigned(), on=day(1)).state is ConsentState.AWAITS_COUNTERSIGNATURE


def test_a_version_that_nobody_countersigns_is_in_force_at_once():
    status = consent.status((version(1, 0, by=()),), chart((1, signed())), on=day(1))
    assert (status.state, status.because) == (ConsentState.IN_FORCE, "Version 1 is signed.")


@pytest.mark.parametrize(
    ("on", "state"), [(19, ConsentState.IN_FORCE), (20, ConsentState.SIGN_AGAIN), (40, ConsentState.SIGN_AGAIN)]
)
def test_a_version_that_asks_for_it_is_signed_again_even_when_a_newer_does_not_ask(on, state):
    assert consent.status((V1, V2, V3), signed_and_countersigned(), on=day(on)).state is state


def test_a_version_that_does_not_ask_leaves_the_signature_in_force():
    status = consent.status((V2, V3), signed_and_countersigned(2), on=day(41))
    assert (status.state, status.current, status.signed) == (ConsentState.IN_FORCE, "3", "2")


def test_sign_again_names_both_versions():
    status = consent.status((V1, V2), signed_and_countersigned(), on=day(21))
    assert status.because == "Version 2 asks everyone to sign again; version 1 was signed."


def test_a_version_that_is_not_on_file_is_signed_again():
    status = consent.status((V1,), chart((1, signed(7))), on=day(2))
    assert (status.state, status.because) == (
        ConsentState.SIGN_AGAIN,
        "Version 7 was signed; it is not on file.",
    )


@pytest.mark.parametrize(
    ("scope", "because"),
    [
        ("treatment", "Consent to treatment was withdrawn; what was agreed about data stands."),
        ("all", "Consent was withdrawn as a whole."),
    ],
)
def test_withdrawn_until_signed_anew(scope, because):
    left = (3, ConsentWithdrawn("paper", scope))
    status = consent.status((V1,), chart((1, signed()), left), on=day(4))
    assert (status.state, status.because, status.entry) == (ConsentState.WITHDRAWN, because, "e2")
    back = consent.status((V1,), chart((1, signed()), left, (5, signed())), on=day(6))
    assert back.state is ConsentState.AWAITS_COUNTERSIGNATURE
    assert consent.status((V1,), chart((1, signed()), left), on=day(2)).state is not ConsentState.WITHDRAWN
    never = consent.status((V1,), chart(left), on=day(4))
    assert (never.state, never.signed) == (ConsentState.WITHDRAWN, "")


def test_another_document_does_not_count():
    elsewhere = chart((1, signed(1, "other")), (2, ConsentWithdrawn("other", "all")))
    assert consent.status((V1,), elsewhere, on=day(3)).state is ConsentState.NEVER_SIGNED


def test_a_retracted_signature_was_never_given():
    taken_back = chart_of((told(signed(), instant(1), seq=1), told(Retracted(), instant(2), seq=2, corrects="e1")))
    assert consent.status((V1,), taken_back, on=day(3)).state is ConsentState.NEVER_SIGNED


@pytest.mark.parametrize("versions", [(), (V1, replace(V1, document="other"))])
def test_versions_of_one_document_are_asked_for(versions):
    with pytest.raises(BadInput, match="one document"):
        consent.status(versions, chart(), on=day(1))


@pytest.mark.parametrize(
    ("choices", "right", "wrong"),
    [
        ({"first": 0, "second": 1}, 2, ()),
        ({"first": 1, "second": 1}, 1, ("first",)),
        ({"first": 0}, 1, ("second",)),
        ({}, 0, ("first", "second")),
    ],
)
def test_questions_are_graded_and_a_blank_is_wrong(choices, right, wrong):
    assert consent.grade(V1, choices) == consent.Graded(right, 2, wrong)


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        ({"first": 2}, "first: There is no option 2. Choose 0 to 1."),
        ({"second": -1}, "second: There is no option -1. Choose 0 to 2."),
        ({"third": 0}, "third: There is no such question."),
    ],
)
def test_an_answer_that_does_not_exist_is_refused(choices, said):
    with pytest.raises(ManyFaults) as caught:
        consent.grade(V1, choices)
    assert [str(fault) for fault in caught.value.faults] == [said]


def test_the_hash_is_over_what_is_shown():
    whole = consent.document_hash(V1)
    assert len(whole) == 64
    assert consent.document_hash(replace(V1, tier=Tier.VERIFIED, changed="x")) == whole
    shown = (
        replace(V1, sections=(Section("purpose", "What it is for!"),)),
        replace(V1, questions=V1.questions[:1]),
        replace(V1, title="Another"),
        replace(V1, version="1.1"),
        replace(V1, effective_from=date(2026, 1, 1)),
    )
    assert len({whole, *(consent.document_hash(each) for each in shown)}) == 6
