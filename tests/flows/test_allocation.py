"""The allocation of a blinded course: one arm, kits by visit, and nobody but a pharmacist."""

from dataclasses import replace

import pytest

from asklepion.core.access import Role
from asklepion.core.entries import ArmAssigned, Dispensed
from asklepion.core.errors import BadInput, IdReused, ManyFaults, UnknownId
from asklepion.flows import allocation, audit, courses
from asklepion.flows import facts as room
from asklepion.record import ledger
from asklepion.record.verify import verify

pytest_plugins = ("small_visits",)
pytestmark = pytest.mark.django_db
COURSE = "AK-0001"


@pytest.fixture
def by(clinic):
    return clinic.by(Role.PHARMACIST)


@pytest.fixture
def reader(clinic):
    return clinic.reader(Role.PHARMACIST)


def test_empty_it_has_a_row_for_each_dosing_visit(by, reader):
    page = allocation.page(COURSE, reader)
    assert page.arm is None
    assert page.visits == {"session": "Session 1"}
    assert page.rows == (allocation.Row("session", "Session 1", ()),)
    assert [arm.id for arm in page.arms] == ["one", "two"]


def test_an_arm_is_recorded_once_and_sent_twice_is_one_entry(clinic, by, reader):
    id = ledger.new_id()
    assert allocation.assign(COURSE, "two", by=by, id=id) == allocation.assign(COURSE, "two", by=by, id=id)
    page = allocation.page(COURSE, reader)
    assert (page.arm.entry, page.arm_title) == (ArmAssigned("two"), "The other arm")
    for arm in ("one", "two"):
        with pytest.raises(BadInput, match=f"already, as entry {page.arm.seq}") as refused:
            allocation.assign(COURSE, arm, by=by)
        assert refused.value.where == "arm"
    with pytest.raises(IdReused):
        allocation.assign(COURSE, "one", by=by, id=id)
    assert len(clinic.chart().of(ArmAssigned)) == 1


def test_two_at_the_same_moment_are_one(clinic, by, monkeypatch):
    """Both were judged before either was written: the second falls with its transaction."""
    allocation.assign(COURSE, "one", by=by)
    seq = clinic.chart().seq
    judged = allocation._judged
    monkeypatch.setattr(allocation, "_judged", lambda *args: _without_arm(judged(*args)))
    with pytest.raises(BadInput, match="already"):
        allocation.assign(COURSE, "two", by=by)
    assert [each.entry.arm for each in clinic.chart().of(ArmAssigned)] == ["one"]
    assert clinic.chart().seq == seq
    assert verify() == []


def _without_arm(chart):
    return replace(chart, kinds={kind: found for kind, found in chart.kinds.items() if kind is not ArmAssigned})


def test_a_wrong_arm_is_retracted_on_the_ledger_and_the_right_one_recorded(clinic, by, reader):
    first = allocation.assign(COURSE, "one", by=by)
    audit.retract(COURSE, first.seq, "wrong line of the list", by=by, reader=reader)
    assert allocation.page(COURSE, reader).arm is None
    second = allocation.assign(COURSE, "two", by=by)
    assert allocation.page(COURSE, reader).arm.seq == second.seq


def test_an_arm_of_another_protocol_is_refused(by):
    with pytest.raises(BadInput, match="no arm of the protocol"):
        allocation.assign(COURSE, "three", by=by)


def test_kits_stand_by_visit_and_a_number_is_dispensed_once(clinic, by, reader):
    id = ledger.new_id()
    kept = [allocation.dispense(COURSE, "session", " K 17 ", "capsules A", by=by, id=id) for _ in range(2)]
    assert kept[0] == kept[1]
    allocation.dispense(COURSE, "session", "K 18", "capsules B", by=by)
    (row,) = allocation.page(COURSE, reader).rows
    assert [each.entry for each in row.kits] == [
        Dispensed("session", "K 17", "capsules A"),
        Dispensed("session", "K 18", "capsules B"),
    ]
    with pytest.raises(ManyFaults, match=f"already, as entry {kept[0].seq}"):
        allocation.dispense(COURSE, "session", "K  17", "capsules A", by=by)
    audit.retract(COURSE, kept[0].seq, "slip of the pen", by=by, reader=reader)
    allocation.dispense(COURSE, "session", "K 17", "capsules A", by=by)


def test_every_fault_of_a_kit_is_told_at_once(by):
    with pytest.raises(ManyFaults) as refused:
        allocation.dispense(COURSE, "talk", " ", "x" * 201, by=by)
    assert [fault.where for fault in refused.value.faults] == ["visit", "kit", "content"]
    allocation.dispense(COURSE, "session", "k" * 60, "x" * 200, by=by)
    with pytest.raises(ManyFaults):
        allocation.dispense(COURSE, "session", "j" * 61, "x", by=by)


def test_a_kit_for_another_visit_is_shown_all_the_same(by, reader):
    ledger.append(COURSE, Dispensed("talk", "K 1", "brought in by a table"), by)
    assert [row.visit for row in allocation.page(COURSE, reader).rows] == ["session", "talk"]
    ledger.append(COURSE, ArmAssigned("PLACEBO"), by)
    assert allocation.page(COURSE, reader).arm_title == "PLACEBO"


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.PHARMACIST])
def test_for_everybody_else_there_is_no_such_thing(clinic, by, role):
    allocation.assign(COURSE, "one", by=by)
    known, unknown = [], []
    for course, said in ((COURSE, known), ("AK-0404", unknown)):
        for act in (
            lambda course=course: allocation.page(course, clinic.reader(role)),
            lambda course=course: allocation.assign(course, "one", by=clinic.by(role)),
            lambda course=course: allocation.dispense(course, "session", "K", "c", by=clinic.by(role)),
        ):
            with pytest.raises(UnknownId) as refused:
                act()
            said.append(str(refused.value))
    assert known == unknown


@pytest.mark.parametrize("change", [{"blinded": False}, {"arms": ()}])
def test_without_blinding_or_arms_there_is_none(clinic, by, reader, monkeypatch, change):
    known = room.facts()
    small = replace(known.protocols["small"], **change)
    changed = replace(known, protocols={**known.protocols, "small": small})
    monkeypatch.setattr(allocation, "facts", lambda: changed)
    assert not allocation.has_allocation(small)
    for act in (
        lambda: allocation.page(COURSE, reader),
        lambda: allocation.assign(COURSE, "one", by=by),
        lambda: allocation.dispense(COURSE, "session", "K", "c", by=by),
    ):
        with pytest.raises(UnknownId):
            act()
    assert clinic.chart().seq == 1


def test_a_protocol_without_a_dose_takes_no_kit(clinic, by, reader):
    opened = {"by": clinic.by(Role.PHYSICIAN), "site": "S", "simulated": True}
    course = courses.open_course("hamd-depression-trial", **opened).course
    page = allocation.page(course, reader)
    assert (page.visits, page.rows) == ({}, ())
    with pytest.raises(ManyFaults, match="No dose is planned"):
        allocation.dispense(course, "visit-4", "K", "c", by=by)
