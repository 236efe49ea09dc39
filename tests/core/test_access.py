"""Who may record and read what: every kind of entry has its label and its writers; nobody reads the arm by chance."""

from dataclasses import MISSING, fields
from datetime import UTC, date, datetime
from typing import get_args

import pytest

from asklepion.core.access import READS, WRITES, Label, Role, label_of
from asklepion.core.entries import AnswersGiven, Entry, Observed, Value

LABELS = {
    "arm_assigned": Label.ALLOCATION,
    "dispensed": Label.ALLOCATION,
    "dose_given": Label.TREATMENT,
    "dose_withheld": Label.TREATMENT,
    "adverse_event": Label.TREATMENT,
    "note": Label.TREATMENT,
}
KINDS = get_args(Entry)
_SAMPLES = {"str": "x", "int": 1, "float": 1.0, "bool": False, "date": date(2026, 1, 1), "datetime": datetime.now(UTC)}


def made(kind: type) -> Entry:
    """Return an entry of a kind with something in every field that must be given."""
    needed = (each for each in fields(kind) if each.default is MISSING and each.default_factory is MISSING)
    return kind(**{each.name: _SAMPLES.get(getattr(each.type, "__name__", ""), ()) for each in needed})


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_kind_of_entry_has_its_label_and_its_writers(kind: type) -> None:
    entry = made(kind)
    assert label_of(entry) is LABELS.get(entry.kind, Label.OPEN)
    assert WRITES[entry.kind]


def test_no_right_is_left_over_for_a_kind_that_does_not_exist() -> None:
    assert {made(kind).kind for kind in KINDS} == set(WRITES)


def test_sealed_answers_and_readings_of_treatment_bear_their_own_label() -> None:
    assert label_of(AnswersGiven("caps-5", "1", (), (), (), sealed=True)) is Label.SEALED
    assert label_of(Observed((Value("systolic", 120.0),), treatment=True)) is Label.TREATMENT


def test_only_the_pharmacist_reads_the_allocation_and_those_who_treat_read_nothing_sealed() -> None:
    assert {role for role in Role if Label.ALLOCATION in READS[role]} == {Role.PHARMACIST}
    sealed = {role for role in Role if Label.SEALED in READS[role]}
    assert sealed == {Role.STATISTICIAN, Role.AUDITOR}
    assert READS[Role.RATER] == READS[Role.ADMINISTRATOR] == frozenset()
