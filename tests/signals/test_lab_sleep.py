"""Nights from scored epochs and intervals: by hand, with gaps, over clock changes, and what is refused."""

import json
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from typer.testing import CliRunner

from asklepion.cli import app
from asklepion.core.errors import BadInput, ManyFaults
from asklepion.core.values import Unscored
from asklepion.flows import laboratory
from asklepion.signals.measure import by_name

EAST = timezone(timedelta(hours=1))
START = datetime(2026, 3, 1, 22, 0, tzinfo=EAST)


@pytest.fixture
def put(tmp_path):
    def write(*rows, heading="time,sleep,in_bed", name="sleep.csv"):
        file = tmp_path / name
        file.write_text("\n".join((heading, *rows)) + "\n")
        return file

    return write


def epochs(states, *, start=START, minutes=10, drop=(), bed=True):
    """Give a row for each letter: s asleep, w awake in bed, o out of bed, ? in bed and not scored."""
    told = {"s": "1,1", "w": "0,1", "o": "0,0", "?": ",1"}
    rows = [
        f"{(start + timedelta(minutes=minutes * n)).isoformat()},{told[each]}"
        for n, each in enumerate(states)
        if n not in drop
    ]
    return rows if bed else [row.rpartition(",")[0] for row in rows]


def one(file, **more):
    return laboratory.sleep(file, **more).people[0]


def values(night):
    return {name: each.value for name, each in by_name(night.measures).items()}


def test_a_night_by_hand(put):
    """In bed 120 min, 20 awake, 30 asleep, 10 awake, 20 asleep, 20 awake, 10 asleep, 10 awake. Onset 22:30."""
    found = one(put(*epochs("owwssswsswwswo")))
    assert values(found.nights[0]) == {
        "time_in_bed": 120,
        "total_sleep_time": 60,
        "sleep_efficiency": 50,
        "sleep_onset_latency": 20,
        "wake_after_sleep_onset": 30,
        "awakenings": 2,
        "midsleep": 23.25,
    }
    assert (found.nights[0].on, found.nights[0].begin, found.nights[0].end) == (
        "2026-03-01", "2026-03-01 22:10", "2026-03-02 00:10",
    )  # fmt: skip
    assert by_name(found.means)["mean_sleep_efficiency"].quality == ("1 nights; 7 or more are wanted (recalled).",)


def test_intervals_say_the_same(put):
    rows = [
        ("22:10", "22:30", "wake"), ("22:30", "23:00", "sleep"), ("23:00", "23:10", "wake"),
        ("23:10", "23:30", "sleep"), ("23:30", "23:50", "wake"),
        ("23:50", "24:00", "sleep"), ("24:00", "24:10", "wake"),
        ("22:10", "24:10", "in_bed"),
    ]  # fmt: skip

    def stamp(clock):
        hour, minute = map(int, clock.split(":"))
        return (START.replace(hour=0) + timedelta(hours=hour, minutes=minute)).isoformat()

    text = [f"{stamp(begin)},{stamp(end)},{state}" for begin, end, state in reversed(rows)]
    found = one(put(*text, heading="start,end,state"))
    assert values(found.nights[0]) == values(one(put(*epochs("owwssswsswwswo"))).nights[0])
    assert one(put(*text[:3], *text[4:], heading="start,end,state")).nights[0].missing_min == 20
    with pytest.raises(ManyFaults, match="It overlaps with line"):
        one(put(*text, f"{stamp('22:20')},{stamp('22:40')},sleep", heading="start,end,state"))
    with pytest.raises(ManyFaults, match="does not come after"):
        one(put(f"{stamp('23:00')},{stamp('22:00')},sleep", heading="start,end,state"))


