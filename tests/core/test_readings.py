"""What was typed becomes a reading with its unit, or a fault that says what to do. Nothing is guessed or filled in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asklepion.core.entries import Value
from asklepion.core.errors import ManyFaults
from asklepion.core.readings import read
from asklepion.knowledge.types import Observable, ValueKind

QUANTITY = ValueKind.QUANTITY
FILE = {
    each.id: each
    for each in (
        Observable("systolic", "Systolic", QUANTITY, "vital", "mm[Hg]", 50, 300, exceeds="diastolic"),
        Observable("diastolic", "Diastolic", QUANTITY, "vital", "mm[Hg]", 20, 200),
        Observable("weight", "Weight", QUANTITY, "vital", "kg", lowest=25),
        Observable("count", "Count", QUANTITY, "history", highest=10),
        Observable("free", "Free", QUANTITY, "history"),
        Observable("escort", "Escort", ValueKind.YES_NO, "circumstance"),
        Observable("sex", "Sex", ValueKind.CHOICE, "history", choices=("female", "male")),
        Observable("since", "Since", ValueKind.DATE, "history"),
        Observable("note", "Note", ValueKind.TEXT, "history"),
    )
}


def fault_of(**typed: str | bool | float) -> tuple[str, str, str]:
    with pytest.raises(ManyFaults) as caught:
        read(FILE, typed)
    (fault,) = caught.value.faults
    return fault.where, fault.what, fault.remedy


def test_every_kind_is_read_with_its_unit_in_the_order_typed():
    typed = {
        "sex": " female ",
        "systolic": "148",
        "diastolic": 90,
        "escort": "Yes",
        "since": "2026-03-02",
        "note": " x ",
    }
    assert read(FILE, typed) == (
        Value("sex", "female"),
        Value("systolic", 148.0, "mm[Hg]"),
        Value("diastolic", 90.0, "mm[Hg]"),
        Value("escort", True),
        Value("since", "2026-03-02"),
        Value("note", "x"),
    )


def test_a_blank_is_left_out_and_no_is_a_value():
    assert read(FILE, {"systolic": "  ", "note": "", "escort": False, "count": "0"}) == (
        Value("escort", False),
        Value("count", 0.0),
    )
    assert read(FILE, {"escort": "no"}) == (Value("escort", False),)
    assert read(FILE, {}) == ()


@pytest.mark.parametrize("typed", ["50", "50.0", 50, "300", 300.0, "80 mm[Hg]", "80 mmHg", " +80 "])
def test_a_number_is_taken_up_to_its_bounds_and_with_its_own_unit(typed):
    (value,) = read(FILE, {"systolic": typed})
    assert isinstance(value.value, float)


@pytest.mark.parametrize(
    ("typed", "said", "remedy"),
    [
        ("49.9", "49.9 lies outside 50 to 300.", "Look at the device and type it again."),
        ("300.1", "300.1 lies outside 50 to 300.", "Look at the device and type it again."),
        (18, "18 lies outside 50 to 300.", "Look at the device and type it again."),
        ("36,8", "`36,8` has a comma.", "Write 36.8, with a point."),
        ("80 kPa", "`80 kPa` carries the unit kPa.", "Type the number alone, in mmHg."),
        ("eighty", "`eighty` is not a number.", "Type figures only, with a point before decimals."),
        ("1e2", "`1e2` carries the unit e2.", "Type the number alone, in mmHg."),
        ("12/8", "`12/8` carries the unit /8.", "Type the number alone, in mmHg."),
        ("-", "`-` is not a number.", "Type figures only, with a point before decimals."),
        (True, "True is not a number.", "Type figures only."),
        (float("nan"), "nan is not a number.", "Type figures only."),
        (float("inf"), "inf is not a number.", "Type figures only."),
    ],
)
def test_a_number_that_cannot_be_taken_says_why(typed, said, remedy):
    assert fault_of(systolic=typed) == ("systolic", f"Systolic: {said}", remedy)


def test_a_comma_before_the_right_unit_is_still_a_comma():
    assert fault_of(weight="70,5 kg")[1] == "Weight: `70,5` has a comma."


def test_bounds_on_one_side_only():
    assert fault_of(weight="24.9")[1] == "Weight: 24.9 lies below 25."
    assert fault_of(count="10.1")[1] == "Count: 10.1 lies above 10."
    assert read(FILE, {"weight": "25", "count": "10", "free": "-3"})[2] == Value("free", -3.0)


def test_a_number_without_a_unit_refuses_one():
    assert fault_of(count="3 uses")[2] == "Type the number alone, without a unit."


@pytest.mark.parametrize(
    ("what", "typed", "said"),
    [
        ("escort", "perhaps", "Escort: `perhaps` is neither yes nor no."),
        ("escort", 1.0, "Escort: `1.0` is neither yes nor no."),
        ("sex", "other", "Sex: `other` is not one of the choices."),
        ("sex", True, "Sex: `True` is not one of the choices."),
        ("since", "2.3.2026", "Since: `2.3.2026` is not a date."),
        ("since", "2026-02-30", "Since: `2026-02-30` is not a date."),
        ("note", 3.0, "Note: `3.0` is not text."),
        ("unheard-of", "1", "`unheard-of` is not on file."),
    ],
)
def test_what_is_no_answer_says_why(what, typed, said):
    assert fault_of(**{what: typed})[:2] == (what, said)


@pytest.mark.parametrize(("systolic", "diastolic", "wrong"), [(91, 90, False), (90, 90, True), (89, 90, True)])
def test_systolic_stands_above_diastolic(systolic, diastolic, wrong):
    typed = {"systolic": systolic, "diastolic": diastolic}
    if wrong:
        where, said, _ = fault_of(**typed)
        assert (where, said) == (
            "systolic",
            f"Systolic {systolic} must be above Diastolic {diastolic}.",
        )
    else:
        assert len(read(FILE, typed)) == 2


def test_every_fault_is_told_at_once():
    with pytest.raises(ManyFaults) as caught:
        read(FILE, {"systolic": "18", "escort": "perhaps", "weight": "70", "nothing": "1"})
    assert [fault.where for fault in caught.value.faults] == ["systolic", "escort", "nothing"]


@given(st.floats(min_value=50, max_value=300))
def test_what_is_read_back_is_what_was_typed(number):
    assert read(FILE, {"systolic": f"{number:.3f}"})[0].value == float(f"{number:.3f}")
