"""The bar of a washout: what it says, and that its labels stay inside the drawing and apart."""

import re

import pytest

from asklepion.flows.worksheet import Washout
from asklepion.web.svg import washout


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (Washout(9, 29, 7), "Day 9 today; 29 days are needed, the last 7 of them for stability."),
        (Washout(0, 14, 0), "Day 0 today; 14 days are needed."),
    ],
)
def test_it_says_in_words_what_it_draws(days, words):
    assert washout.in_words(days) == words
    assert str(washout.bar(days, id="f1")).count(words) == 2


def test_both_drawings_have_ids_of_their_own():
    ids = re.findall(r'id="([^"]+)"', str(washout.bar(Washout(9, 29, 7), id="f1")))
    assert len(ids) == len(set(ids)) == 4


@pytest.mark.parametrize("passed", [0, 1, 9, 22, 27, 28, 29, 30, 87, 266, 2034])
@pytest.mark.parametrize(("needed", "stable"), [(29, 7), (87, 7), (1, 0), (14, 0)])
def test_labels_stay_inside_and_apart(passed, needed, stable):
    for width in (560, 300):
        drawing = str(washout._drawn(Washout(passed, needed, stable), width, id="x", when="that day"))
        spans = []
        for x, y, rest, words in re.findall(r'<text[^>]*? x="([\d.]+)" y="(\d+)"([^>]*)>([^<]+)<', drawing):
            long = len(words) * washout._LETTER[width]
            anchor = re.search(r'text-anchor="(\w+)"', rest)
            left = float(x) - {"middle": long / 2, "end": long}.get(anchor.group(1) if anchor else "", 0)
            spans.append((y, left, left + long, words))
        assert spans
        for y, left, right, words in spans:
            assert left >= -1, (words, left)
            assert right <= width + 1, (words, right)
            others = [each for each in spans if each[0] == y and each[3] != words]
            assert all(right <= other[1] or other[2] <= left for other in others), (words, others)


@pytest.mark.parametrize(("passed", "look"), [(28, "edgef"), (29, "af"), (30, "af")])
def test_it_is_coloured_as_clear_from_its_day_on(passed, look):
    assert f'class="{look}"' in str(washout.bar(Washout(passed, 29, 7), id="f1"))