@pytest.mark.parametrize("missing", ["oww?sswwsso", "rows"])
def test_missing_epochs_are_never_filled(put, missing):
    rows = epochs("owwsssswsso", drop=(4,)) if missing == "rows" else epochs("owws?sswsso")
    night = one(put(*rows)).nights[0]
    told = values(night)
    assert night.missing_min == 10
    assert told["time_in_bed"] == 90
    assert told["total_sleep_time"].reason == "10 min are missing. It lies between 50 and 60."
    assert told["sleep_efficiency"].reason == "10 min are missing. It lies between 55.56 and 66.67."
    assert told["sleep_onset_latency"] == 20
    assert told["midsleep"] == pytest.approx(23 + 5 / 60)
    assert isinstance(told["wake_after_sleep_onset"], Unscored)
    assert isinstance(told["awakenings"], Unscored)
    early = values(one(put(*epochs("ow?ssso"))).nights[0])
    assert "before onset" in early["sleep_onset_latency"].reason
    assert "before onset" in early["midsleep"].reason


def test_nights_without_a_number_are_told(put):
    day = "o" * (6 * 24 - 8)
    found = one(put(*epochs("wssssssw" + day + "wsss?ssw" + day + "wsssssww")))
    efficiency = by_name(found.means)["mean_sleep_efficiency"]
    assert (efficiency.value, efficiency.n) == (pytest.approx((75 + 62.5) / 2), 2)
    assert efficiency.quality[0] == "1 of 3 nights have no number."
    assert by_name(found.means)["mean_time_in_bed"].n == 3
    assert found.said == ("1 rows have no state",)


def test_no_sleep_and_no_bed(put):
    told = values(one(put(*epochs("owwwo"))).nights[0])
    assert (told["total_sleep_time"], told["sleep_efficiency"]) == (0, 0)
    assert told["midsleep"] == Unscored("There is no sleep in it.")
    nobody = one(put(*epochs("oooo")))
    assert nobody.nights == ()
    assert nobody.said == ("nobody lies in bed at any time",)
    noon = START.replace(hour=12)
    whole = one(put(*epochs("s" * 6 + "w" * 138, start=noon, bed=False), heading="time,sleep"))
    told = values(whole.nights[0])
    assert told["total_sleep_time"] == 60
    assert {each for name, each in told.items() if name != "total_sleep_time"} == {
        Unscored("The times in bed are not known.")
    }


def test_times_in_bed_from_a_file(put):
    rows = epochs("owwssswsswwswo", bed=False)
    beds = put("2026-03-01T22:10:00+01:00,2026-03-02T00:10:00+01:00", heading="start,end", name="beds.csv")
    file = put(*rows, heading="time,sleep")
    assert values(one(file, in_bed=beds).nights[0])["sleep_efficiency"] == 50
    longer = put("2026-03-01T21:50:00+01:00,2026-03-02T00:10:00+01:00", heading="start,end", name="beds.csv")
    assert one(file, in_bed=longer).nights[0].missing_min == 10
    with pytest.raises(BadInput, match="says itself"):
        one(put(*epochs("ows")), in_bed=beds)


def test_of_two_times_in_bed_the_longest_is_the_night(put):
    found = one(put(*epochs("wsssso" + "o" * 6 + "wsw" + "o")))
    assert len(found.nights) == 1
    assert found.said == ("2026-03-01: 30 min in bed from 2026-03-02 00:00 are not the night",)


def test_a_night_over_a_clock_change(put):
    """29 March 2026 in Berlin: 2:00 +01:00 is 3:00 +02:00. Six hours elapse from 23:00 to 6:00 by the clock."""
    change = datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    rows = []
    for n in range(36):
        at = datetime(2026, 3, 28, 22, 0, tzinfo=UTC) + timedelta(minutes=10 * n)
        rows.append(f"{at.astimezone(timezone(timedelta(hours=2 if at >= change else 1))).isoformat()},1,1")
    found = one(put(*rows))
    night = found.nights[0]
    assert values(night)["time_in_bed"] == values(night)["total_sleep_time"] == 360
    assert (night.begin, night.end) == ("2026-03-28 23:00", "2026-03-29 06:00")
    assert night.quality == ("The clock went from +01:00 to +02:00: durations are by elapsed time.",)
    assert values(night)["midsleep"] == 3
    assert found.said == ("offsets change: +01:00, +02:00; clock times are those of each night's own offset",)
    local = [f"{row[:19]},{row[-3:]}" for row in rows]
    assert one(put(*local), local=True).nights[0].missing_min == 60


