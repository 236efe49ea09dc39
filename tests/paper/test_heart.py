"""The heart through a session, drawn from simulated intervals."""

import csv
import dataclasses
import io
import re
from xml.etree import ElementTree

import numpy as np
import pytest

from asklepion.core.errors import BadInput
from asklepion.paper.figure import About
from asklepion.paper.heart import through, through_csv
from asklepion.paper.style import standalone
from asklepion.signals.heart.intervals import intervals
from asklepion.signals.heart.session import session

HASH = "ab" * 32
ABOUT = About(id="s", title="The heart", unit="", sources=(HASH,))


def beats(n=1500):
    return 800 + 40 * np.sin(np.arange(n) / 5) + np.random.default_rng(4).normal(size=n) * 10


@pytest.fixture(scope="module")
def told():
    rr = beats()
    rr[620:700:6] *= 2
    return session(intervals(rr), window_s=200.0, baseline_s=(0, 200))


def marks(drawn, kind):
    return len(re.findall(rf'<{kind} class="(?:af|bf|cf|hol thin [abc])"', drawn))


def test_a_mark_for_each_window_and_measure(told):
    drawn = str(through(told, ABOUT))
    windows = len(told.windows)
    assert windows == 6
    assert marks(drawn, "circle") == windows
    assert marks(drawn, "rect") == windows
    assert marks(drawn, "path") == windows
    assert drawn.count('class="ln ') == 3
    for words in ("Heart rate, a minute", "RMSSD, ms", "HF power, ms2", "6 windows of 200 s", HASH):
        assert words in drawn
    ElementTree.fromstring(standalone(through(told, ABOUT)))


def test_doubt_is_told_by_shape_ground_and_number(told):
    doubtful = [each for each in told.windows if each.doubtful]
    assert len(doubtful) == 1
    drawn = str(through(told, ABOUT))
    assert drawn.count('class="hol thin ') == 3
    assert drawn.count('class="hol inks thin"') == 1
    assert drawn.count('class="band"') == 1
    assert f">{doubtful[0].valid_percent:.1f}</text>" in drawn
    assert "1 of 6 windows; valid" in re.sub("</text><text[^>]*>", " ", drawn)
    assert "doubtful windows: 1" in drawn


def test_no_line_goes_across_a_gap(told):
    empty = dataclasses.replace(told.windows[1], measures=())
    drawn = str(through(dataclasses.replace(told, windows=(told.windows[0], empty, *told.windows[2:])), ABOUT))
    lines = re.findall(r'<path class="ln [^"]*" d="([^"]*)"', drawn)
    assert [each.count("M") for each in lines] == [2, 2, 2]
    assert [each.count("L") for each in lines] == [3, 3, 3]


def test_baseline_and_dose_are_marked_where_they_are(told):
    drawn = str(through(told, ABOUT, dose_s=300))
    assert "Baseline, 0 to 3.33333 min" in drawn
    assert "Dose, 5.0 min" in drawn
    assert drawn.count('class="inks thin dot"') == 3
    end_s = told.whole.end_s
    at = 48 + 300 / end_s * (640 - 48 - 12)
    assert re.search(rf'class="now" d="M{at:.1f} ', drawn)
    assert 'class="now"' not in str(through(told, ABOUT))
    without = str(through(dataclasses.replace(told, baseline=None), ABOUT))
    assert "Baseline" not in without


@pytest.mark.parametrize("width", [340, 640])
def test_nothing_lies_outside_of_the_drawing(told, width):
    """Words by their number of letters, as `paper.figure` counts them."""
    drawn = str(through(told, dataclasses.replace(ABOUT, width=width), dose_s=told.whole.end_s))
    for x, anchor, words in re.findall(r'<text[^>]*? x="([-\d.]+)"[^>]*?(?:text-anchor="(\w+)")?>([^<]*)<', drawn):
        wide = 6.9 * len(words)
        left = float(x) - {"": 0, "middle": wide / 2, "end": wide}[anchor]
        assert left >= -1, words
        assert left + wide <= width + 12, words


def test_the_table_has_every_number_of_the_picture(told):
    rows = list(csv.DictReader(io.StringIO(through_csv(told, ABOUT, dose_s=300))))
    assert [row["stretch"] for row in rows].count("window") == 3 * 6
    assert [row["stretch"] for row in rows].count("baseline") == 3
    assert rows[-1]["stretch"] == "dose"
    assert rows[-1]["begin_s"] == "300.0"
    assert {row["source_sha256"] for row in rows} == {HASH}
    for each in told.windows:
        row = next(one for one in rows if float(one["begin_s"]) == each.begin_s and one["measure"] == "rmssd")
        measure = next(one for one in each.measures if one.name == "rmssd")
        assert float(row["value"]) == measure.value
        assert (row["unit"], int(row["n"])) == ("ms", measure.n)
        assert row["doubtful"] == ("yes" if each.doubtful else "no")


def test_a_window_without_intervals_says_why(told):
    empty = dataclasses.replace(told.windows[1], measures=(), valid_percent=0.0)
    rows = csv.DictReader(io.StringIO(through_csv(dataclasses.replace(told, windows=(*told.windows, empty)), ABOUT)))
    why = [row["why_none"] for row in rows if row["why_none"]]
    assert why == ["Too few intervals end in this window."] * 3


def test_eight_hours_are_told_in_hours_and_doubt_in_the_notes():
    rr = np.tile(beats(), 24)
    for start in range(0, 36_000, 3_000):
        rr[start + 100 : start + 220 : 6] *= 2
    told = session(intervals(rr))
    drawn = str(through(told, dataclasses.replace(ABOUT, width=340)))
    assert "hours from the first beat" in drawn
    assert "more, see the table" in re.sub("</text><text[^>]*>", " ", drawn)


@pytest.mark.parametrize(
    ("change", "options", "words"),
    [
        (lambda told: dataclasses.replace(told, windows=told.windows[:1]), {}, "fills 1 of the 2 windows"),
        (lambda told: told, {"dose_s": -1}, "A dose at -1 s is not within"),
        (lambda told: told, {"dose_s": 1e6}, "is not within the recording"),
    ],
)
def test_what_cannot_be_drawn_is_told(told, change, options, words):
    with pytest.raises(BadInput, match=words):
        through(change(told), ABOUT, **options)


def test_a_change_of_a_hair_does_not_fill_the_panel(told):
    def heights(values):
        windows = [
            dataclasses.replace(each, measures=tuple(dataclasses.replace(one, value=value) for one in each.measures))
            for each, value in zip(told.windows, values, strict=True)
        ]
        drawn = str(through(dataclasses.replace(told, windows=tuple(windows), baseline=None), ABOUT))
        return [float(each) for each in re.findall(r'<circle class="[^"]+" cx="[^"]+" cy="([^"]+)"', drawn)]

    hair, wave = heights([74.0, 74.1, 74.2, 74.3, 74.4, 74.5]), heights([60.0, 70, 80, 90, 100, 110])
    assert max(hair) - min(hair) < 0.1 * (max(wave) - min(wave))
