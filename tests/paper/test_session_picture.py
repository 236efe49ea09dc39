"""The heart through a session, drawn from simulated intervals."""

import dataclasses

import numpy as np
import pytest

from asklepion.paper.figure import About
from asklepion.paper.session import through
from asklepion.paper.style import standalone
from asklepion.signals.heart.intervals import intervals
from asklepion.signals.heart.session import session

ABOUT = About(id="s", title="The heart", unit="")


@pytest.fixture(scope="module")
def told():
    rng = np.random.default_rng(4)
    return session(intervals(800 + 40 * np.sin(np.arange(1500) / 5) + rng.normal(size=1500) * 10), window_s=200.0)


def test_a_mark_for_each_window_and_a_line_between(told):
    drawn = str(through(told, ABOUT))
    windows = len(told.windows)
    assert windows >= 5
    assert drawn.count('<circle class="af"') == windows
    assert drawn.count('<rect class="bf"') == windows
    assert drawn.count('class="ln ') == 2 * (windows - 1)
    assert "heart rate, a minute" in drawn
    assert f"{windows} windows of 200 s" in drawn
    assert standalone(through(told, ABOUT)).startswith("<?xml")


def test_no_line_goes_across_a_gap_and_doubt_is_hollow(told):
    empty = dataclasses.replace(told.windows[1], measures=())
    doubtful = dataclasses.replace(told.windows[3], valid_percent=80.0)
    windows = (told.windows[0], empty, told.windows[2], doubtful, *told.windows[4:])
    drawn = str(through(dataclasses.replace(told, windows=windows), ABOUT))
    assert drawn.count('class="ln ') == 2 * (len(windows) - 3)
    assert drawn.count('class="hol ') == 2


def test_less_than_two_windows_is_no_picture(told):
    assert through(dataclasses.replace(told, windows=told.windows[:1]), ABOUT) == ""