def test_times_that_do_not_say_their_zone(put):
    local = [f"{row[:19]}{row[25:]}" for row in epochs("owso")]
    with pytest.raises(ManyFaults, match="does not say its time zone"):
        one(put(*local))
    assert values(one(put(*local), local=True).nights[0])["sleep_efficiency"] == 50
    with pytest.raises(ManyFaults, match="carries an offset"):
        one(put(*epochs("owso")), local=True)
    with pytest.raises(ManyFaults, match="the clock went back"):
        one(put(*local, local[1]), local=True)


@pytest.mark.parametrize(
    ("rows", "heading", "said"),
    [
        (["2026-03-01,1,1"] * 2, "time,sleep,in_bed", "`2026-03-01` is no time"),
        ([*epochs("ows"), epochs("ows")[-1]], "time,sleep,in_bed", "line 5, column time"),
        ([row.replace(",1,1", ",37,1") for row in epochs("ows")], "time,sleep,in_bed", "`37` is neither 0 nor 1"),
        ([row.replace(",1,1", ",1,") for row in epochs("ows")], "time,sleep,in_bed", "`` is neither 0 nor 1"),
        ([*epochs("oww"), epochs("w", start=START + timedelta(minutes=27))[0]], "time,sleep,in_bed", "It begins 420 s"),
        (epochs("o"), "time,sleep,in_bed", "Fewer than two epochs"),
        (["1,2"], "count,when", "Wanted: epochs: participant_id"),
        (epochs("??"), "time,sleep,in_bed", "No time is scored"),
        (epochs("s" * 150), "time,sleep,in_bed", "25.0 h in bed"),
        ([f",{row}" for row in epochs("ows")], "subject,time,sleep,in_bed", "does not say whose it is"),
    ],
)  # fmt: skip
def test_what_is_refused(put, rows, heading, said):
    with pytest.raises(BadInput) as caught:
        laboratory.sleep(put(*rows, heading=heading))
    assert said in str(caught.value)


def test_regularity(put):
    """The same every day: 100. Turned round every day: -100. By chance, seed 5: near 0, and as numpy counts it."""
    half = "s" * 72 + "w" * 72
    other = "w" * 72 + "s" * 72
    assert one(put(*epochs(half * 3, bed=False), heading="time,sleep")).regularity.value == 100
    assert one(put(*epochs(half + other + half, bed=False), heading="time,sleep")).regularity.value == -100
    states = np.random.default_rng(5).integers(0, 2, 144 * 7)
    rows = epochs("".join("ws"[each] for each in states), bed=False)
    found = one(put(*rows, heading="time,sleep")).regularity
    assert found.value == pytest.approx(200 * np.mean(states[144:] == states[:-144]) - 100)
    assert found.n == 144 * 6
    assert abs(found.value) < 10
    less = one(put(*rows[:200], *rows[230:], heading="time,sleep")).regularity
    assert less.quality[0] == f"{144 * 6 - 60} of {144 * 6} pairs of times are scored, over 7.0 days."
    short = one(put(*epochs("wsssw"))).regularity
    assert short.value == Unscored("Nothing is scored twice at 24 hours' distance.")


