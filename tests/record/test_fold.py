"""A chart folded in pieces is the chart folded whole; what is stored says what was recorded."""

import hashlib
import json
import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from asklepion.core.chart import Chart, Recorded, fold
from asklepion.core.entries import Entry, Note, Observed, Retracted, Value, VisitHeld
from asklepion.core.errors import BadInput
from asklepion.record.canonical import body_of, entry_of, hash_of, instant
from asklepion.record.models import LedgerEntry

START = datetime(2026, 1, 5, 9, tzinfo=UTC)


def recorded(seq: int, entry: Entry, *, at: datetime, corrects: str = "") -> Recorded[Entry]:
    return Recorded(
        id=f"e{seq}",
        course="AK-0001",
        seq=seq,
        entry=entry,
        at=at,
        on=at.date(),
        recorded_at=at,
        by="p",
        role="physician",
        device="server",
        label="open",
        corrects=corrects,
        reason="r" if corrects else "",
        clock_offset_ms=0,
        previous_hash="",
        hash="",
    )


@st.composite
def ledgers(draw: st.DrawFn) -> list[Recorded[Entry]]:
    """Draw a ledger whose corrections name effective entries, as the ledger lets them."""
    made: list[Recorded[Entry]] = []
    effective: list[Recorded[Entry]] = []
    for seq in range(1, draw(st.integers(1, 14)) + 1):
        at = START + timedelta(hours=draw(st.integers(-100, 100)))
        target = draw(st.sampled_from(effective)) if effective and draw(st.booleans()) else None
        if target is None:
            kinds: list[Entry] = [Note(f"{seq}"), Observed((Value("pulse", float(seq)),)), VisitHeld("v", at)]
            entry = draw(st.sampled_from(kinds))
        else:
            entry = Retracted() if draw(st.booleans()) else replace(target.entry)
            effective.remove(target)
        each = recorded(seq, entry, at=at, corrects=target.id if target else "")
        made.append(each)
        if not isinstance(entry, Retracted):
            effective.append(each)
    return made


@given(ledgers(), st.data())
def test_in_pieces_is_as_whole(ledger: list[Recorded[Entry]], data: st.DataObject) -> None:
    whole = fold(ledger, course="AK-0001")
    cuts = sorted(data.draw(st.lists(st.integers(0, len(ledger)), max_size=5)))
    chart = Chart("AK-0001")
    for first, last in zip([0, *cuts], [*cuts, len(ledger)], strict=True):
        chart = fold(ledger[first:last], chart)
    assert {kind: found for kind, found in chart.kinds.items() if found} == {
        kind: found for kind, found in whole.kinds.items() if found
    }
    assert (chart.seq, chart.struck) == (whole.seq, whole.struck)


NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@given(st.one_of(st.booleans(), NUMBERS, TEXTS))
def test_what_is_stored_is_what_was_recorded(value: bool | float | str) -> None:
    entry = Observed((Value("what", value),))
    read = entry_of(body_of(entry))
    assert read == entry
    assert isinstance(read, Observed)
    assert type(read.values[0].value) is type(value)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, "\ud800", "\0", "\\\0"])
def test_what_json_cannot_hold_is_refused(value: float | str) -> None:
    with pytest.raises(BadInput, match="cannot be kept"):
        body_of(Observed((Value("what", value),)))


@given(TEXTS, TEXTS, NUMBERS, st.datetimes(timezones=st.just(UTC)))
def test_the_hash_is_over_the_canonical_json_of_every_field(by: str, reason: str, value: float, at: datetime) -> None:
    row = LedgerEntry(
        id="i",
        course="AK-0001",
        seq=3,
        kind="observed",
        body=body_of(Observed((Value("what", value),))),
        at=at,
        recorded_at=at,
        clock_offset_ms=-5,
        by=by,
        device="d",
        role="physician",
        label="open",
        corrects="c",
        reason=reason,
        previous_hash="0" * 64,
    )
    names = {field.name for field in LedgerEntry._meta.fields} - {"hash", "body", "at", "recorded_at"}
    fields = {name: getattr(row, name) for name in names}
    fields |= {"body": json.loads(row.body, parse_int=float), "at": instant(at), "recorded_at": instant(at)}
    assert hash_of(row) == hashlib.sha256(rfc8785.dumps(fields)).hexdigest()