@pytest.mark.parametrize(("one_end", "other_begin", "told"), [(8, 5, 80), (8, 4, 100), (9, 5, 60)])
def test_regularity_of_days_a_tenth_apart(put, one_end, other_begin, told):
    """Sleep from 4 to 8 tenths of a day, then 5 to 8: 80, as in GGIR's test of its index."""
    days = [(4, one_end), (other_begin, 8)]
    states = "".join("s" if first * 12 <= n < last * 12 else "w" for first, last in days for n in range(120))
    assert one(put(*epochs(states, minutes=12, bed=False), heading="time,sleep")).regularity.value == pytest.approx(
        told
    )


def test_regularity_of_intervals_is_that_of_minutes(put):
    rows = []
    for day in range(3):
        begin = START + timedelta(days=day)
        for first, last, state in ((0, 480 - 30 * day, "sleep"), (480 - 30 * day, 1440, "wake")):
            ends = (begin + timedelta(minutes=each) for each in (first, last))
            rows.append(",".join([*(each.isoformat() for each in ends), state]))
    found = one(put(*rows, heading="start,end,state")).regularity
    assert (found.value, found.n) == (pytest.approx(200 * (1410 / 1440) - 100), 2880)


def test_midsleep_is_averaged_on_the_clock(put):
    late = epochs("w" + "s" * 12 + "w", start=START)
    early = epochs("w" + "s" * 12 + "w", start=START + timedelta(hours=26))
    gap = epochs("o" * 142, start=START + timedelta(minutes=140))
    file = put(*late, *gap, *early)
    assert [values(each)["midsleep"] for each in one(file).nights] == [
        pytest.approx(23 + 1 / 6),
        pytest.approx(1 + 1 / 6),
    ]
    assert by_name(one(file).means)["mean_midsleep"].value == pytest.approx(1 / 6)


@pytest.mark.parametrize(("count", "quality"), [(6, ("6 nights; 7 or more are wanted (recalled).",)), (7, ())])
def test_seven_nights_are_wanted(put, count, quality):
    found = one(put(*epochs(("wsssw" + "o" * 139) * count)))
    assert {each.quality for each in found.means} == {quality}


def test_the_command(put):
    def run(*words):
        return CliRunner().invoke(app, ["lab", "sleep", *map(str, words)])

    day = "wssssssw" + "o" * 136
    rows = [f"{who},{row}" for who in ("01", "02") for row in epochs(day * 8)]
    file = put(*rows, heading="participant_id,time,sleep,in_bed")
    text = run(file)
    assert text.exit_code == 0, text.output
    assert "01: 8 nights" in text.output
    assert "wanted" not in text.output
    answer = json.loads(run(file, "--json").output)
    assert [each["participant_id"] for each in answer["people"]] == ["01", "02"]
    assert answer["people"][1]["regularity"]["value"] == 100
    assert run(put(*epochs("wssw"))).exit_code == 1
    out = file.with_name("measures.tsv")
    for name, words in (("without", ()), ("over", ("--session", "a"))):
        assert isinstance(run(file, "--out", out if name == "without" else file, *words).exception, BadInput)


def test_values_go_to_the_comparison_of_sessions(put):
    day = "wssssssw" + "o" * 136
    rows = [f"{who},{row}" for who in ("01", "02") for row in epochs(day * 2)]
    file = put(*rows, heading="participant_id,time,sleep,in_bed")
    out = file.with_name("measures.tsv")
    CliRunner().invoke(app, ["lab", "sleep", str(file), "--out", str(out), "--session", "before"])
    lines = [line.split("\t") for line in out.read_text().splitlines()]
    assert lines[0] == ["participant_id", "session", "measure", "value", "unit"]
    assert ["02", "before", "mean_sleep_efficiency", "75", "%"] in lines
    assert ["01", "before", "sleep_regularity_index", "100", "1"] in lines
    assert not any("midsleep" in line[2] for line in lines)
    nobody = CliRunner().invoke(app, ["lab", "sleep", str(put(*epochs(day))), "--out", str(out), "--session", "before"])
    assert "whose nights" in str(nobody.exception)
